#!/bin/sh
# Installing signed databases: whose signatures count, that no older one comes in, also when what was
# installed is forgotten, and that one which waits to be confirmed makes room for the one before.
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
installs "a policy, as long as no signature is asked for" --yes "$@"

# --- whose signatures count

"$adperm" keygen -o $W/secrets/signer >/dev/null
"$adperm" keygen -o $W/secrets/other >/dev/null
# trusts KEY: makes its signatures count.
trusts() {
    "$adperm" trust add $W/secrets/$1.pub >$W/out 2>&1
}
ok "a key is trusted" trusts signer
ok "once" trusts signer
is "and lies with its name" "$(cd /etc/adperm/trusted-keys && echo *.pub)" \
    "$(sed -n 's/.*key \([0-9a-f]\{16\}\).*/\1/p' $W/out).pub"
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
installs "a newer one" --yes --server $SERVER $W/signed.cdb

# --- taken back, to the signed one before

# waits_no_more: the time to confirm is over. Nobody watches: the watcher is killed.
waits_no_more() {
    pkill -9 -f "^$adperm apply" || echo "# nobody watched"
    sed -i 's/^seconds .*/seconds 0/' /var/lib/adperm/policy.confirm
}
expire() {
    "$adperm" confirm --expired >$W/out 2>&1
}
cp $db $W/101.cdb
cp $db.sig $W/101.sig
signed signer 102 --server $SERVER
installs "one that waits" --yes --confirm 10m $W/signed.cdb
waits_no_more
ok "t111_a_signed_one_is_taken_back" expire
ok "which is said" grep -q "Generation 102 was not confirmed in time" $W/out
ok "t111_to_the_very_one_before" cmp $db $W/101.cdb
ok "with its signature" cmp $db.sig $W/101.sig
refuses "t23_what_was_taken_back_does_not_come_again" 1 "generation 102 has been installed here" --yes $W/signed.cdb
signed signer 103 --server $SERVER
installs "another that waits" --yes --confirm 10m $W/signed.cdb
installs "can be taken back by hand" --yes --undo
ok "to the one before" cmp $db $W/101.cdb
ok "and nothing waits" [ ! -e /var/lib/adperm/policy.confirm ]
refuses "t23_but_not_once_more" 1 "takes a new one from who signs" --yes --undo
signed signer 104 --server $SERVER
installs "a third" --yes --confirm 10m $W/signed.cdb
signed signer 50 --server $SERVER
cp $W/signed.cdb $db.previous
cp $W/signed.cdb.sig $db.previous.sig
waits_no_more
ok "t111_never_to_an_older_one" not expire
ok "which is said" grep -q "is not what generation 104 has replaced" $W/out
is "t111_the_one_that_waits_stays" "$(generation)" 104
rm /var/lib/adperm/policy.confirm

# --- when the record of generations is lost

rm $db $db.sig /var/lib/adperm/policy.generation
refuses "t23_nothing_known_of_older_ones" 2 'adperm trust reset' --yes --server $SERVER $W/signed.cdb
ok "another key is no new beginning" trusts other
refuses "t23_nor_with_it" 2 'adperm trust reset' --yes --server $SERVER $W/signed.cdb
ok "t23_nobody_at_a_terminal" not "$adperm" trust reset </dev/null
# types LINE: runs trust reset at a terminal, and types that.
types() {
    printf '%s\n' "$1" | script -qec "$adperm trust reset" $W/typescript >/dev/null 2>&1
}
ok "t23_another_answer" not types yes
refuses "t23_changes_nothing" 2 'adperm trust reset' --yes --server $SERVER $W/signed.cdb
ok "t23_somebody_at_a_terminal" types "begin anew"
installs "t23_begins_anew" --yes --server $SERVER $W/signed.cdb
is "with an old one" "$(generation)" 50
ok "and it is logged" matches "$(world_lines trust)" "begins anew"
rm -r /etc/adperm/trusted-keys /var/lib/adperm/policy.*
ok "the first key of a new server" trusts signer
installs "needs no reset" --yes --server $SERVER $W/signed.cdb
rm -r /etc/adperm/trusted-keys
cp $W/signed.cdb* /tmp/
refuses "without keys, a database where others may write" 2 "must belong to root" --yes /tmp/signed.cdb

tap_done
