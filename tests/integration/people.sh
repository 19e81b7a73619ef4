#!/bin/sh
# What people change, through a real sshd: somebody gives back what they hold, by themselves and by
# root, and is refused at once; the proofs that do not count; keys beside the policy; and the program
# that writes it all, killed at every system call and asked by many at once.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

OWNER=ops@acme.example
PEOPLE=/var/lib/adperm/people
ours="--adperm-people $BUILD/adperm-people"
policy="$ours --policy $W/policy.yaml"

keys() {
    cut -d' ' -f1,2 "$W/keys/$1.pub"
}

write_policy() {
    cat <<END
---
adperm: 1
profiles:
  plain@acme.example: {login: plain, ssh_keys: ["$(keys plain)"]}
  coded@acme.example: {login: coded, ssh_keys: ["$(keys coded)"]}
  other@acme.example: {login: other, ssh_keys: ["$(keys other)"]}
groups:
  staff: [plain@acme.example, other@acme.example]
owners:
  $OWNER:
    servers:
      $SERVER: {accounts: [shop]}
    grants:
      - {to: group:staff, servers: {$SERVER: [ssh_users]}}
      - {to: plain@acme.example, accounts: {shop: [ssh]}}
      - {to: coded@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true}
...
END
}

adperm() {
    "$BUILD/adperm" "$@" >$W/said 2>&1
}

said() {
    grep -qF -e "$1" $W/said || {
        sed 's/^/#   /' $W/said
        return 1
    }
}

world_user plain coded other shop $BREAKGLASS
world_key plain coded other spare second
write_policy >$W/policy.yaml
world_compile $W/policy.yaml || world_die "the policy does not compile"
world_adpermd
mkdir -p -m 700 /run/adperm/sessions
world_enrol coded@acme.example
world_sshd 22 'AcceptEnv *' shipped
"$BUILD/tests/integration/oneach" /run/adperm/people.sock "$BUILD/adperm-people" 2>$W/people.err &
world_wait "adperm-people" test -S /run/adperm/people.sock

# --- root gives back for somebody ----------------------------------------------------------------

give_back() {
    adperm renounce --profile "$1" --owner $OWNER $policy
}

readmit() {
    adperm readmit --profile "$1" --owner $OWNER $ours
}

ok "before: in" enters_as plain@acme.example plain key=plain
ok "root gives back what somebody holds" give_back plain@acme.example
ok "refused at once, without a compile" refused_for keys:renounced plain key=plain
ok "on the shared account too" refused_for keys:renounced shop key=plain
ok "another member of the group is not" enters_as other@acme.example other key=other
ok "again: it was so already" give_back plain@acme.example
ok "which is said" said "already"
adperm explain --policy $W/policy.yaml --people $PEOPLE --login plain --permission ssh_users --server $SERVER
ok "explain names it" said "renounced"
adperm show --policy $W/policy.yaml --people $PEOPLE plain@acme.example
ok "show names it" said "(given back)"
world_compile $W/policy.yaml
ok "another database, and it counts still" refused_for keys:renounced plain key=plain
is "a client may read it, and nobody else" "$(stat -c '%U:%G %a' $PEOPLE $PEOPLE/[kp]-* | sort -u | tr '\n' ' ')" \
    "root:adperm-clients 640 root:adperm-clients 750 "
ok "root readmits" readmit plain@acme.example
ok "in again" enters_as plain@acme.example plain key=plain
is "and what is left of it says only that it was so" "$(find $PEOPLE -name "p-*" -size -200c | wc -l)" 1
world_lines "phase=people" >$W/lines
ok "a name that nobody has" not give_back plian@acme.example
ok "and which was meant" said "did you mean"
ok "an owner cannot" not adperm renounce --profile $OWNER --owner $OWNER $policy
ok "which is said" said "nobody can give back what they own"
ok "an address with an escape in it" not give_back "$(printf 'a\033[2J@acme.example')"
ok "t96 is no address, and not printed as it is" not grep -q "$(printf '\033')" $W/said

# --- people for themselves -----------------------------------------------------------------------

# by_themselves USER KEY [OWNER]: they log in, and give it back there.
by_themselves() {
    try "$1" key="$2" run="$BUILD/adperm renounce --owner ${3-$OWNER} --yes"
    cp $W/out $W/said
}

by_themselves plain plain else@acme.example
ok "another owner than the server's" said "belongs to somebody else"
by_themselves shop plain
ok "a login to an account that several share proves nobody" said "no personal login"
setpriv --reuid plain --clear-groups -- "$BUILD/adperm" renounce --owner $OWNER --yes >$W/said 2>&1
ok "neither does a uid without a login" said "no personal login"
try plain key=plain run="$BUILD/adperm renounce --owner $OWNER --profile other@acme.example"
cp $W/out $W/said
ok "nobody can for others" said "for root"
try plain key=plain run="$BUILD/adperm readmit --owner $OWNER --profile plain@acme.example"
cp $W/out $W/said
ok "or readmit themselves" said "only root"
try plain key=plain run="$BUILD/adperm renounce --owner $OWNER </dev/null"
cp $W/out $W/said
ok "without a terminal it wants --yes" said "no terminal to ask on"
ok "so far nothing has changed" enters_as plain@acme.example plain key=plain
world_mark
by_themselves plain plain
ok "they give it back" said "plain@acme.example has given back what $OWNER granted"
ok "and are refused at once" refused_for keys:renounced plain key=plain
ok "root readmits" readmit plain@acme.example
ok "in again" enters_as plain@acme.example plain key=plain

renounce="$BUILD/adperm renounce --owner $OWNER --yes"
try coded key=coded code="$(world_code coded@acme.example)" \
    run="$renounce </dev/null; echo 000000 | $renounce; echo $(world_code coded@acme.example 1) | $renounce"
cp $W/out $W/said
ok "whoever has a flagged grant needs a code" said "a verification code is needed"
ok "a right one" said "the code is wrong"
ok "with one it is given back" said "coded@acme.example has given back"
ok "and they are refused" refused_for keys:renounced coded key=coded
ok "root readmits" readmit coded@acme.example

# --- keys beside the policy ----------------------------------------------------------------------

key() {
    adperm profile key "$@" $policy
}

print=$(ssh-keygen -lf $W/keys/spare.pub | cut -d' ' -f2)
ok "before: the key of nobody" refused_for keys:unknown_person plain key=spare
ok "a key is registered" key add plain@acme.example $W/keys/spare.pub
ok "and opens at once" enters_as plain@acme.example plain key=spare
ok "it is listed" key list plain@acme.example
ok "by its fingerprint" said "$print"
ok "not for somebody else" not key add other@acme.example $W/keys/spare.pub
ok "which is said" said "registered for somebody else"
ok "not if it is the policy's" not key add other@acme.example $W/keys/plain.pub
ok "whose it is is said" said "that key is plain@acme.example's by the policy"
ok "not a private key" not key add other@acme.example $W/keys/spare
ok "which is said" said "no SSH public key"
ok "it is exported" adperm profile export --policy $W/policy.yaml
cp $W/said $W/exported.yaml
ok "as YAML with the key" grep -qF "$(keys spare)" $W/exported.yaml
ok "which is a policy" "$BUILD/adperm" compile -o $W/exported.cdb $W/exported.yaml
ok "it is removed" key remove plain@acme.example "$print"
ok "and opens nothing" refused_for keys:unknown_person plain key=spare
ok "twice is an error" not key remove plain@acme.example "$print"
ok "what is no fingerprint is said" eval 'not key remove plain@acme.example MD5:12 && said "no fingerprint"'
: >$W/empty.pub
ok "nor is nothing a key" eval 'not key add plain@acme.example $W/empty.pub && said "there is nothing in it"'
ok "nor a name an address" eval 'not key list plain && said "no e-mail address"'
key add plain@acme.example $W/keys/spare.pub
ok "programs are told which there are" key list plain@acme.example --json
ok "and that they count" grep -qF "\"fingerprint\":\"$print\",\"type\":\"ssh-ed25519\",\"counts\":true" $W/said
ok "all are forgotten at once" eval 'key forget plain@acme.example && said "no registered key opens"'
ok "and open nothing" refused_for keys:unknown_person plain key=spare
ok "twice is none" eval 'key forget plain@acme.example && said "has registered no key"'

# --- who was gone and comes back -----------------------------------------------------------------

# apply_policy [EDIT [WORD...]]: installs the policy, after this command of sed.
apply_policy() {
    write_policy | sed "${1-}" >$W/policy.yaml
    [ $# -eq 0 ] || shift
    adperm apply --yes --allow-lockout --server $SERVER $ours "$@" $W/policy.yaml
}
gone() {
    apply_policy 's/, other@acme.example//; /other@acme.example: /d'
}

ok "somebody registers a key" key add other@acme.example $W/keys/second.pub
ok "and leaves the policy" gone
ok "the key opens nothing" refused_for keys:unknown_person other key=second
key list other@acme.example
ok "and why not is said" said "the policy has no such person"
ok "they come back, and are the same person" apply_policy '' --readopt other@acme.example
ok "which is said" said "they count again"
ok "the key opens again" enters_as other@acme.example other key=second
ok "they leave again" gone
ok "their address comes back" apply_policy
ok "and nobody says whose it is: what happens is said" said "they are forgotten"
ok "the old key opens nothing" refused_for keys:unknown_person other key=second
ok "the policy's own does" enters_as other@acme.example other key=other

# --- killed anywhere, and asked by many ----------------------------------------------------------

cat >$W/killed <<END
#!/bin/sh
exec $BUILD/tests/integration/killat \$(cat $W/at) $BUILD/adperm-people "\$@"
END
chmod 755 $W/killed

# The files are whole, whatever was written of them, and no key opens that is not listed.
sound() {
    "$BUILD/adperm" profile key list other@acme.example --policy $W/policy.yaml >$W/said 2>&1 || return
    if find $PEOPLE -name 'k-*' | grep -q .; then
        grep -qF "$print" $W/said && ! grep -q 'does not count' $W/said
    fi
}

# killed_everywhere ADPERM-ARGUMENT...: by the number of the system call, until it ends by itself.
killed_everywhere() {
    call=0 bad=0
    until [ $call -gt 900 ]; do
        call=$((call + 1))
        echo $call >$W/at
        # Killed when all was done: to remove it again is an error.
        if adperm "$@" --adperm-people $W/killed || grep -q 'no such key' $W/said; then break; fi
        sound || bad=$((bad + 1))
    done
    echo "# killed at $call system calls"
    [ $bad -eq 0 ] && [ $call -gt 30 ] && [ $call -le 900 ]
}

ok "t15 a renunciation killed at every system call is whole or was not" \
    killed_everywhere renounce --profile other@acme.example --owner $OWNER --policy $W/policy.yaml
ok "and in the end it is" refused_for keys:renounced other key=other
ok "so is a key" killed_everywhere profile key add other@acme.example $W/keys/spare.pub --policy $W/policy.yaml
ok "so is one that is removed" killed_everywhere profile key remove other@acme.example "$print" --policy $W/policy.yaml
ok "so is a readmission" killed_everywhere readmit --profile other@acme.example --owner $OWNER
is "nothing is left over but how often that was" "$(find $PEOPLE -type f ! -name "p-*" ! -name lock)" ''

crowd() {
    for n in 1 2 3 4 5 6 7 8; do
        ssh-keygen -q -t ed25519 -N '' -f $W/keys/many$n
        "$BUILD/adperm" profile key add plain@acme.example $W/keys/many$n.pub $policy >/dev/null 2>&1 &
        crowd_pids="${crowd_pids-} $!"
    done
    wait $crowd_pids
    key list plain@acme.example
    [ "$(grep -c '^SHA256' $W/said)" -eq 8 ] && ! grep -q 'does not count' $W/said
}
ok "t103 eight at once, and none is lost" crowd

is "nothing was refused that it needs" "$(cat $W/people.err)" ''
world_mark
give_back plain@acme.example
world_lines phase=people >$W/lines
sed 's/^/Nov 22 05:12:33 web1 /' $W/lines | adperm log --file - --profile plain@acme.example -n 1
ok "the audit names it" grep -q 'svc="renounce" user="root" profile="plain@acme.example".*owner="ops@acme.example"' $W/lines
ok "and adperm log tells it" said renounce

tap_done
