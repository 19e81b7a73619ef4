#!/bin/sh
# tests/bench/compile.sh [GRANTS] [ROUNDS]
#
# How much longer a compile takes than libyaml's events alone over the same file, and how much memory
# it needs: by the clock, and by the time of all processors together. All are run in turn, because
# other work on the machine slows all of them down; each ratio is the median of the rounds'. The clock
# only tells something on a machine that does nothing else. Beside them `visudo -c` reads as many
# rules of sudo, if it is here. Appends to the file BENCH_JSON, if it is set. Without an argument 10,000, 100,000 and
# 1,000,000 grants, five rounds. BUILD names the directory of the programs. Goals: 1.25 and 1.5.

set -u

sizes=${1:-10000 100000 1000000}
rounds=${2:-5}
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/bench/report.sh
. "$top/tests/bench/report.sh"
build=$(cd "${BUILD:-$top/build}" && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

if [ ! -x "$build/tests/bench/events" ] || [ ! -x /usr/bin/time ]; then
    echo "tests/bench/compile.sh: make tests, and install time(1), first" >&2
    exit 2
fi

# policy GRANTS PEOPLE: each grant to somebody else, who with PEOPLE yes has a login.
policy() {
    awk -v n="$1" -v people="$2" 'BEGIN {
        print "---\nadperm: 1"
        if (people == "yes") {
            print "profiles:"
            for (i = 0; i < n; i++)
                printf "  user%07d@agency.example:\n    login: u%07d\n", i, i
        }
        print "owners:\n  ops@acme.example:\n    servers:"
        for (i = 0; i < 100; i++)
            printf "      web%d.acme.example: {accounts: [acme%d, shop%d]}\n", i, i, i
        print "    grants:"
        for (i = 0; i < n; i++)
            printf "      - to: user%07d@agency.example\n        servers:\n          web%d.acme.example: [ssh_users]\n", i, i % 100
        print "..."
    }'
}

# timed COMMAND...: "seconds-by-the-clock seconds-of-processors peak-KiB". The last may fail with 2.
timed() {
    /usr/bin/time -q -f '%e %U %S %M' -o "$work/time" "$@" >"$work/out" 2>&1 || [ $? -eq 2 ] || {
        cat "$work/out" >&2
        exit 1
    }
    awk '{ print $1, $2 + $3, $4 }' "$work/time"
}

# sudoers GRANTS: the same for sudo.
sudoers() {
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "user%07d web%d = (acme%d) ALL\n", i, i % 100, i % 100 }'
}

# peer GRANTS: what visudo takes; one round, it is not ours to judge.
peer() {
    command -v visudo >/dev/null || return 0
    sudoers "$1" >"$work/sudoers"
    read -r clock cpu peak <<END
$(timed visudo -c -f "$work/sudoers")
END
    echo "$1 rules of sudo: visudo -c $clock s, $(quotient "$peak" 976.56) MB"
    record bench=compile case=visudo grants="$1" seconds="$clock" cpu_seconds="$cpu" peak_kib="$peak"
}

# bench NAME FILE
bench() {
    { sed '$d' "$2" && printf '      - to: [\n'; } >"$work/broken.yaml"
    : >"$work/rounds"
    for _ in $(seq "$rounds"); do
        floor=$(timed "$build/tests/bench/events" "$2")
        load=$(timed "$build/tests/golden/load" "$2")
        compile=$(timed "$build/adperm" compile -o "$work/policy.cdb" "$2")
        broken=$(timed "$build/adperm" compile -o "$work/policy.cdb" "$work/broken.yaml")
        echo "$floor $load $compile $broken" >>"$work/rounds"
    done
    awk -v name="$1" -v bytes="$(wc -c <"$2")" '
        function median(values, n,    i, j, swap) {
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && values[j] < values[j - 1]; j--) {
                    swap = values[j]; values[j] = values[j - 1]; values[j - 1] = swap
                }
            return values[int((n + 1) / 2)]
        }
        function line(what, column,    i, clock, cpu) {
            for (i = 1; i <= NR; i++) {
                clock[i] = row[i, column] / (row[i, 1] > 0 ? row[i, 1] : 0.01)
                cpu[i] = row[i, column + 1] / (row[i, 2] > 0 ? row[i, 2] : 0.01)
            }
            printf "  %s: %.2f s = %.2f times the events by the clock, %.2f of processor\n",
                what, row[NR, column], median(clock, NR), median(cpu, NR)
        }
        { for (i = 1; i <= NF; i++) row[NR, i] = $i; peak[NR] = $9 }
        END {
            printf "%s: input %.1f MB, events %.2f s\n", name, bytes / 1e6, row[NR, 1]
            line("checked", 4)
            line("compiled", 7)
            line("refused for the last line", 10)
            printf "  peak memory %.1f MB = %.2f times the input\n",
                median(peak, NR) * 1.024e-3, median(peak, NR) * 1024 / bytes
        }' "$work/rounds"
    # shellcheck disable=SC2034 # columns that are not recorded
    read -r events _ _ _ _ _ compiled cpu peak _ <"$work/rounds"
    record bench=compile case="$1" bytes="$(wc -c <"$2")" events_seconds="$events" \
        seconds="$compiled" cpu_seconds="$cpu" peak_kib="$peak"
}

for grants in $sizes; do
    policy "$grants" yes >"$work/people.yaml"
    bench "$grants people with a login and a grant each" "$work/people.yaml"
    policy "$grants" no >"$work/grants.yaml"
    bench "$grants grants alone" "$work/grants.yaml"
    peer "$grants"
done
