#!/bin/sh
# Installing a policy: what is refused, what is shown, that nobody is locked out unasked, and going
# back.
# shellcheck disable=SC2086 # words of options here have no blanks
# shellcheck disable=SC2154 # out, err and code are set by applying.sh
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

# shellcheck source=tests/integration/applying.sh
. "$top/tests/integration/applying.sh"

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

refuses "a directory that is missing, and how to make it" 2 "install -d -m 0755 $W/none" --yes --state $W/none "$@"

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
# as_alice WORD...: adperm, run by somebody who logged in as alice, whoever they have become since.
as_alice() {
    # shellcheck disable=SC2016
    sh -c 'mount --bind "$W/loginuid" "/proc/$$/loginuid" && exec "$@"' sh $BUILD/adperm "$@"
}
id -u alice >$W/loginuid
SUDO_USER=robot
export SUDO_USER W
adperm=as_alice
refuses "t16_who_has_logged_in_is_not_forgotten" 1 "you, alice, could not log in afterwards" --yes "$@"
unset SUDO_USER
adperm=$BUILD/adperm
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
ok "is told which" matches "$out" "FAILED people.yaml:4: alice is in"
write_test never
refuses "tests that cannot be read" 2 "the tests cannot be read" --yes "$@"
write_test allow
installs "a policy that passes them" --yes "$@"
ok "is told so" matches "$out" "2 tests, 0 failed"
rm -r /etc/adperm/tests.d

# --- with nobody to tell

echo '# unheard' >>$policy
before=$(generation)
"$adperm" apply --yes "$@" <&- >&- 2>&-
is "standard streams that are closed: nobody hears what is done" $? 2
ok "and nothing of it is in the database" "$adperm" verify $db
is "which is the new one" "$(generation)" $((before + 1))
is "nor anywhere beside it" "$(stat -c %s /var/lib/adperm/policy.lock)" 0

# --- one at a time

echo '# once more' >>$policy
flock -o /var/lib/adperm/policy.lock sleep 120 &
holder=$!
world_wait "the lock" not flock -n /var/lib/adperm/policy.lock true
refuses "one apply at a time" 2 "another apply is under way" --yes "$@"
kill $holder
world_wait "the lock" flock -n /var/lib/adperm/policy.lock true

tap_done
