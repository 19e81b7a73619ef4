#!/bin/sh
# tests/bench/instructions.sh
#
# Instructions that the account phase needs beyond the empty stack, in a process of its own, loading
# the module included: with 10 people in the policy and with 10,000, where nothing listens on /dev/log;
# and how many more where something does: what logging takes. And those of compiling the larger policy
# without threads, as percent of what libyaml needs for its events alone. Counted by callgrind, so that
# other work on the machine makes no difference. Prints lines "NAME NUMBER". BUILD names the directory
# of the programs.

set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)
[ "${1-}" = --inside ] || exec "$build/tests/integration/privately" "$0" --inside
# shellcheck source=tests/bench/report.sh
. "$top/tests/bench/report.sh"
work=$(mktemp -d /run/adperm-bench.XXXXXX) || exit 2
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/pam.d"
# Not where the build directory is: the length of paths would count.
cp "$build/pam_adperm.so" "$work/pam_adperm.so"

# The first processor that this process may use: with one, no threads are started.
one=$(taskset -cp $$ | sed 's/.*: *//; s/[-,].*//')

# counted COMMAND...: its instructions.
counted() {
    taskset -c "$one" valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>"$work/said" >/dev/null
    counted=$(sed -n 's/.*Collected : *//p' "$work/said")
    [ -n "$counted" ] || {
        cat "$work/said" >&2
        exit 1
    }
    echo "$counted"
}

# told NAME INSTRUCTIONS
told() {
    echo "$1 $2"
    record bench=instructions case="$1" instructions="$2" empty="$empty"
}

# count SERVICE: instructions of one transaction of a new process.
count() {
    counted "$build/tests/bench/stacks" --once "$work/pam.d" lastone "$1"
}

echo 'account required pam_permit.so' >"$work/pam.d/empty"
echo "account required $work/pam_adperm.so permission=ssh_users db=$work/policy.cdb switch=$work/none people=$work/none local_users=$work/none sessions=$work/none" >"$work/pam.d/adperm"
empty=$(count empty) || exit 1
for people in 10 10000; do
    bench_policy "$people" lastone >"$work/policy.yaml"
    "$build/adperm" compile --server web1.x.example -o "$work/policy.cdb" "$work/policy.yaml" >"$work/said" 2>&1 || {
        cat "$work/said" >&2
        exit 1
    }
    whole=$(count adperm) || exit 1
    more=$((whole - empty))
    told "account_$people" "$more"
done
bench_listen "$build" "$work"
empty=$(count empty) || exit 1
whole=$(count adperm) || exit 1
told logging $((whole - empty - more))

floor=$(counted "$build/tests/bench/events" "$work/policy.yaml") || exit 1
whole=$(counted "$build/adperm" compile -o "$work/whole.cdb" "$work/policy.yaml") || exit 1
echo "compile_percent $((100 * whole / floor))"
record bench=instructions case=compile_10000 instructions="$whole" events="$floor"
