#!/bin/sh
# Installing a policy: what is refused, what is shown, that nobody is locked out unasked, that there
# is always a whole database, whose signatures count, and going back. Logins are real ones.
# shellcheck disable=SC2086 # words of options here have no blanks
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

adperm=$BUILD/adperm
db=/var/lib/adperm/policy.cdb
policy=/etc/adperm/policy.d/10.yaml
killat=$BUILD/tests/integration/killat

keys() {
    cut -d' ' -f1,2 "$W/keys/$1.pub"
}

# write_policy [PATTERN]: the policy, without the lines of those persons.
write_policy() {
    grep -v "${1:-no such person}" >$policy <<END
---
adperm: 1
profiles:
  alice@acme.example: {login: alice, ssh_keys: ["$(keys alice)"]}
  bob@acme.example: {login: bob, ssh_keys: ["$(keys bob)"]}
  robot@acme.example: {kind: machine, login: robot, ssh_keys: ["$(keys robot)"]}
  keyless@acme.example: {login: keyless}
  ghost@acme.example: {login: ghost, ssh_keys: ["$(keys ghost)"]}
owners:
  ops@acme.example:
    servers:
      $SERVER: {accounts: [shop]}
      web2.acme.example: {accounts: []}
    grants:
      - {to: alice@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: bob@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true}
      - {to: robot@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: keyless@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: ghost@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: bob@acme.example, servers: {web2.acme.example: [ssh_users]}}
...
END
}

# try_apply WORD...: runs apply; $code, $out and $err say how it went.
try_apply() {
    out=$("$adperm" apply "$@" 2>$W/err </dev/null)
    code=$?
    err=$(cat $W/err)
}
matches() {
    case $1 in *"$2"*) ;; *)
        echo "$1" | sed 's/^/# /'
        return 1
        ;;
    esac
}
generation() {
    "$adperm" verify --json $db | sed 's/.*"generation":\([0-9]*\).*/\1/'
}
# refuses NAME CODE TEXT WORD...: apply ends so and says that, and what is installed stays.
refuses() {
    refuses_name=$1 refuses_code=$2 refuses_text=$3
    shift 3
    cp $db $W/before.cdb 2>/dev/null || rm -f $W/before.cdb
    try_apply "$@"
    is "$refuses_name: exit code" "$code" "$refuses_code"
    ok "$refuses_name" matches "$err" "$refuses_text"
    if [ -e $W/before.cdb ]; then
        ok "$refuses_name: nothing is changed" cmp $db $W/before.cdb
    else
        ok "$refuses_name: nothing is there" [ ! -e $db ]
    fi
}
# installs NAME WORD...
installs() {
    installs_name=$1
    shift
    try_apply "$@"
    is "$installs_name" "$code" 0 || echo "# $out $err"
}
allowed() {
    "$adperm" check --login "$1" --permission ssh_users >/dev/null
}

world_user alice bob robot keyless
world_key alice bob robot ghost root
write_policy
chmod 755 /etc/adperm/policy.d

# --- the first time

refuses "a machine whose name is no server asks" 2 "--server $SERVER" --yes
refuses "a server that there is not" 2 'no server "web9.acme.example"' --yes --server web9.acme.example
set -- --server $SERVER
refuses "nobody to ask" 1 "--yes" "$@"
installs "the first one" --yes "$@"
ok "it is shown what it is" matches "$out" "The first policy here: 6 profiles, 5 grants."
ok "who could log in" matches "$out" "afterwards: 1
  alice@acme.example
"
ok "and why others could not: no key" matches "$out" "keyless@acme.example may, but has no SSH key"
ok "no Unix user" matches "$out" "ghost@acme.example may, but has a login that is no Unix user here"
ok "nobody answers" matches "$out" "bob@acme.example may, but needs a second factor, and adpermd does not answer"
ok "which is said" matches "$err" "adpermd does not answer at /run/adperm/auth.sock"
is "owner and mode" "$(stat -c '%U:%G %a' $db)" "root:adperm-clients 640"
is "generation 1" "$(generation)" 1
ok "it decides" allowed alice
inode=$(stat -c %i $db)
installs "the same again" --yes "$@"
ok "is nothing to do" matches "$out" "nothing to do"
is "and leaves the file" "$(stat -c %i $db)" "$inode"

# --- second factors

world_adpermd
echo "# and a comment" >>$policy
try_apply --dry-run "$@"
ok "who is not enrolled is warned of" matches "$err" "bob@acme.example holds something with 2FA and is not enrolled"
ok "and could not log in" matches "$out" "bob@acme.example may, but is not enrolled"
is "a dry run installs nothing" "$(generation)" 1
world_enrol bob@acme.example
installs "who is enrolled" --yes "$@"
ok "could log in" matches "$out" "  bob@acme.example with 2FA"
is "generation 2" "$(generation)" 2
ok "nobody gains or loses" matches "$out" "Nothing changes for anybody."

# --- locking out

write_policy 'to: \(alice\|bob\)'
refuses "t112_a_policy_that_locks_everybody_out" 1 "nobody could log in" --yes "$@"
refuses "t16_yes_is_no_leave_to_lock_out" 1 "--allow-lockout" --yes "$@"
write_policy 'to: alice'
SUDO_USER=alice
export SUDO_USER
refuses "t16_who_applies_would_lose_their_own_access" 1 "you, alice, could not log in afterwards" --yes "$@"
SUDO_USER=bob
installs "t16_somebody_else_may_take_it_from_them" --dry-run "$@"
SUDO_USER=alice
echo alice >>/etc/adperm/local-users
installs "who is in local-users loses nothing" --dry-run "$@"
sed -i '/^alice$/d' /etc/adperm/local-users
unset SUDO_USER
refuses "t16_who_applies_can_be_named" 1 "you, alice" --yes --as alice "$@"
write_policy 'alice'
refuses "t16_whose_profile_is_gone" 1 "is nobody's login" --yes --as alice "$@"
installs "unless they say so" --yes --allow-lockout --as alice "$@"
ok "who loses is shown" matches "$out" "
  - server.ssh_users on $SERVER"
is "generation 3" "$(generation)" 3
ok "and lost it" not allowed alice

# --- going back

installs "back to the one before" --undo --yes
is "is another generation" "$(generation)" 4
ok "with what was" allowed alice
installs "and forth" --undo --yes --allow-lockout
ok "with what was, again" not allowed alice
write_policy
installs "all of them" --yes "$@"
is "generation 6" "$(generation)" 6

# --- asked on a terminal

# answers ANSWER: applies on a terminal, and answers the question.
answers() {
    printf '%s\n' "$1" | script -qec "$adperm apply --server $SERVER" $W/typescript >/dev/null 2>&1
}
echo '# asked' >>$policy
ok "the answer no" not answers n
ok "to what is asked" grep -q "Install this as generation 7 of $SERVER? \[y/N\]" $W/typescript
is "installs nothing" "$(generation)" 6
ok "nor does none at all" not answers ''
is "but asks again" "$(generation)" 6
ok "the answer yes" answers y
is "installs it" "$(generation)" 7

# --- files that others may write

chmod g+w $policy
echo '# more' >>$policy
refuses "a file that a group may write" 2 "must belong to root" --yes "$@"
chmod g-w $policy
chown bob $policy
refuses "a file of somebody else" 2 "must belong to root" --yes "$@"
chown root $policy
chmod o+w /etc/adperm/policy.d
refuses "a directory that all may write" 2 "must belong to root" --yes "$@"
chmod o-w /etc/adperm/policy.d
refuses "a policy below /tmp" 2 "must belong to root" --yes "$@" /tmp
echo 'wrong: true' >>$policy
refuses "a policy with an error" 2 "what was installed is untouched" --yes "$@"
write_policy

# --- tests beside the policy

mkdir -m 755 /etc/adperm/tests.d
# write_test VERDICT: what alice is expected to be answered.
write_test() {
    cat >/etc/adperm/tests.d/people.yaml <<END
---
adperm_tests: 1
tests:
  - {name: alice is in, login: alice, permission: ssh_users, expect: $1}
  - {login: bob, permission: ssh_users, server: web2.acme.example, expect: allow}
...
END
}
echo '# tested' >>$policy
write_test deny
refuses "a policy that fails its tests" 1 "1 of 2 tests failed" --yes "$@"
ok "is told which" matches "$err" "people.yaml:4: test failed: alice is in"
write_test never
refuses "tests that cannot be read" 2 "the tests cannot be read" --yes "$@"
write_test allow
installs "a policy that passes them" --yes "$@"
ok "is told so" matches "$out" "2 tests passed."
rm -r /etc/adperm/tests.d

# --- one at a time, and killed at any moment

echo '# once more' >>$policy
flock /var/lib/adperm/policy.lock sleep 5 &
holder=$!
world_wait "the lock" not flock -n /var/lib/adperm/policy.lock true
refuses "one apply at a time" 2 "another apply is under way" --yes "$@"
kill $holder
world_wait "the lock" flock -n /var/lib/adperm/policy.lock true

cp -a /var/lib/adperm $W/old
installs "what it is when nothing kills it" --yes "$@"
cp $db $W/new.cdb
restore() {
    find /var/lib/adperm -maxdepth 1 -type f -delete
    cp -a $W/old/policy.* /var/lib/adperm/
}
turn=1 olds=0 news=0 others=0 killed=137
while [ $killed -eq 137 ]; do
    restore
    "$killat" $turn "$adperm" apply --yes "$@" >/dev/null 2>&1 </dev/null
    killed=$?
    if cmp -s $db $W/old/policy.cdb; then
        olds=$((olds + 1))
    elif cmp -s $db $W/new.cdb; then
        news=$((news + 1))
    else
        others=$((others + 1))
    fi
    turn=$((turn + 1))
done
is "t15_it_ends_when_nothing_kills_it" $killed 0
is "t15_killed_at_each_system_call_there_is_the_old_one_or_the_new ($olds and $news)" $others 0
ok "t15_both_were_seen" [ $olds -gt 100 ] && [ $news -gt 1 ]
restore
"$killat" $((olds - 2)) "$adperm" apply --yes "$@" >/dev/null 2>&1 </dev/null
installs "t15_and_the_next_one_goes_through" --yes "$@"
is "t15_what_it_had_left_is_swept" "$(find /var/lib/adperm -name '.*.new-*' | wc -l)" 0

# --- whose signatures count

mkdir -m 755 /etc/adperm/trusted-keys
"$adperm" keygen -o $W/secrets/signer >/dev/null
"$adperm" keygen -o $W/secrets/other >/dev/null
cp $W/secrets/signer.pub /etc/adperm/trusted-keys/
write_policy 'to: ghost'
# signed KEY GENERATION [WORD...]: compiles $W/signed.cdb.
signed() {
    signed_key=$1 signed_generation=$2
    shift 2
    "$adperm" compile --sign $W/secrets/$signed_key --generation $signed_generation \
        -o $W/signed.cdb "$@" $policy >/dev/null
}
refuses "a policy, where signatures are asked for" 1 "only a signed database" --yes "$@"
"$adperm" compile --generation 100 --server $SERVER -o $W/signed.cdb $policy >/dev/null
refuses "t22_a_database_without_a_signature" 1 "no signature" --yes $W/signed.cdb
signed other 100 --server $SERVER
refuses "t22_one_of_a_key_that_is_not_trusted" 1 "not trusted" --yes $W/signed.cdb
signed signer 100 --server $SERVER
cp $W/signed.cdb.sig $W/good.sig
sed -i 's/^algorithm .*/algorithm none/' $W/signed.cdb.sig
refuses "t22_another_algorithm" 1 "no signature that this adperm knows" --yes $W/signed.cdb
sed 's/^generation .*/generation 101/' $W/good.sig >$W/signed.cdb.sig
refuses "t22_a_changed_line" 1 "was changed" --yes $W/signed.cdb
cp $W/good.sig $W/signed.cdb.sig
"$adperm" compile --generation 100 --server $SERVER -o $W/else.cdb $policy >/dev/null
"$adperm" compile --generation 101 --server $SERVER -o $W/else.cdb $policy >/dev/null
cp $W/good.sig $W/else.cdb.sig
refuses "t22_the_signature_of_another_database" 1 "of another database" --yes $W/else.cdb
chmod g+w /etc/adperm/trusted-keys
refuses "trusted keys that others may add to" 2 "/etc/adperm/trusted-keys" --yes $W/signed.cdb
chmod g-w /etc/adperm/trusted-keys
signed signer 100 --server web2.acme.example
refuses "t25_the_slice_of_another_server" 1 "this server is $SERVER" --yes $W/signed.cdb
refuses "t25_also_when_a_name_is_given" 1 "this server is $SERVER" --yes --server $SERVER $W/signed.cdb
signed signer 100
refuses "t25_a_database_of_all_servers" 1 "of all servers" --yes $W/signed.cdb
signed signer 100 --server $SERVER --not-after 2020-01-01T00:00:00Z
refuses "t24_one_whose_time_is_over" 1 "clock" --yes $W/signed.cdb
signed signer 100 --server $SERVER
installs "the right one" --yes $W/signed.cdb
is "keeps its generation" "$(generation)" 100
is "and its signature" "$("$adperm" verify --key $W/secrets/signer.pub $db | sed -n 's/.*signature *\([a-z]*\).*/\1/p')" good
installs "the same again" --yes $W/signed.cdb
ok "is nothing to do, too" matches "$out" "nothing to do"
signed signer 99 --server $SERVER
refuses "t23_an_older_one" 1 "generation 100 has been installed here" --yes $W/signed.cdb
refuses "t23_going_back" 1 "takes a new one from who signs" --yes --undo
rm $db
refuses "t23_an_older_one_where_nothing_is_installed" 1 "generation 100 has been installed here" --yes --server $SERVER $W/signed.cdb
signed signer 101 --server $SERVER
refuses "there is nothing that --confirm could go back to" 2 "--confirm" --yes --confirm 1h --server $SERVER $W/signed.cdb
installs "a newer one" --yes --server $SERVER $W/signed.cdb
rm -r /etc/adperm/trusted-keys
cp $W/signed.cdb* /tmp/
refuses "without keys, a database where others may write" 2 "must belong to root" --yes /tmp/signed.cdb

# --- unless it is confirmed from a new login

world_plant root root
world_sshd 22 shipped
write_policy 'to: bob'
# One who has logged in before, and will confirm afterwards.
try root key=root out=$W/earlier \
    run="touch $W/is-in; until [ -e $W/go-on ]; do sleep 0.1; done; $adperm confirm" &
earlier=$!
world_wait "a login before" [ -e $W/is-in ]
installs "one that waits" --yes --confirm 10m "$@"
ok "says so" matches "$out" "unless somebody logs in anew"
waiting=$(generation)
refuses "another one has to wait" 1 "waits to be confirmed" --yes "$@"
try_confirm() {
    "$adperm" confirm >$W/out 2>&1
}
ok "what is no login confirms nothing" not try_confirm
ok "and is told so" grep -q "log in anew" $W/out
: >$W/go-on
ok "nor does a login that is older" not wait $earlier
ok "which is told so, too" grep -q "log in anew" $W/earlier
ok "a real login still works" enters alice key=alice
ok "a new login confirms" try root key=root run="$adperm confirm"
ok "and is told so" grep -q "Generation $waiting stays" $W/out
ok "nothing waits any more" [ ! -e /var/lib/adperm/policy.confirm ]
is "it stays" "$(generation)" "$waiting"

write_policy
world_mark
installs "one that nobody confirms" --yes --confirm 10m "$@"
ok "counts at first" [ "$(generation)" -eq $((waiting + 1)) ]
read -r wait_generation wait_since wait_until </var/lib/adperm/policy.confirm
ok "and waits ten minutes" [ "$wait_until" -gt "$(cut -d. -f1 /proc/uptime)" ]
echo "$wait_generation $wait_since 1" >/var/lib/adperm/policy.confirm
world_wait "the end of the ten minutes" [ ! -e /var/lib/adperm/policy.confirm ]
is "is taken back" "$(generation)" $((waiting + 2))
not_bob() {
    "$adperm" check --login bob --permission ssh_users >/dev/null
    [ $? -eq 1 ]
}
ok "to what was before" not_bob
ok "and the log tells" matches "$(world_lines apply)" "nobody confirmed the last one"

tap_done
