# shellcheck shell=sh disable=SC2034
# A bare Debian 12 for the tests of packages: unpacked into memory, with mounts, processes and network
# of its own, nothing of ours in it, and gone when the program that entered it ends.
#
#     top=$(cd "$(dirname "$0")/../.." && pwd)
#     . "$top/tests/packages/pristine.sh"
#     pristine_enter "$0" "$@"     # runs the program again inside, and returns only there
#
# Inside, /debs has the packages, /newer the same of a later version, /formats those of a version
# whose policy and state have the formats after these, and the functions of
# tests/integration/world.sh work with the installed programs. Needs what `make packages` made.

set -u

# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"

pristine_enter() {
    case ${ADPERM_PRISTINE-} in
    inside) pristine_settle ;;
    private) pristine_make "$@" ;;
    *)
        [ "$(id -u)" -eq 0 ] || world_die "this needs root, for namespaces of its own"
        [ -s "$BUILD/packages/root.tar" ] || world_die "$BUILD/packages/root.tar is missing: make packages"
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM="${TERM-dumb}" \
            BUILD="$(cd "$BUILD" && pwd)" ADPERM_PRISTINE=private ADPERM_LONG="${ADPERM_LONG-}" \
            "$BUILD/tests/integration/privately" "$@"
        ;;
    esac
}

# The root lies below another tmpfs, so that a copy of it is a matter of one overlay more.
pristine_make() {
    umask 022
    exec 3<"$top" 4<"$BUILD"
    mount -t tmpfs -o mode=755 pristine /run || world_die "cannot mount a tmpfs"
    R=/run/root
    mkdir -p $R
    tar -xf "$BUILD/packages/root.tar" -C $R || world_die "cannot unpack the root"
    mkdir -p $R/top $R/build $R/debs $R/newer $R/formats
    mount -c --bind /proc/self/fd/3 $R/top
    mount -c --bind /proc/self/fd/4 $R/build
    exec 3<&- 4<&-
    for world_dir in debs newer formats; do
        mount --bind $R/build/packages/$world_dir $R/$world_dir || world_die "no packages: make packages"
    done
    mount -t proc proc $R/proc
    mount -t tmpfs -o mode=755 run $R/run
    mkdir -p $R/run/sshd $R/run/lock
    for world_node in full null random tty urandom zero; do
        rm -f $R/dev/$world_node
        : >$R/dev/$world_node
        mount --bind /dev/$world_node $R/dev/$world_node
    done
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts $R/dev/pts
    printf '#!/bin/sh\nexit 101\n' >$R/usr/sbin/policy-rc.d
    chmod 755 $R/usr/sbin/policy-rc.d
    set -- "/top/tests/packages/${1##*/}"
    exec chroot $R env ADPERM_PRISTINE=inside DEBIAN_FRONTEND=noninteractive BUILD=/usr/sbin "$@"
}

pristine_settle() {
    cd / || exit 2
    mkdir -p $W/keys $W/secrets /var/mail
    rm -f /etc/ssh/ssh_host_ed25519_key*
    /build/tests/integration/logsink /dev/log $W/log &
    world_wait "the log" test -S /dev/log
    world_make_client
}

# quietly COMMAND...: what it says is shown if it fails, and stays in $W/said.
quietly() {
    "$@" >$W/said 2>&1 </dev/null || {
        sed 's/^/#   /' $W/said
        return 1
    }
}

says() {
    grep -q -e "$1" $W/said || {
        sed 's/^/#   /' $W/said
        return 1
    }
}

apt() {
    quietly apt-get -o Dpkg::Use-Pty=0 -o Acquire::Retries=0 -y --no-install-recommends "$@"
}

# state DIRECTORY...: what is there, to the byte.
state() {
    find "$@" | LC_ALL=C sort | while read -r state_file; do
        stat -c '%N %A %u %g' "$state_file"
        [ ! -f "$state_file" ] || sha256sum "$state_file"
    done
}

# Who can log in: a person with 2FA, one without, somebody of no policy, root and the break-glass user.
pristine_people() {
    world_user coded plain stranger $BREAKGLASS
    world_key coded plain stranger root
    for world_name in coded plain stranger; do
        world_plant $world_name $world_name
    done
    world_plant $BREAKGLASS root
    world_plant root root
}

pristine_policy() {
    cat >/etc/adperm/policy.d/acme.yaml <<END
---
adperm: 1
profiles:
  coded@acme.example: {login: coded, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/coded.pub)"]}
  plain@acme.example: {login: plain, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/plain.pub)"]}
owners:
  ops@acme.example:
    servers:
      $SERVER: {}
    grants:
      - {to: coded@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true}
      - {to: plain@acme.example, servers: {$SERVER: [ssh_users]}}
...
END
}

# sshd as Debian configures it, with room for a crowd.
pristine_sshd() {
    $SSHD -D -o MaxStartups=200 -o LogLevel=VERBOSE -E $W/sshd.22 &
    SSHD_PID=$!
    world_wait sshd grep -qs 'Server listening' $W/sshd.22
}

# wires_sshd: until sshd has read its configuration anew, and listens.
wires_sshd() {
    wires_before=$(grep -c 'Received SIGHUP' $W/sshd.22)
    quietly adperm wire --yes --no-confirm --leave none sshd && world_wait sshd sshd_has_read $wires_before
}
# sshd_has_read TIMES: more often than that.
sshd_has_read() {
    awk -v times="$1" '/Received SIGHUP/ { read++; listens = 0 } /Server listening/ { listens = 1 }
        END { exit !(read > times && listens) }' $W/sshd.22
}

# The daemon as the unit starts it, where there is no systemd to do so.
pristine_adpermd() {
    if [ -n "${ADPERMD_PID-}" ]; then
        kill $ADPERMD_PID
        wait $ADPERMD_PID
    fi
    /usr/sbin/adpermd --foreground >>$W/adpermd.out 2>&1 &
    ADPERMD_PID=$!
    world_wait adpermd world_adpermd_answers
}
