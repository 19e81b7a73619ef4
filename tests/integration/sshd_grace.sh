#!/bin/sh
# A code that counts for a while, on a real sshd: who is not asked again, who is, and what ends it.
# shellcheck disable=SC2046,SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

EMAIL=anna@acme.example

# write_policy GRACE [LINE-OF-ANNA]
write_policy() {
    cat >$W/policy.yaml <<END
---
adperm: 1
profiles:
  $EMAIL:
    login: anna${2:+
    $2}
    ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/anna.pub)", "$(cut -d' ' -f1,2 $W/keys/anna2.pub)"]
owners:
  ops@acme.example:
    servers: {$SERVER: {accounts: [shop]}}
    grants:
      - {to: $EMAIL, servers: {$SERVER: [ssh_users]}, require_2fa: true, grace: $1}
...
END
    world_compile $W/policy.yaml || world_die "the policy does not compile"
}

# A code of a later half minute each time, as adpermd takes none twice; two steps are enough for a
# minute, so the state is that of a new enrolment when they are used up.
step=-2
# given WORD...: one login with a fresh code, which was asked for.
given() {
    step=$((step + 1))
    [ $step -le 1 ] || { world_enrol_again && step=0; }
    enters anna key=anna code=$(world_code $EMAIL $step) "$@" && asked
}
asked() {
    grep -q 'code:' $W/out.asked
}
# free USER WORD...: one login, and nothing was asked.
free() {
    enters "$@" && not asked
}
# asks WORD...: one login without a code, which was asked for.
asks() {
    not enters anna "$@" && asked
}
world_enrol_again() {
    "$BUILD/adperm" totp remove $EMAIL >/dev/null
    world_enrol $EMAIL
}

world_user anna shop
world_key anna anna2
write_policy 8h
world_adpermd
world_enrol $EMAIL
world_sshd 22 shipped

ok "asked the first time" given
ok "not the second" free anna key=anna
is "which the log says" "$(world_lines 'phase=auth' | world_field hint)" grace
ok "nor on an account" free shop key=anna
ok "the session knows who it is" enters_as $EMAIL anna key=anna
ok "from another address asked" asks key=anna from=127.0.0.2
ok "with another key asked" asks key=anna2
is "listed" "$("$BUILD/adperm" totp grace list $EMAIL | awk 'NR == 2 { print $1, $2, $3 }')" \
    "$EMAIL sshd 127.0.0.1"
is "also for programs" "$("$BUILD/adperm" totp grace --json |
    python3 -c 'import json, sys; (g,) = json.load(sys.stdin); print(g["profile"], g["service"], g["from"], g["key"][:7])')" \
    "$EMAIL sshd 127.0.0.1 SHA256:"
kill $ADPERMD_PID
world_wait "the end of adpermd" not kill -0 $ADPERMD_PID 2>/dev/null
world_adpermd
ok "adpermd started anew: not asked" free anna key=anna
"$BUILD/adperm" totp grace revoke $EMAIL >$W/revoked
is "revoked, it says so" "$(cat $W/revoked)" "$EMAIL: no earlier code counts any more"
is "nothing is listed" "$("$BUILD/adperm" totp grace list | wc -l)" 1
ok "revoked: asked" asks key=anna

given
ok "a grant that is another: asked" eval 'write_policy 7h; asks key=anna'
ok "as it was: not asked" eval 'write_policy 8h; free anna key=anna'
ok "lines elsewhere move nothing" eval 'sed -i "2i # a remark" $W/policy.yaml && world_compile $W/policy.yaml && free anna key=anna'
ok "a wrong code from elsewhere" refused_for bad_code anna key=anna from=127.0.0.2 code=000000
ok "ends it" asks key=anna

given
# applied MARK: with the tool, as an administrator does; with a line that suspends her or without.
applied() {
    sed "s/login: anna/&${1-}/" $W/policy.yaml >$W/applied.yaml
    "$BUILD/adperm" apply --server $SERVER --yes --allow-lockout $W/applied.yaml >$W/apply.out 2>&1 ||
        sed 's/^/# /' $W/apply.out
}
applied
ok "applied as it is: not asked" free anna key=anna
applied '\n    suspended: true'
ok "suspended: not let in" refused_for keys:suspended anna key=anna
applied
ok "let in again: asked" asks key=anna

given
# given_back: by root, and undone by root.
given_back() {
    "$BUILD/adperm" renounce --profile $EMAIL --owner ops@acme.example --adperm-people "$BUILD/adperm-people" \
        --policy $W/policy.yaml >$W/renounced && refused_for keys:renounced anna key=anna &&
        "$BUILD/adperm" readmit --profile $EMAIL --owner ops@acme.example --adperm-people "$BUILD/adperm-people" \
            >$W/renounced
}
ok "given back, and granted again" given_back
ok "asked" asks key=anna
given
kill -STOP $ADPERMD_PID
ok "the same while adpermd does not answer" given_back
kill -CONT $ADPERMD_PID
ok "asked, too" asks key=anna

given
ok "a new enrolment ends it" eval 'world_enrol_again; asks key=anna'
step=-2 && given
ok "adpermd gone: asked, and refused" eval 'kill $ADPERMD_PID; wait $ADPERMD_PID; refused_for daemon_unreachable anna key=anna code=123456'
tap_done
