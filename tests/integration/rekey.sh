#!/bin/sh
# Test 104, with the tool: another key for the secrets, and the tool killed at every system call. The
# daemon that runs and one that is started anew open every secret, and the same command goes on.

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

adperm=$BUILD/adperm
killat=$BUILD/tests/integration/killat
key=/etc/adperm/state.key
people='alice bob carol'

size() {
    stat -c %s $key
}

# opened: whether adpermd opens everybody's secret.
opened() {
    for opened_name in $people; do
        "$adperm" totp status "$opened_name@acme.example" >/dev/null 2>$W/err || {
            sed 's/^/# /' $W/err
            return 1
        }
    done
}

rekey() {
    "$adperm" totp rekey >/dev/null
}

restart() {
    kill "$ADPERMD_PID" && wait "$ADPERMD_PID"
    rm -f /run/adperm/auth.sock
    world_adpermd
    opened || lost=$((lost + 1))
}

world_adpermd
for name in $people; do
    world_enrol "$name@acme.example"
done
cp $key $W/first
ok "t104 another key" rekey
is "t104 the file has one" "$(size)" 32
ok "t104 it is another one" not cmp -s $key $W/first
is "t104 nobody else can read it" "$(stat -c '%U %a' $key)" "root 400"
ok "t104 all secrets are opened" opened
turn=0 lost=0 both=0 status=137
restart
ok "t104 also by a daemon that has only that key" opened

while [ $status = 137 ] && [ $turn -lt 1000 ]; do
    turn=$((turn + 1))
    cp $key $W/before
    "$killat" $turn "$adperm" totp rekey >/dev/null 2>&1
    status=$?
    opened || lost=$((lost + 1))
    if ! cmp -s $key $W/before; then
        [ "$(size)" = 32 ] || both=$((both + 1))
        # A daemon that is started now knows no other keys than those of the file.
        restart
        rekey || lost=$((lost + 1))
    fi
    [ "$(size)" = 32 ] || lost=$((lost + 1))
done
is "t104 killed at each of its system calls, no secret was lost" "$lost" 0
is "t104 until it came to an end" "$status" 0
ok "t104 on the way the file had both keys ($both times of $turn)" [ $both -gt 5 ]
restart
ok "t104 in the end all secrets are opened" opened
is "t104 and no file is left beside it" "$(find /etc/adperm -name '.*' -type f)" ""
tap_done
