#!/bin/sh
# What people and strangers see of a real sshd when they get it wrong: mistyped codes, a budget of
# guesses that only the key's owner can use up, answers that tell nothing apart, two keys of two
# people.
# shellcheck disable=SC2046,SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

SHIPPED=22
PLANTED=2022      # keys from ~/.ssh/authorized_keys
KBDINT=2122       # no key
TWO_KEYS=2222     # two different keys

coded='typo locked flooded busy'

write_policy() {
    printf -- '---\nadperm: 1\nprofiles:\n'
    for name in $coded new none late one two; do
        printf '  %s@acme.example: {login: %s, ssh_keys: ["%s"]}\n' "$name" "$name" \
            "$(cut -d' ' -f1,2 $W/keys/$name.pub)"
    done
    printf '  away@acme.example: {login: away, suspended: true, ssh_keys: ["%s"]}\n' "$(cut -d' ' -f1,2 $W/keys/away.pub)"
    printf '  both@acme.example: {ssh_keys: ["%s", "%s"]}\n' \
        "$(cut -d' ' -f1,2 $W/keys/both1.pub)" "$(cut -d' ' -f1,2 $W/keys/both2.pub)"
    cat <<END
owners:
  ops@acme.example:
    servers: {$SERVER: {accounts: [shop]}}
    grants:
      - to: [typo@acme.example, locked@acme.example, flooded@acme.example, busy@acme.example, new@acme.example, away@acme.example]
        servers: {$SERVER: [ssh_users]}
        require_2fa: true
      - {to: none@acme.example, servers: {$SERVER: [consumption]}}
      - {to: late@acme.example, servers: {$SERVER: [ssh_users]}, expires: 2020-01-01}
      - to: [one@acme.example, two@acme.example, both@acme.example]
        accounts: {shop: [ssh]}
...
END
}

world_user $coded new none late away one two shop outsider
world_key $coded new none late away one two both1 both2 stranger outsider
for name in $coded new none late away outsider; do
    world_plant $name $name
done
world_plant busy stranger
for name in one two both1 both2; do
    world_plant shop $name
done
write_policy >$W/policy.yaml
world_compile $W/policy.yaml || world_die "the policy does not compile"
world_adpermd
for name in $coded; do
    world_enrol $name@acme.example
done
world_sshd $SHIPPED shipped
world_sshd $PLANTED 'AuthenticationMethods publickey,keyboard-interactive:pam'
world_sshd $KBDINT 'AuthenticationMethods keyboard-interactive'
world_sshd $TWO_KEYS 'AuthenticationMethods publickey,publickey'

# wrong PERSON [DAYS]: a code of another day, which is as good as any wrong one.
wrong() {
    world_code "$1@acme.example" $((${2:-1} * 2880))
}

# --- mistyping -----------------------------------------------------------------------------------

ok "a mistyped code, then the right one, in one connection" enters typo key=typo \
    code="$(wrong typo) $(world_code typo@acme.example)" option=NumberOfPasswordPrompts=3
is "has been asked for twice" "$(wc -l <$W/out.asked)" 2

# --- the budget ----------------------------------------------------------------------------------

for day in 1 2 3 4; do
    ok "wrong code $day" refused_for bad_code locked key=locked code="$(wrong locked $day)"
done
ok "wrong code 5" refused_for 'bad_code\|locked' locked key=locked code="$(wrong locked 5)"
ok "then even the right one must wait" refused_for locked locked key=locked \
    code="$(world_code locked@acme.example)"
ok "and the person is told so" grep -q 'Too many wrong codes. Try again in [0-9]* minutes' $W/out

for n in 1 2 3 4 5 6 7 8; do
    try flooded code="$(wrong flooded)" port=$KBDINT out=$W/flood.$n &
    floods="${floods-} $!"
done
wait $floods
ok "t60 strangers without the key use up nobody's guesses" enters flooded key=flooded \
    code="$(world_code flooded@acme.example)"

# --- answers that tell nothing ---------------------------------------------------------------------

# seen USER WORD...: all that the client saw, with the user's name taken out.
seen() {
    try "$@" option=LogLevel=INFO
    cat $W/out.asked $W/out | sed "s/$1/USER/g"
}

reference=$(seen busy key=busy code="$(wrong busy)" port=$PLANTED)
ok "t55 a wrong code is answered with a prompt and a refusal" \
    [ "$(echo "$reference" | grep -c 'Verification code:\|Permission denied')" = 2 ]
while read -r name reason; do
    is "t55 $reason looks the same" "$(seen $name key=$name code=000000 port=$PLANTED)" "$reference"
    ok "t55 and the log knows" logged_reason $name $reason
done <<END
none no_grant
late expired
away suspended
new not_enrolled
outsider unmanaged
END
chmod 666 /var/lib/adperm/policy.cdb
is "t55 a policy that cannot be read looks the same" "$(seen none key=none code=000000 port=$PLANTED)" "$reference"
ok "t55 and the log knows" logged_reason none policy_unsafe_path
chmod 640 /var/lib/adperm/policy.cdb
kill -STOP $ADPERMD_PID
is "t55 an adpermd that does not answer looks the same" "$(seen flooded key=flooded code=000000 port=$PLANTED)" "$reference"
kill -CONT $ADPERMD_PID
is "t55 a key of nobody looks the same" \
    "$(seen busy key=stranger code=000000 port=$PLANTED)" "$reference"
reference=$(seen busy code=000000 port=$KBDINT)
is "t55 without a key, a user that does not exist looks like one that does" \
    "$(seen nosuchuser code=000000 port=$KBDINT)" "$reference"
is "t55 and like one that the policy does not know" \
    "$(seen outsider code=000000 port=$KBDINT)" "$reference"

# --- two keys --------------------------------------------------------------------------------------

# with_keys FIRST SECOND: words for a login that proves both.
with_keys() {
    echo "option=IdentityFile=$W/keys/$1 option=IdentityFile=$W/keys/$2 port=$TWO_KEYS"
}

ok "two keys of one person" enters_as both@acme.example shop $(with_keys both1 both2)
ok "two keys of two people are nobody's" refused_for foreign_key shop $(with_keys one two)
ok "whichever comes first" refused_for foreign_key shop $(with_keys two one)
tap_done
