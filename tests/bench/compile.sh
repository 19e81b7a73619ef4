#!/bin/sh
# tests/bench/compile.sh [GRANTS] [ROUNDS]
#
# How much longer a compile takes than libyaml's events alone over the same file, and how much memory
# it needs. The two are timed in turn, pair by pair, because other work on the machine slows both
# down; the ratio is that of the pair with the median. Without an argument, 1,000,000 grants, five
# pairs. BUILD names the directory of the programs. Goals: 1.25 and 1.5.

set -u

grants=${1:-1000000}
rounds=${2:-5}
top=$(cd "$(dirname "$0")/../.." && pwd)
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

# timed COMMAND...: "seconds-of-processor peak-KiB".
timed() {
    /usr/bin/time -f '%U %S %M' -o "$work/time" "$@" >"$work/out" 2>&1 || {
        cat "$work/out" >&2
        exit 1
    }
    awk '{ print $1 + $2, $3 }' "$work/time"
}

# bench NAME FILE
bench() {
    : >"$work/pairs"
    for _ in $(seq "$rounds"); do
        floor=$(timed "$build/tests/bench/events" "$2")
        load=$(timed "$build/tests/golden/load" "$2")
        compile=$(timed "$build/adperm" compile -o "$work/policy.cdb" "$2")
        echo "$floor $load $compile" >>"$work/pairs"
    done
    awk '{ print $5 / $1, $3 / $1, $0 }' "$work/pairs" | sort -n |
        awk -v name="$1" -v bytes="$(wc -c <"$2")" '
            { row[NR] = $0 }
            END {
                split(row[int((NR + 1) / 2)], r)
                printf "%s: input %.1f MB; events %.2f s; checked in %.2f s = %.2f times that; " \
                    "compiled in %.2f s = %.2f times; peak %.1f MB = %.2f times the input\n",
                    name, bytes / 1e6, r[3], r[5], r[2], r[7], r[1], r[8] * 1.024e-3,
                    r[8] * 1024 / bytes
            }'
}

policy "$grants" yes >"$work/people.yaml"
bench "$grants people with a login and a grant each" "$work/people.yaml"
policy "$grants" no >"$work/grants.yaml"
bench "$grants grants alone" "$work/grants.yaml"
