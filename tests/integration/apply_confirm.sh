#!/bin/sh
# A policy that has to be confirmed from a new login, and is taken back if nobody does, whatever
# happens to the process that watches, the machine and its clock. Logins are real ones.
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

set -- --server $SERVER
# expire: what a timer and the next boot call.
expire() {
    "$adperm" confirm --expired >$W/out 2>&1
}
# record NAME VALUE: changes what waits.
record() {
    sed -i "s/^$1 .*/$1 $2/" /var/lib/adperm/policy.confirm
}
nothing_waits() {
    [ ! -e /var/lib/adperm/policy.confirm ]
}
kill_watcher() {
    ok "$1" pkill -9 -f "^$adperm apply"
}

# --- the first policy

installs "the first one, to be confirmed" --yes --confirm 10m "$@"
kill_watcher "is watched"
refuses "another one has to wait" 1 "generation 1 waits to be confirmed" --yes "$@"
ok "its time is not over" expire
is "so it stays" "$(generation)" 1
record seconds 0
ok "when it is" expire
ok "t111_there_is_none_any_more" [ ! -e $db ]
ok "and nothing waits" nothing_waits
installs "the first one again" --yes --confirm 10m "$@"
kill_watcher "is watched, too"
try_apply --undo
is "asks before it goes" "$code" 1
installs "and can be taken away" --yes --undo
ok "at once" [ ! -e $db ]
installs "for good" --yes "$@"

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
cp $db $W/waits.cdb
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


# --- and if nobody confirms

not_bob() {
    "$adperm" check --login bob --permission ssh_users >/dev/null
    [ $? -eq 1 ]
}
# waits NAME: installs one that lets bob in, and waits.
waits() {
    write_policy
    world_mark
    installs "$1" --yes --confirm 10m --server $SERVER
    before=$(($(generation) - 1))
}
# is_taken_back NAME: which is logged when it is done.
is_taken_back() {
    is "$1" "$(generation)" $((before + 2))
    ok "$1: to what was before" not_bob
    world_wait "a line of the log" told_back
    ok "$1: and the log tells" told_back
}
told_back() {
    world_lines apply | grep -qF "which nobody confirmed, is taken back"
}

waits "one that nobody confirms"
sleep 1.2
ok "is not taken back before its time" not nothing_waits
record seconds 0
world_wait "the watcher" nothing_waits
is_taken_back "t111_the_watcher"

waits "one whose watcher is killed"
kill_watcher "by nine"
ok "t111_before_its_time" expire
ok "it waits still" not nothing_waits
record ticks 0
ok "t111_the_timer" expire
is_taken_back "t111_after_its_time"
ok "and a second time there is nothing to do" expire
is "which is not said" "$(cat $W/out)" ''

waits "one before the machine is switched off"
kill_watcher "with all that runs"
record boot 00000000-0000-0000-0000-000000000000
record seconds 2000000000
ok "t111_after_a_reboot" expire
ok "it waits still" not nothing_waits
record clock 4000000000
ok "t111_a_clock_that_went_back" expire
is_taken_back "t111_ends_it"

waits "one before the clock is set"
kill_watcher "without a watcher"
for offset in -10y -1h +1h +10y; do
    ok "t111_the_clock_is_set_by_$offset" faketime --exclude-monotonic -f "$offset" "$adperm" confirm --expired
    ok "it waits still" not nothing_waits
done
record seconds 0
ok "t111_also_by_a_wrong_clock" faketime --exclude-monotonic -f -1y "$adperm" confirm --expired
is_taken_back "t111_it_is_taken_back"

waits "one that the next apply finds"
kill_watcher "unwatched"
record seconds 0
write_policy "to: ghost"
installs "takes it back first" --yes "$@"
ok "and says so" matches "$err" "was not confirmed in time"
is "and goes on from there" "$(generation)" $((before + 3))

# --- sessions that go on

# The session phase leaves no record where nobody has made a place for it.
write_policy
installs "without a place for records" --dry-run "$@"
ok "which sessions are open is not known" matches "$err" "which sessions are open is not known"
records=/run/adperm/sessions
mkdir -p /run/adperm
mkdir -m 700 $records
installs "all of them" --yes "$@"
world_user shop

# opens NAME USER KEY: a session that goes on until $W/NAME.end is there.
opens() {
    try "$2" key="$3" out=$W/$1.out \
        run="echo in; until [ -e $W/$1.end ]; do sleep 0.1; done; echo out" &
    world_wait "the session $1" grep -qs '^in' $W/$1.out
}
# pid_of USER: the process that its record names.
pid_of() {
    grep -l "^user $1\$" $records/* | sed 's,.*/,,'
}
opens alice alice alice
opens shop shop alice
opens robot shop robot
robot=$!
is "a record for each" "$(find $records -type f | wc -l)" 3
is "root's alone" "$(stat -c '%U %a' $records/* | sort -u)" "root 600"
ok "with the person" grep -q '^profile alice@acme.example$' "$records/$(pid_of alice)"
ok "of a process of root's" [ "$(stat -c %U "/proc/$(pid_of alice)")" = root ]

write_policy 'to: alice'
alice=$(pid_of alice)
sed "s/^start .*/start 1/" "$records/$alice" >$records/$$
installs "who loses access is shown" --dry-run --allow-lockout "$@"
ok "on the own login" matches "$out" "
  alice@acme.example as alice from 127.0.0.1 (sshd, process $alice): holds nothing on this server any more"
ok "and on an account" matches "$out" "
  alice@acme.example as shop from 127.0.0.1"
is "nobody else, and no process of another time" "$(echo "$out" | grep -c ', process ')" 2
installs "for programs" --dry-run --allow-lockout --json "$@"
is "they are objects" "$(echo "$out" | python3 -c '
import json, sys
print(sorted((s["profile"], s["user"], s["ended"]) for s in json.load(sys.stdin)["sessions"]))')" \
    "[('alice@acme.example', 'alice', False), ('alice@acme.example', 'shop', False)]"

# The process of this test is the session of somebody who applies.
sed -e "s/^start .*/start $(cut -d' ' -f22 /proc/$$/stat)/" "$records/$alice" >$records/$$
SUDO_USER=robot
export SUDO_USER
refuses "t16_who_applies_is_known_by_their_session" 1 "you, alice@acme.example, could not come in again" --yes "$@"
unset SUDO_USER
rm $records/$$

installs "sessions go on" --yes --allow-lockout "$@"
is "when nobody says otherwise" "$(find $records -type f | wc -l)" 3
installs "and so are with the same policy again" --dry-run --kill-sessions "$@"
is "shown" "$(echo "$out" | grep -c ', process ')" 2
shop=$(pid_of shop)
mv "$records/$alice" $W/alice.record
installs "and one is ended" --yes --kill-sessions "$@"
ok "by the policy that is installed" matches "$out" "nothing to do"
world_wait "sshd to bury it" [ ! -e "/proc/$shop" ]
mv $W/alice.record "$records/$alice"
installs "back" --yes --undo
write_policy "to: alice"
sed "s/^start .*/start 1/" "$records/$alice" >$records/$$
cp $records/$$ $records/$$.auth
installs "the other is ended" --yes --allow-lockout --kill-sessions "$@"
ok "when somebody does" matches "$out" "Ended the session of alice@acme.example, process $alice."
world_wait "sshd to bury it" [ ! -e "/proc/$alice" ]
ok "both" not grep -qs alice $records/*
ok "nor is anything left of a login that ended before its session" [ ! -e $records/$$.auth ]
: >$W/robot.end
wait $robot
ok "nobody else has been thrown out" grep -q '^out' $W/robot.out
not_out() {
    ! grep -q '^out' $W/alice.out && ! grep -q '^out' $W/shop.out
}
ok "they have" not_out
no_records() {
    [ -z "$(ls $records)" ]
}
world_wait "the end of the records" no_records

tap_done
