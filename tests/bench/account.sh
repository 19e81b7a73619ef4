#!/bin/sh
# tests/bench/account.sh [RULES...]
#
# What the account phase costs with so many rules, the user standing last: ours, pam_access as it is
# shipped and with nodefgroup, pam_listfile, and pam_succeed_if for members of a group; see stacks.c.
# In one process, and in a process for each transaction, as in sshd. `empty` is pam_permit alone, and
# stands there twice: what the second differs by is noise. Without an argument 10, 1,000, 10,000 and
# 100,000 rules, and 1,000,000 for ours alone. Appends to the file BENCH_JSON, if it is set. BUILD
# names the directory of the programs. Nothing listens on /dev/log until the last rows: "logging" is
# ours with a line in the log.

set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)
[ "${1-}" = --inside ] || {
    [ -x "$build/tests/bench/stacks" ] || {
        echo "tests/bench/account.sh: make tests first" >&2
        exit 2
    }
    exec "$build/tests/integration/privately" "$0" --inside "${@:-10 1000 10000 100000 1000000}"
}
shift
# shellcheck source=tests/bench/report.sh
. "$top/tests/bench/report.sh"
work=$(mktemp -d /run/adperm-bench.XXXXXX) || exit 2
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
user=lastone
# As it is installed: a copy, of which the kernel maps larger pieces than of what a linker wrote.
cp "$build/pam_adperm.so" "$work/pam_adperm.so"

# The machine's own users, and ours; only these namespaces see it.
{ cat /etc/passwd; echo "$user:x:61000:61000::/nonexistent:/bin/false"; } >"$work/passwd"
mount --bind "$work/passwd" /etc/passwd || exit 2

# stacks_of N
stacks_of() {
    mkdir -p "$work/pam.d"
    bench_policy "$1" $user >"$work/policy.yaml"
    "$build/adperm" compile --server web1.x.example -o "$work/policy.cdb" "$work/policy.yaml" >"$work/said" 2>&1 || {
        cat "$work/said" >&2
        exit 1
    }
    { bench_numbers "$1" '+:u@@:ALL'; echo "+:$user:ALL"; echo '-:ALL:ALL'; } >"$work/access.conf"
    { bench_numbers "$1" 'u@@'; echo "$user"; } >"$work/list"
    { cat "$work/group.before"; printf 'bench:x:61001:'; bench_numbers "$1" 'u@@' | tr '\n' ,; echo "$user"; } >"$work/group"
    echo 'account required pam_permit.so' >"$work/pam.d/empty"
    echo "account required $work/pam_adperm.so permission=ssh_users db=$work/policy.cdb switch=$work/none people=$work/none local_users=$work/none sessions=$work/none" >"$work/pam.d/adperm"
    echo "account required pam_access.so accessfile=$work/access.conf" >"$work/pam.d/access"
    echo "account required pam_access.so nodefgroup accessfile=$work/access.conf" >"$work/pam.d/access_nodefgroup"
    echo "account required pam_listfile.so item=user sense=allow onerr=fail file=$work/list" >"$work/pam.d/listfile"
    echo 'account required pam_succeed_if.so quiet user ingroup bench' >"$work/pam.d/succeed_if"
}

# measure N ROUNDS CASE...
measure() {
    n=$1 rounds=$2
    shift 2
    for way in '' --fresh; do
        # shellcheck disable=SC2086 # empty, or an option
        "$build/tests/bench/stacks" $way $rounds "$work/pam.d" $user empty=empty again=empty "$@" |
            while IFS='	' read -r name ns more times kib _; do
                printf '%9s %-18s %-14s %11.1f us  %+11.1f us  %8.3f x' "$n" "$name" \
                    "${way:+own process}" "$(quotient "$ns" 1000)" "$(quotient "$more" 1000)" "$times"
                [ -z "$way" ] || printf '  %+6d KiB' "$kib"
                echo
                record bench=account rules="$n" case="$name" own_process="${way:+yes}" \
                    us="$(quotient "$ns" 1000)" more_us="$(quotient "$more" 1000)" \
                    times="$times" more_kib="$kib" rounds="$rounds"
            done
    done
}

cp /etc/group "$work/group.before"
cp /etc/group "$work/group"
mount --bind "$work/group" /etc/group || exit 2
echo "Account phase: rules, case, whole, more than the empty stack, times the empty stack"
# shellcheck disable=SC2048,SC2086 # numbers
for n in $*; do
    stacks_of "$n"
    measure "$n" 300 adperm=adperm
    # These take longer with each rule, and libc does not find a group of 100,000 members.
    # shellcheck disable=SC2046 # nothing, or a word
    [ "$n" -gt 100000 ] || measure "$n" $((n >= 100000 ? 15 : n >= 10000 ? 60 : 300)) \
        access_nodefgroup=access_nodefgroup listfile=listfile \
        $([ "$n" -ge 100000 ] || echo succeed_if=succeed_if)
    [ "$n" -gt 1000 ] || measure "$n" $((n >= 1000 ? 3 : 100)) access=access
done
stacks_of 10
bench_listen "$build" "$work"
measure 10 300 logging=adperm
