#!/bin/sh
# An apply is killed at a system call, or the call fails, one a run: there is the old database or the
# new one, complete, the exit status tells which, and it is said what is wrong. Several who write at
# once do not harm each other. Every third call is struck, with one of the errors; with the word
# `all`, every call, with each of them, and those of compile, too.
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

# ENOMEM, EIO, EMFILE, ENOSPC, EROFS
errors='12 5 24 28 30'
every=${1-} step=3
[ "$every" != all ] || step=1

# Without a stack to try first; with one it is done once more, below.
cp /etc/pam.d/sshd $W/sshd
sed -i '/adperm/d' /etc/pam.d/sshd
installs "the old one" --yes --server $SERVER
cp -a /var/lib/adperm $W/old
write_policy 'to: bob'
installs "the new one" --yes --server $SERVER
cp $db $W/new.cdb

restore() {
    find /var/lib/adperm -maxdepth 1 -type f -delete
    cp -a $W/old/policy.* /var/lib/adperm/
}

# --- killed

turn=1 olds=0 news=0 others=0 killed=137
while [ $killed -eq 137 ]; do
    restore
    "$killat" $turn "$adperm" apply --yes --server $SERVER >/dev/null 2>&1 </dev/null
    killed=$?
    if cmp -s $db $W/old/policy.cdb; then
        olds=$((olds + 1)) last_old=$turn
    elif cmp -s $db $W/new.cdb; then
        news=$((news + 1))
    else
        others=$((others + 1))
    fi
    turn=$((turn + step))
done
is "t15_it_ends_when_nothing_kills_it" $killed 0
is "t15_killed_at_any_call_there_is_the_old_one_or_the_new ($olds and $news)" $others 0
ok "t15_the_old_one_was_seen" [ $olds -gt 100 ]
# How many calls there are after the last that finds the old one is not the same each time: the threads
# that write make some of them.
leftovers() {
    find /var/lib/adperm -name '.*.new-*' -o -name policy.rehearsal | wc -l
}
turn=$((last_old - 30))
while [ $news -lt 2 ] && [ $turn -lt $((last_old + 60)) ]; do
    restore
    "$killat" $turn "$adperm" apply --yes --server $SERVER >/dev/null 2>&1 </dev/null
    [ $? -ne 137 ] || ! cmp -s $db $W/new.cdb || news=2
    turn=$((turn + 1))
done
ok "t15_the_new_one_was_seen_after_a_kill" [ $news -gt 1 ]
turn=$last_old left=0
while [ $left -eq 0 ] && [ $turn -gt $((last_old - 60)) ]; do
    restore
    "$killat" $turn "$adperm" apply --yes --server $SERVER >/dev/null 2>&1 </dev/null
    left=$(leftovers)
    turn=$((turn - 1))
done
ok "t15_something_is_left_over (killed at call $((turn + 1)): $left)" [ $left -gt 0 ]
installs "t15_and_the_next_one_goes_through" --yes --server $SERVER
is "t15_what_it_had_left_is_swept" "$(leftovers)" 0

# --- every call fails

# judge STATUS: what came of the run that has ended so. Counts what is wrong.
judge() {
    judge_is=other
    cmp -s $db $W/old/policy.cdb && judge_is=old
    cmp -s $db $W/new.cdb && judge_is=new
    judge_wrong=
    [ $judge_is != other ] || judge_wrong="neither the old nor the new one"
    [ $1 -lt 125 ] || [ $1 -eq 127 ] || judge_wrong="ended with $1"
    [ $1 -ne 0 ] || [ $judge_is = new ] || judge_wrong="no failure, and not installed"
    [ $1 -eq 0 ] || [ -s $W/said ] || judge_wrong="ended with $1, and not a word"
    [ $judge_is != new ] || ! grep -q untouched $W/said || judge_wrong="installed, and denies it"
    [ -z "$judge_wrong" ] || {
        echo "# call $turn, error $error: $judge_wrong: $(cat $W/said)"
        wrongs=$((wrongs + 1))
    }
}

# fails_everywhere STEP NAME COMMAND...: runs it until it has no such call any more.
fails_everywhere() {
    fails_step=$1 fails_name=$2
    shift 2
    turn=1 wrongs=0 failures=0 status=0
    while [ $status -ne 126 ]; do
        chosen=$errors
        # shellcheck disable=SC2046 # the words of errors
        [ $fails_step -eq 1 ] || chosen=$(nth $((turn / fails_step % 5 + 1)) $errors)
        for error in $chosen; do
            restore
            timeout 10 "$killat" -e $error $turn "$@" >$W/said.out 2>$W/said </dev/null
            status=$?
            [ $status -eq 126 ] || judge $status
            [ $status -eq 0 ] || failures=$((failures + 1))
        done
        turn=$((turn + fails_step))
    done
    is "t15_$fails_name: after an error at any call all is well (of $turn calls, $failures failures)" $wrongs 0
    ok "t15_$fails_name: not all of them were harmless ($failures)" [ $failures -gt 3 ]
}
# nth N WORD...
nth() {
    shift "$1"
    echo "$1"
}

fails_everywhere $step apply "$adperm" apply --yes --server $SERVER
installs "t15_and_the_next_one_goes_through" --yes --server $SERVER
is "t15_what_was_left_is_swept" "$(leftovers)" 0
# What is only a look at the door neither keeps a policy out nor leaves anything behind.
cp $W/sshd /etc/pam.d/sshd
fails_everywhere $((step == 1 ? 5 : 13)) "apply by way of a stack" "$adperm" apply --yes --server $SERVER --rehearse $BUILD/adperm-rehearse
restore
installs "t15_and_the_next_one_goes_through" --yes --server $SERVER --rehearse $BUILD/adperm-rehearse
is "t15_what_was_left_is_swept" "$(leftovers)" 0
sed -i '/adperm/d' /etc/pam.d/sshd
if [ "$every" = all ]; then
    "$adperm" compile --generation 2 --server $SERVER -o $W/new.cdb $policy >/dev/null
    fails_everywhere $step compile "$adperm" compile --generation 2 --server $SERVER -o $db $policy
fi

# --- killed while something is taken back

rm -rf $W/old
write_policy 'to: bob'
installs "one without bob" --yes --server $SERVER
write_policy
installs "one with bob, to be confirmed" --yes --confirm 10m --server $SERVER
pkill -9 -f "^$adperm apply"
sed -i 's/^seconds .*/seconds 0/' /var/lib/adperm/policy.confirm
cp -a /var/lib/adperm $W/old
has_bob() {
    "$adperm" check --login bob --permission ssh_users >/dev/null
    [ $? -eq 3 ]
}
ok "bob is in" has_bob
turn=1 wrongs=0 killed=137
while [ $killed -eq 137 ]; do
    restore
    "$killat" $turn "$adperm" confirm --expired >/dev/null 2>&1
    killed=$?
    "$adperm" verify $db >/dev/null || wrongs=$((wrongs + 1))
    "$adperm" confirm --expired >/dev/null 2>$W/said || wrongs=$((wrongs + 1))
    if has_bob || [ -e /var/lib/adperm/policy.confirm ]; then
        echo "# killed at call $turn: $(cat $W/said)"
        wrongs=$((wrongs + 1))
    fi
    turn=$((turn + 2 * step))
done
is "t111_it_ends_when_nothing_kills_it" $killed 0
is "t111_killed_at_any_call_it_is_taken_back_the_next_time (of $turn calls)" $wrongs 0

# --- two at once

# contend NUMBER: applies until it has been let in, to a policy of its own.
contend() {
    "$adperm" apply --yes --server $SERVER $W/policy.d/$1.yaml >$W/contend.$1 2>&1 </dev/null
    echo $? >$W/contend.$1.code
}
mkdir -m 755 $W/policy.d
before=$(generation) installed=0 refused=0 others=0
for round in 1 2 3 4 5; do
    for number in 1 2 3 4; do
        write_policy
        { cat $policy && echo "# round $round, number $number"; } >$W/policy.d/$number.yaml
        contend $number &
        eval "contender$number=\$!"
    done
    # shellcheck disable=SC2154 # by eval
    wait $contender1 $contender2 $contender3 $contender4
    for number in 1 2 3 4; do
        case $(cat $W/contend.$number.code) in
        0) installed=$((installed + 1)) ;;
        2) grep -q 'another apply is under way' $W/contend.$number && refused=$((refused + 1)) ;;
        *) others=$((others + 1)) && sed 's/^/# /' $W/contend.$number ;;
        esac
    done
done
is "t103_each_is_installed_or_told_to_wait ($installed and $refused)" $((installed + refused)) 20
is "t103_no_update_is_lost" "$(generation)" $((before + installed))
for number in 1 2 3 4; do
    "$adperm" compile -o $W/together.cdb $policy >/dev/null 2>&1 &
    eval "contender$number=\$!"
done
wait $contender1 $contender2 $contender3 $contender4
verified() {
    "$adperm" verify "$1" >$W/out
}
ok "t103_of_several_compiles_one_is_there" verified $W/together.cdb
is "t103_and_nothing_else" "$(find $W -maxdepth 1 -name '.together*' | wc -l)" 0

tap_done
