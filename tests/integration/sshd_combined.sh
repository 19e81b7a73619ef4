#!/bin/sh
# A password and a code in one answer, in the stack of conf/pam.d/combined as it is shipped: sshd's
# method "password" gives it one answer, as PostgreSQL and FTP servers do. Strangers, who do not know
# the password, use up neither codes nor guesses.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

PORT=2022
coded='bob flooded replayed spare lost new'

write_policy() {
    printf -- '---\nadperm: 1\nprofiles:\n'
    for name in plain $coded none; do
        printf '  %s@acme.example: {login: %s}\n' $name $name
    done
    printf 'owners:\n  ops@acme.example:\n    servers: {%s: {}}\n    grants:\n' $SERVER
    printf '      - {to: plain@acme.example, servers: {%s: [database_users]}}\n' $SERVER
    printf '      - {to: none@acme.example, servers: {%s: [consumption]}}\n' $SERVER
    for name in $coded; do
        printf '      - {to: %s@acme.example, servers: {%s: [database_users]}, require_2fa: true}\n' \
            $name $SERVER
    done
    printf '...\n'
}

world_user plain $coded none
world_password plain $coded none
write_policy >$W/policy.yaml
world_compile $W/policy.yaml || world_die "the policy does not compile"
world_adpermd
for name in bob flooded replayed spare lost; do
    world_enrol $name@acme.example
done
"$BUILD/adperm" totp recovery --raw lost@acme.example >$W/secrets/recovery
cp $W/src/conf/pam.d/combined /etc/pam.d/combined
ln -s /usr/sbin/sshd $W/combined
SSHD=$W/combined
world_sshd $PORT 'AuthenticationMethods password' 'PasswordAuthentication yes'

# in_with NAME PASSWORD: one login with that answer.
in_with() {
    try "$1" password="$2" port=$PORT out="$W/$1.out" option=PubkeyAuthentication=no &&
        grep -q "^LOGGED IN user=$1 profile=$1@acme.example" "$W/$1.out"
}

code=$(world_code replayed@acme.example)
at_once plain in_with plain $PASSWORD
at_once bob in_with bob $PASSWORD$(world_code bob@acme.example)
at_once lost in_with lost "$PASSWORD $(head -n 1 $W/secrets/recovery)"
at_once replayed in_with replayed $PASSWORD$code
met
ok "who needs no code types a password" came plain
ok "who needs one types it behind" came bob
ok "a recovery code behind a blank" came lost
ok "a code" came replayed

# Every refusal takes as long as pam_unix wants; all at once.
world_mark
spare=$(world_code spare@acme.example)
for turn in 1 2 3 4 5 6 7 8; do
    at_once flood.$turn try flooded password=guess-${turn}000000 port=$PORT out=$W/flood.$turn
done
at_once spare in_with spare wrong$spare
at_once again in_with replayed $PASSWORD$code
at_once short in_with bob $PASSWORD
at_once new in_with new ${PASSWORD}123456
at_once none in_with none $PASSWORD
met
for row in 'replayed replay' 'bob bad_code' 'new not_enrolled' 'none no_grant'; do
    ok "refused: $row" logged_reason $row
done
is "strangers were not even looked at" "$(world_lines 'user="spare"' ; world_lines 'user="flooded"')" ""
for cell in spare again short new none; do
    ok "let in: not $cell" [ ! -e $W/cell.$cell ]
done
is "each looks as README has it" \
    "$(sed -n 's/^[^ ]*@[^ ]*: /NAME@HOST: /p' $W/spare.out $W/bob.out $W/new.out $W/none.out $W/flood.? | tr -d '\r' | sort -u)" \
    "$(door_says 'SSH, password')"
is "a missing code is named" \
    "$(world_lines 'user="bob"' | grep 'reason=bad_code' | world_field hint)" no_code
ok "a right code behind a wrong password was not spent" in_with spare $PASSWORD$spare
ok "a flood of strangers has cost no guess" \
    in_with flooded $PASSWORD$(world_code flooded@acme.example)
ok "no password is in the log" not grep -q -e "$PASSWORD" -e guess- $W/log
tap_done
