# shellcheck shell=sh disable=SC2034,SC2174 # much here is for the scripts that read this
# A world of its own for the demo and the tests on a real sshd: private mounts, processes and
# network, with a root file system that looks like the machine's but whose /etc, /home, /root, /run,
# /tmp, /var and /dev are fresh. In it our module, adpermd and adperm-keys stand where a package
# would put them, wired by the very files under conf/. Nothing of it is seen outside, and all of it
# is gone when the program that entered it ends.
#
#     top=$(cd "$(dirname "$0")/../.." && pwd)
#     . "$top/tests/integration/world.sh"
#     world_enter "$0" "$@"     # runs the program again inside the world, and returns only there
#
# Needs root and what `make` builds: adperm, adpermd, adperm-keys, pam_adperm.so, and the helpers
# tests/integration/privately and tests/integration/logsink, all in $BUILD (default: build/ of the tree).

set -u

W=/run/world                    # what belongs to the test itself
BUILD=${BUILD:-$top/build}
SERVER=web1.acme.example        # the server that the world plays
BREAKGLASS=adperm-bg            # the break-glass user, as the files under conf/ call it
SSHD=/usr/sbin/sshd             # a link with another name reads another file of pam.d
# The password of everybody who has one. Its hash stands here so that no tool is needed to make it.
PASSWORD=winter-2019
# shellcheck disable=SC2016
PASSWORD_HASH='$6$rounds=1000$adpermworld$BAbsf0GMW7o9lmuj1GMnLYcEuiwx.LZMKVbJbKPAjkxOCuvYbe9ZEiqYbzO/KAdH4ZAfHnUC8tSVgbMiviq690'

world_die() {
    echo "$(basename "$0"): $*" >&2
    exit 2
}

# world_wait WHAT COMMAND...: until the command succeeds, a minute at most: machines may be slow.
world_wait() {
    world_wait_for=$1
    shift
    world_turns=3000
    until "$@"; do
        world_turns=$((world_turns - 1))
        if [ "$world_turns" -eq 0 ]; then
            tail -n 5 $W/adpermd.out $W/sshd.* $W/log >&2
            world_die "waited in vain for $world_wait_for"
        fi
        sleep 0.02
    done
}

world_enter() {
    if [ "${ADPERM_WORLD-}" = inside ]; then
        world_make
        return
    fi
    [ "$(id -u)" -eq 0 ] || world_die "this needs root, for namespaces of its own"
    for world_part in adperm adpermd adperm-keys adperm-self pam_adperm.so tests/integration/privately tests/integration/logsink; do
        [ -e "$BUILD/$world_part" ] || world_die "$BUILD/$world_part is missing: run make first"
    done
    [ -x /usr/sbin/sshd ] || world_die "/usr/sbin/sshd is missing: run ./bootstrap deps first"
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LC_ALL=C.UTF-8 TERM="${TERM-dumb}" BUILD="$(cd "$BUILD" && pwd)" ADPERM_WORLD=inside \
        "$BUILD/tests/integration/privately" "$@"
}

world_make() {
    umask 022
    # The sources may lie below a directory that is about to be covered.
    exec 3<"$top" 4<"$BUILD"
    mount -t tmpfs -o mode=755 world /run || world_die "cannot mount a tmpfs"
    mkdir -p $W/src $W/build $W/keys $W/secrets $W/top
    mount -c --bind /proc/self/fd/3 $W/src
    mount -c --bind /proc/self/fd/4 $W/build
    exec 3<&- 4<&-
    world_built=$BUILD top=$W/src BUILD=$W/build
    cd $W || exit 2

    world_make_dev
    world_make_etc
    world_make_module
    for world_dir in home root tmp var; do
        mkdir -p $W/top/$world_dir
    done
    chmod 700 $W/top/root
    chmod 1777 $W/top/tmp
    mkdir -p $W/top/var/log $W/top/var/tmp $W/top/var/lib/adperm $W/top/var/mail
    ln -s /run $W/top/var/run
    for world_dir in dev etc home root tmp var; do
        mount --rbind $W/top/$world_dir /$world_dir || world_die "cannot cover /$world_dir"
    done
    # A build that counts what runs writes its counts where it was made, and that may be covered now.
    if [ -e $W/build/obj/policy/cli/main.gcno ] && [ ! -d "$world_built" ]; then
        mkdir -p "$world_built" && mount --bind $W/build "$world_built"
    fi
    mkdir -p /run/sshd /run/lock
    "$BUILD/tests/integration/logsink" /dev/log $W/log &
    world_wait "the log" test -S /dev/log
    world_make_client
}

world_make_dev() {
    mkdir -p $W/top/dev/pts $W/top/dev/shm
    chmod 1777 $W/top/dev/shm
    for world_node in full null random tty urandom zero; do
        : >$W/top/dev/$world_node
        mount --bind /dev/$world_node $W/top/dev/$world_node || world_die "no /dev/$world_node"
    done
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts $W/top/dev/pts
    ln -s pts/ptmx $W/top/dev/ptmx
    ln -s /proc/self/fd $W/top/dev/fd
}

# A copy of the machine's /etc (alternatives, ld.so.cache, the security modules' files) in which all
# that says who exists and how to log in is replaced.
world_make_etc() {
    cp -a /etc $W/top/etc
    cd $W/top/etc || exit 2
    rm -rf adperm pam.d ssh passwd* shadow* group* gshadow* nsswitch.conf environment nologin motd
    mkdir -m 755 adperm adperm/policy.d pam.d ssh ssh/sshd_config.d
    cat >passwd <<END
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
sshd:x:110:65534::/run/sshd:/usr/sbin/nologin
adpermd:x:111:111::/nonexistent:/usr/sbin/nologin
adperm-keys:x:112:112::/nonexistent:/usr/sbin/nologin
adperm:x:118:118::/:$W/lib/adperm-self
END
    cat >group <<END
root:x:0:
tty:x:5:
shadow:x:42:
nogroup:x:65534:
adpermd:x:111:
adperm-keys:x:112:
adperm-clients:x:113:adperm-keys
adperm:x:118:
END
    printf '%s:*:19000:0:99999:7:::\n' root adperm >shadow
    chmod 640 shadow
    chgrp 42 shadow
    printf '%s: files\n' passwd group shadow hosts >nsswitch.conf
    echo '127.0.0.1 localhost' >hosts
    : >environment
    mkdir -p default
    : >default/locale
    world_stock_pam
    cp $W/src/conf/local-users adperm/
    # Programs of ours are not installed on this machine: they stand elsewhere.
    sed "s|/usr/lib/adperm/|$W/lib/|" $W/src/conf/sshd_config.d/50-adperm.conf \
        >ssh/sshd_config.d/50-adperm.conf
    cd $W || exit 2
}

# What a fresh Debian 12 has, so that the machine's own does not matter; our lines go before it.
world_stock_pam() {
    cat >pam.d/common-auth <<END
auth [success=1 default=ignore] pam_unix.so nullok
auth requisite pam_deny.so
auth required pam_permit.so
END
    cat >pam.d/common-account <<END
account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so
account requisite pam_deny.so
account required pam_permit.so
END
    cat >pam.d/common-session <<END
session [default=1] pam_permit.so
session requisite pam_deny.so
session required pam_permit.so
session required pam_unix.so
END
    echo 'password requisite pam_deny.so' >pam.d/common-password
    for world_type in auth account session password; do
        echo "$world_type requisite pam_deny.so"
    done >pam.d/other
    cat $W/src/conf/pam.d/sshd - >pam.d/sshd <<END
@include common-auth
account required pam_nologin.so
@include common-account
session [success=ok ignore=ignore module_unknown=ignore default=bad] pam_selinux.so close
session required pam_loginuid.so
session optional pam_keyinit.so force revoke
@include common-session
session optional pam_motd.so motd=/run/motd.dynamic
session optional pam_motd.so noupdate
session optional pam_mail.so standard noenv
session required pam_limits.so
session required pam_env.so
session required pam_env.so user_readenv=1 envfile=/etc/default/locale
session [success=ok ignore=ignore module_unknown=ignore default=bad] pam_selinux.so open
@include common-password
END
}

# /etc/pam.d/cockpit as Debian 12 has it.
world_stock_cockpit() {
    cat >/etc/pam.d/cockpit <<END
#%PAM-1.0
auth       required     pam_sepermit.so
auth       substack     common-auth
auth       optional     pam_ssh_add.so
# List of users to deny access to Cockpit, by default root is included.
auth       required     pam_listfile.so item=user sense=deny file=/etc/cockpit/disallowed-users onerr=succeed
account    required     pam_nologin.so
account    include      common-account
password   include      common-password
# pam_selinux.so close should be the first session rule
session    required     pam_selinux.so close
session    required     pam_loginuid.so
# pam_selinux.so open should only be followed by sessions to be executed in the user context
session    required     pam_selinux.so open env_params
session    optional     pam_keyinit.so force revoke
session    optional     pam_ssh_add.so
session    include      common-session

# Read environment variables from /etc/environment and
# /etc/security/pam_env.conf.
session    required     pam_env.so # [1]
# In Debian 4.0 (etch), locale-related environment variables were moved to
# /etc/default/locale, so read that as well.
session    required     pam_env.so user_readenv=1 envfile=/etc/default/locale
END
}

# The module goes where libpam looks for a bare name, in a copy of that directory.
world_make_module() {
    for world_dir in /lib/*/security /lib64/security /usr/lib64/security /lib/security; do
        [ -e "$world_dir/pam_unix.so" ] && break
    done
    [ -e "$world_dir/pam_unix.so" ] || world_die "cannot find libpam's modules"
    cp -a "$world_dir" $W/security
    cp "$BUILD/pam_adperm.so" $W/security/
    mount --bind $W/security "$world_dir"
    mkdir -m 755 $W/lib
    cp "$BUILD/adperm-keys" "$BUILD/adperm-self" $W/lib/
}

world_make_client() {
    ssh-keygen -q -t ed25519 -N '' -C host -f /etc/ssh/ssh_host_ed25519_key
    echo "* $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" >$W/known_hosts
    cat >$W/ssh_config <<END
UserKnownHostsFile $W/known_hosts
GlobalKnownHostsFile none
StrictHostKeyChecking yes
HostName 127.0.0.1
KexAlgorithms curve25519-sha256
IdentitiesOnly yes
NumberOfPasswordPrompts 1
ConnectTimeout 60
ConnectionAttempts 5
END
    cat >$W/askpass <<'END'
#!/bin/sh
# Answers ssh's prompts. If a pipe $WAIT is named, waits first for its other end to be opened; the code
# may have been made while it waited.
[ -z "${WAIT-}" ] || : >"$WAIT.asked.$$"
[ -z "${WAIT-}" ] || : <"$WAIT"
[ ! -s "${WAIT:-/nonexistent}.code" ] || CODE=$(cat "$WAIT.code")
asked=$(wc -l <"$ASKED")
echo "$1" >>"$ASKED"
# shellcheck disable=SC2086
set -- "$1" $CODE
case $1 in
*[Cc]ode:*) shift "$((asked + 1))" && [ -n "${1-}" ] && printf '%s\n' "$1" ;;
*[Pp]assword:*) [ -n "$PASSWORD" ] && printf '%s\n' "$PASSWORD" ;;
*) exit 1 ;;
esac
END
    chmod 755 $W/askpass
}

world_uid=61000 # far from those of people who run the tests

# world_user NAME...: Unix users with a home directory and a locked password.
world_user() {
    for world_name; do
        world_uid=$((world_uid + 1))
        echo "$world_name:x:$world_uid:$world_uid::/home/$world_name:/bin/sh" >>/etc/passwd
        echo "$world_name:x:$world_uid:" >>/etc/group
        echo "$world_name:*:19000:0:99999:7:::" >>/etc/shadow
        mkdir -m 700 "/home/$world_name"
        chown "$world_uid:$world_uid" "/home/$world_name"
    done
}

# world_password NAME...: lets these users have the password $PASSWORD.
world_password() {
    for world_name; do
        sed -i "s|^$world_name:[^:]*:|$world_name:$PASSWORD_HASH:|" /etc/shadow
    done
}

# world_key NAME...: makes key pairs $W/keys/NAME and NAME.pub.
world_key() {
    for world_name; do
        ssh-keygen -q -t ed25519 -N '' -C "$world_name" -f "$W/keys/$world_name" || exit 2
    done
}

# world_plant NAME KEY: puts a key into a user's own authorized_keys (root's too).
world_plant() {
    world_home=$(awk -F: -v name="$1" '$1 == name { print $6 }' /etc/passwd)
    mkdir -p -m 700 "$world_home/.ssh"
    cat "$W/keys/$2.pub" >>"$world_home/.ssh/authorized_keys"
    chown -R "$1:" "$world_home/.ssh"
}

# world_compile POLICY...: compiles and installs the policy, as its slice for $SERVER.
world_compile() {
    "$BUILD/adperm" compile --server $SERVER -o /var/lib/adperm/policy.cdb "$@" \
        >$W/compile.out 2>&1 || {
        cat $W/compile.out >&2
        return 1
    }
}

world_adpermd() {
    mkdir -p /run/adperm
    "$BUILD/adpermd" --init >$W/adpermd.out 2>&1 || world_die "$(cat $W/adpermd.out)"
    "$BUILD/adpermd" --foreground >>$W/adpermd.out 2>&1 &
    ADPERMD_PID=$!
    world_wait adpermd world_adpermd_answers
}

# The socket of one that has ended stays, and is not listened to before it has its group.
world_adpermd_answers() {
    "$BUILD/adperm" totp status nobody@adperm.invalid >/dev/null 2>&1
    [ $? -ne 2 ]
}

# world_sshd PORT [LINE...]: an sshd with the configuration lines given, besides the usual ones.
# The word "shipped" stands for the drop-ins, read as Debian reads them. Leaves its process id in
# SSHD_PID.
world_sshd() {
    world_port=$1
    shift
    world_conf=/etc/ssh/sshd_config.$world_port
    cat >"$world_conf" <<END
Port $world_port
ListenAddress 127.0.0.1
HostKey /etc/ssh/ssh_host_ed25519_key
PidFile none
UsePAM yes
UseDNS no
LogLevel VERBOSE
MaxStartups 200
LoginGraceTime 300
PrintMotd no
Subsystem sftp internal-sftp
END
    for world_line; do
        [ "$world_line" != shipped ] || world_line='Include /etc/ssh/sshd_config.d/*.conf'
        echo "$world_line"
    done >>"$world_conf"
    : >"$W/sshd.$world_port"
    $SSHD -D -f "$world_conf" -E "$W/sshd.$world_port" &
    SSHD_PID=$!
    world_wait sshd grep -qs "Server listening" "$W/sshd.$world_port"
}

# world_enrol EMAIL: enrols with adpermd and keeps the secret for world_code.
world_enrol() {
    (umask 077 && "$BUILD/adperm" totp enroll --raw --no-confirm "$1" \
        >"$W/secrets/$1.uri" 2>&1) ||
        world_die "cannot enrol $1: $(cat "$W/secrets/$1.uri")"
    sed -n 's/.*[?&]secret=\([A-Z2-7]*\).*/\1/p' "$W/secrets/$1.uri" >"$W/secrets/$1"
    [ -s "$W/secrets/$1" ] || world_die "no secret for $1 in: $(cat "$W/secrets/$1.uri")"
}

# world_code EMAIL [STEPS]: prints the code of now, or of so many half minutes later. One of before is
# good until this half minute ends: it waits for the next, if that is soon.
world_code() {
    if [ "${2:-0}" -lt 0 ]; then
        while [ $(($(date +%s) % 30)) -ge 20 ]; do sleep 0.5; done
    fi
    oathtool --totp -b -N "now + $((${2:-0} * 30)) seconds" - <"$W/secrets/$1"
}

# try USER [key=NAME] [code=CODE] [password=WORD] [port=NUMBER] [from=ADDRESS] [out=FILE]
#     [gate=GATE] [run=COMMAND] [option=SSH-OPTION]...
# One login with the real client. Leaves what it printed in $W/out (or FILE) and returns 0 if the
# command ran on the other side. Prompts are answered from password= and code=, which may be several
# words for as many prompts; with gate=, only when that gate is opened. They are kept in FILE.asked.
try() {
    try_user=$1
    shift
    try_key='' try_code='' try_password='' try_port=22 try_from='' try_out=$W/out try_gate=''
    # shellcheck disable=SC2016
    try_run='echo "LOGGED IN user=$(id -un) profile=${ADPERM_PROFILE-none}"'
    try_options=''
    for try_arg; do
        try_value=${try_arg#*=}
        case $try_arg in
        key=*) try_key=$try_value ;;
        code=*) try_code=$try_value ;;
        password=*) try_password=$try_value ;;
        port=*) try_port=$try_value ;;
        from=*) try_from=$try_value ;;
        out=*) try_out=$try_value ;;
        gate=*) try_gate=$try_value ;;
        run=*) try_run=$try_value ;;
        option=*) try_options="$try_options -o$try_value" ;;
        *) world_die "try: unknown word $try_arg" ;;
        esac
    done
    : >"$try_out.asked"
    # shellcheck disable=SC2086
    WAIT=$try_gate ASKED=$try_out.asked CODE=$try_code PASSWORD=$try_password \
        SSH_ASKPASS=$W/askpass SSH_ASKPASS_REQUIRE=force \
        setsid -w timeout 120 ssh -F $W/ssh_config -p "$try_port" $try_options \
        ${try_key:+-i "$W/keys/$try_key"} ${try_from:+-b "$try_from"} \
        "$try_user@$SERVER" "$try_run" </dev/null >"$try_out" 2>&1
}

# gate_make GATE; gate_wait GATE NUMBER: until so many logins have been asked for their code and
# stand before it; gate_open GATE [CODE]: lets them all go on at once, with that code.
gate_make() {
    rm -f "$1" "$1".asked.* "$1".code
    mkfifo "$1"
}

gate_crowded() {
    [ "$(find "${1%/*}" -name "${1##*/}.asked.*" | wc -l)" -ge "$2" ]
}

gate_wait() {
    world_wait "$2 logins at the gate" gate_crowded "$1" "$2"
}

# The other end stays open, for whoever had told that he is there, but was not yet.
gate_open() {
    [ $# -lt 2 ] || echo "$2" >"$1.code"
    (exec 9<>"$1" && exec sleep 60) >/dev/null 2>&1 &
}

world_log_length=0

# world_mark: what is logged from here on is what world_lines prints.
world_mark() {
    world_sync
    world_log_length=$(wc -l <$W/log)
}

# world_lines [TEXT]: the log of the product since the mark, of lines that have TEXT in them.
world_lines() {
    world_sync
    tail -n +$((world_log_length + 1)) $W/log | grep '^adperm' | grep -F -e "${1-}"
}

# The log is a queue: what was sent before a mark of ours is written before it.
world_sync() {
    world_sync_mark="mark-$$-$(date +%s%N)"
    logger --socket-errors=on -t world "$world_sync_mark"
    world_wait "the log" grep -q "$world_sync_mark" $W/log
}

# world_field NAME: from a log line on standard input, the value of name=value or name="value".
world_field() {
    sed -n "s/.* $1=\"\\{0,1\\}\\([^\" ]*\\).*/\\1/p" | tail -n 1
}

# logged_reason USER REASON: whether the last line about that user gives this reason (a pattern for
# the whole word). A reason as `keys:expired` is adperm-keys' own, which then gave sshd no key, so
# that PAM was never asked.
logged_reason() {
    logged=$(world_lines "user=\"$1\"" | grep ' phase=' | tail -n 1 |
        sed 's/.* phase=keys.* reason=/&keys:/' | world_field reason)
    echo "$logged" | grep -qx -e "$2" || {
        echo "#   ${logged:-nothing} in the log, not $2"
        return 1
    }
}

# enters USER WORD...: words as for try; whether the login was let in.
enters() {
    world_mark
    try "$@" && grep -q '^LOGGED IN' $W/out
}

# enters_as PROFILE USER WORD...: let in, and the session knows whose it is.
enters_as() {
    enters_profile=$1
    shift
    enters "$@" && grep -q " profile=$enters_profile\$" $W/out
}

# refused_for REASON USER WORD...: not let in, and for that reason (see logged_reason).
refused_for() {
    refused_reason=$1
    shift
    if enters "$@"; then
        echo "#   was let in"
        return 1
    fi
    logged_reason "$1" "$refused_reason"
}

# at_once CELL COMMAND...: in the background. met: waits for all of them. came CELL: it succeeded.
cells=
at_once() {
    cell=$1
    shift
    ("$@" >"$W/cell.$cell.out" && : >"$W/cell.$cell") &
    cells="$cells $!"
}
met() {
    wait $cells
    cells=
}
came() {
    [ -e "$W/cell.$1" ] || sed 's/^/# /' "$W/cell.$1.out"
    [ -e "$W/cell.$1" ]
}

# door_says DOOR: how bad input looks at that door, as README.md has it.
door_says() {
    awk -F ' *[|] *' -v door="$1" '$2 == door { print $5 }' $W/src/README.md | tr -d '`'
}
