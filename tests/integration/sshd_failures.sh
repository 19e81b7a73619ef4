#!/bin/sh
# What logins through a real sshd do while something breaks under them: the database is overwritten
# or changed, adpermd is dead or restarted, the module is gone. Whatever happens, nobody gets in who
# would not otherwise, sshd goes on, and the break-glass user is let in.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

PLANTED=2022      # keys from ~/.ssh/authorized_keys, so that refused people come as far as PAM
DB=/var/lib/adperm/policy.cdb

# Each case has somebody of its own, so that no code has been used before.
coded='c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11 c12'

# write_policy PERMISSION: what everybody with the flag has.
write_policy() {
    printf -- '---\nadperm: 1\nprofiles:\n'
    for name in plain none $everybody; do
        printf '  %s@acme.example: {login: %s, ssh_keys: ["%s"]}\n' "$name" "$name" \
            "$(cut -d' ' -f1,2 "$W/keys/$name.pub")"
    done
    printf 'owners:\n  ops@acme.example:\n    servers: {%s: {accounts: [shop]}}\n' $SERVER
    printf '    grants:\n'
    printf '      - {to: plain@acme.example, servers: {%s: [ssh_users]}}\n' $SERVER
    printf '      - {to: none@acme.example, servers: {%s: [consumption]}}\n' $SERVER
    for name in $everybody; do
        printf '      - {to: %s@acme.example, servers: {%s: [%s]}, require_2fa: true}\n' \
            "$name" $SERVER "$1"
    done
    printf '...\n'
}

everybody=$coded

install_policy() {
    write_policy "$1" >$W/policy.yaml
    world_compile $W/policy.yaml || world_die "the policy does not compile"
}

# meanwhile COMMAND...: begins the login of the next person with the flag, who is then $who, runs
# the command once the code has been asked for, then lets the login go on. Leaves what came of it in
# $W/out and the log, and the code in $code.
meanwhile() {
    who=${coded%% *}
    coded=${coded#* }
    gate_make $W/gate
    world_mark
    code=$(world_code "$who@acme.example")
    try "$who" key="$who" code="$code" gate=$W/gate &
    meanwhile_pid=$!
    gate_wait $W/gate 1
    "$@"
    gate_open $W/gate
    wait $meanwhile_pid
}

# refused_while REASONS COMMAND...
refused_while() {
    refused_reason=$1
    shift
    if meanwhile "$@" || grep -q '^LOGGED IN' $W/out; then
        echo "#   was let in"
        return 1
    fi
    logged_reason "$who" "$refused_reason"
}

sshd_lives() {
    kill -0 "$SSHD_PID" 2>/dev/null
}

restore() {
    cp $W/good.cdb $DB
}

# --- the world -----------------------------------------------------------------------------------

world_user plain none $coded shop $BREAKGLASS
world_key plain none $coded glass
world_plant plain plain
world_plant none none
world_plant $BREAKGLASS glass
install_policy ssh_users
cp $DB $W/good.cdb
world_adpermd
for name in $coded; do
    world_enrol "$name@acme.example"
done
world_sshd $PLANTED 'AuthenticationMethods publickey,keyboard-interactive:pam'
world_sshd 22 shipped

# --- test 20: the database changes under a login --------------------------------------------------

size=$(wc -c <$DB)
truncate_it() {
    truncate -s "$1" $DB
}
overwrite_it() {
    head -c "$size" /dev/urandom | dd of=$DB conv=notrunc 2>/dev/null
}
zero_it() {
    head -c "$size" /dev/zero | dd of=$DB conv=notrunc 2>/dev/null
}
for length in 0 1 2047 2048 $((size / 2)) $((size - 1)); do
    ok "t20 cut to $length bytes while the code is asked for" \
        refused_while 'policy_.*' truncate_it $length
    restore
done
ok "t20 overwritten with noise" refused_while 'policy_.*' overwrite_it
restore
ok "t20 overwritten with zeros" refused_while 'policy_.*' zero_it
restore
ok "t20 removed" refused_while policy_missing rm $DB
restore && chgrp adperm-clients $DB && chmod 640 $DB
ok "t20 made writable for its group" refused_while policy_unsafe_path chmod 660 $DB
chmod 640 $DB

# Noise all the time: logins find a good database or a bad one, but never more than they are given.
flicker() {
    while [ -e $W/flicker ]; do
        truncate_it $((size / 3))
        restore
        zero_it
        restore
    done
}
: >$W/flicker
flicker &
flicker_pid=$!
world_mark
logins=''
for n in 1 2 3 4 5 6 7 8; do
    try none key=none code=000000 port=$PLANTED out=$W/none.$n &
    logins="$logins $!"
    try plain key=plain port=$PLANTED out=$W/plain.$n &
    logins="$logins $!"
done
wait $logins
rm $W/flicker
wait $flicker_pid
restore
ok "t20 flickering: whoever has no grant never gets in" \
    [ "$(cat $W/none.* | grep -c 'LOGGED IN')" = 0 ]
ok "t20 flickering: every refused login of that person was decided, none just died" \
    [ "$(world_lines 'user="none"' | grep -c 'phase=auth dec=deny')" = 8 ]
ok "t20 flickering: nobody is more than who they are" \
    [ "$(cat $W/plain.* | grep 'LOGGED IN' | grep -vc 'profile=plain@acme.example')" = 0 ]
ok "t20 sshd lives" sshd_lives
ok "t20 and lets people in again" enters plain key=plain

# --- the policy changes while the code is asked for ------------------------------------------------

ok "t42 the grant goes while the code is asked for" refused_while 'no_grant' \
    install_policy firewall_rules
install_policy ssh_users
# --- adpermd ---------------------------------------------------------------------------------------

ok "key and code" meanwhile true
next=$(world_code "$who@acme.example" 1)
kill -9 $ADPERMD_PID
ok "adpermd killed: a flagged grant is refused" refused_for daemon_unreachable "$who" key="$who" \
    code="$next"
ok "adpermd killed: a plain grant needs none" enters plain key=plain
rm -f /run/adperm/auth.sock
world_adpermd
ok "t57 adpermd killed and started again: the code it took before" \
    refused_for replay "$who" key="$who" code="$code"
ok "t57 the next code is taken" enters "$who" key="$who" code="$next"

# --- break glass -----------------------------------------------------------------------------------

ok "break-glass: lets in when all is well" enters $BREAKGLASS key=glass
kill $ADPERMD_PID
rm $DB
rm $W/security/pam_adperm.so
ok "break-glass: lets in with module, database and adpermd gone" enters $BREAKGLASS key=glass
ok "the module gone: nobody else by key" not enters plain key=plain port=$PLANTED
ok "the module gone: nor root" not enters root key=glass

tap_done
