#!/bin/sh
# A program that lets people in is left as it was: the real sshd, su, sudo and login, with a session that
# a code opened, beside the same with pam_permit in our place. Compared is what each process of the login
# has then, down to what runs in the session: descriptors, signals, limits, umask, directory, children,
# and the names in the environment. (The databases' servers and vsftpd: see their own tests.)
# shellcheck disable=SC2086,SC2154,SC2329 # paths without blanks; code is set by typed; called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"
# shellcheck source=tests/integration/menu_world.sh
. "$top/tests/integration/menu_world.sh"

EMAIL=coded@acme.example

# facts PID: of one process.
facts() {
    cat /proc/$1/comm
    find /proc/$1/fd -type l -printf '%l\n' | tr -d 0-9 | sort
    grep -E '^(Sig(Blk|Ign|Cgt)|Umask|NoNewPrivs|Seccomp):' /proc/$1/status
    cat /proc/$1/limits
    readlink /proc/$1/cwd
    wc -w </proc/$1/task/$1/children
    tr '\0' '\n' </proc/$1/environ | sed 's/=.*//' | grep -v ADPERM_PROFILE | sort
}

parent_of() {
    awk '$1 == "PPid:" { print $2 }' /proc/$1/status
}

# facts_of SECONDS PROGRAM: of the session, which sleeps for so long, and of those above it that are
# the program.
facts_of() {
    world_wait "a session" pgrep -xf "sleep $1" >/dev/null
    facts_pid=$(pgrep -xf "sleep $1")
    facts $facts_pid
    facts_pid=$(parent_of $facts_pid)
    while grep -q "^$2" /proc/$facts_pid/comm; do
        facts $facts_pid
        facts_pid=$(parent_of $facts_pid)
    done
    pkill -xf "sleep $1"
}

# with_us SERVICE, without_us SERVICE: its stack, and with another module in our place.
with_us() {
    cp $W/stack.$1 /etc/pam.d/$1
}
without_us() {
    with_us $1
    sed -i 's/pam_adperm\.so.*/pam_permit.so/' /etc/pam.d/$1
}

# Each opens a session that sleeps for so many seconds, in the background; with a code, if one is given.
door_sshd() {
    try coded key=coded code="$2" run="exec sleep $1" &
}
door_su() {
    echo "$2" | as coded setsid -w su shop -c "exec sleep $1" >$W/su.out 2>&1 &
}
door_sudo() {
    echo "$2" | as coded setsid -w sudo -S sleep $1 >$W/sudo.out 2>&1 &
}
door_login() {
    {
        printf 'expect word: \npause\nsend %s\\r\n' $PASSWORD
        [ -z "$2" ] || printf 'expect code: \npause\nsend %s\\r\n' "$2"
        printf 'expect $ \nsend exec sleep %s\\r\n' "$1"
    } >$W/typing
    "$BUILD/tests/integration/onterminal" login coded <$W/typing >$W/login.out 2>&1 &
}

world_user coded shop
world_key coded
world_plant coded coded
world_password coded
cat >$W/policy.yaml <<END
---
adperm: 1
profiles:
  $EMAIL: {login: coded, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/coded.pub)"]}
owners:
  ops@acme.example:
    servers: {$SERVER: {accounts: [shop]}}
    grants:
      - {to: $EMAIL, servers: {$SERVER: [ssh_users, consumption]}, require_2fa: true}
...
END
world_compile $W/policy.yaml || world_die "the policy does not compile"
world_adpermd
menu_install
menu_sudoers 'Defaults!/usr/bin/sleep pam_service=sudo-door, timestamp_timeout=0' 'coded ALL=(root) /usr/bin/sleep'
chmod 755 $W
cp /etc/pam.d/sshd $W/stack.sshd
cp $W/src/conf/pam.d/su $W/stack.su
cp $W/src/conf/pam.d/login $W/stack.login
cp $W/src/conf/pam.d/adperm-consumption $W/stack.sudo-door
world_sshd 22 'AuthenticationMethods publickey,keyboard-interactive:pam'
facts $SSHD_PID >$W/listener

# once_each DOOR: a session without us, and one with us.
seconds=100
once_each() {
    service=$1
    [ $1 != sudo ] || service=sudo-door
    for way in without_us with_us; do
        $way $service
        "$BUILD/adperm" totp remove $EMAIL >/dev/null 2>&1
        world_enrol $EMAIL
        code=
        [ $way = without_us ] || code=$(world_code $EMAIL)
        world_mark
        seconds=$((seconds + 1))
        door_$1 $seconds "$code"
        facts_of $seconds $1 >$W/$1.$way
        wait $!
    done
}

# A program may still be about something else when the session begins: then it is looked at again.
for door in sshd su sudo login; do
    for _ in 1 2 3; do
        once_each $door
        ! cmp -s $W/$door.without_us $W/$door.with_us || break
    done
    ok "$door: it was we who let them in" [ "$(world_lines reason=ok | grep -c phase=auth)" = 1 ]
    ok "$door: there is something to compare" [ "$(grep -c '^Umask' $W/$door.with_us)" -ge 2 ]
    ok "$door: is left as without us" diff $W/$door.without_us $W/$door.with_us
done
facts $SSHD_PID >$W/listener.after
ok "sshd: and who listens, as it was" diff $W/listener $W/listener.after
tap_done
