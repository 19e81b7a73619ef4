#!/bin/sh
# Test 56 through a real sshd: one key and one code, 64 logins at once. Exactly one gets in, each
# round with another person.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

ROUNDS='1 2 3'
LOGINS=64

write_policy() {
    printf -- '---\nadperm: 1\nprofiles:\n'
    for round in $ROUNDS; do
        printf '  p%s@acme.example: {login: p%s, ssh_keys: ["%s"]}\n' "$round" "$round" \
            "$(cut -d' ' -f1,2 "$W/keys/p$round.pub")"
    done
    printf 'owners:\n  ops@acme.example:\n    servers: {%s: {accounts: [shop]}}\n' $SERVER
    printf '    grants:\n'
    for round in $ROUNDS; do
        printf '      - {to: p%s@acme.example, servers: {%s: [ssh_users]}, require_2fa: true}\n' \
            "$round" $SERVER
    done
    printf '...\n'
}

# race PERSON: how many of the logins got in. The code is made when all have been asked for it.
race() {
    gate_make $W/gate
    rm -f $W/race.*
    logins=''
    for n in $(seq $LOGINS); do
        try "$1" key="$1" gate=$W/gate out="$W/race.$n" &
        logins="$logins $!"
    done
    gate_wait $W/gate $LOGINS
    gate_open $W/gate "$(world_code "$1@acme.example")"
    wait $logins
    cat $W/race.* | grep -c '^LOGGED IN'
}

for round in $ROUNDS; do
    world_user "p$round"
    world_key "p$round"
done
write_policy >$W/policy.yaml
world_compile $W/policy.yaml || world_die "the policy does not compile"
world_adpermd
for round in $ROUNDS; do
    world_enrol "p$round@acme.example"
done
world_sshd 22 shipped

for round in $ROUNDS; do
    world_mark
    is "t56 round $round: $LOGINS logins with one code, one gets in" "$(race "p$round")" 1
    world_lines 'phase=auth' >$W/lines
    is "t56 round $round: all have been judged" "$(wc -l <$W/lines)" $LOGINS
    is "t56 round $round: and all but one turned down for the code" \
        "$(grep -c 'reason=replay\|reason=bad_code\|reason=locked' $W/lines)" $((LOGINS - 1))
done
tap_done
