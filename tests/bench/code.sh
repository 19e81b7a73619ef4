#!/bin/sh
# tests/bench/code.sh [ROUNDS] [RACES] [PEOPLE...]
#
# What a login with a code costs with so many enrolled, against pam_google_authenticator and pam_oath,
# and against the least that a daemon and that files can cost on this disk; what becomes of one code
# that comes in eight processes at once, and how many people a second eight processes let in; see
# code.c. Without an argument 200 rounds, 100 races, and 1, 1,000, 10,000 and 100,000 people. Goals: a
# quarter of pam_google_authenticator, with many enrolled at most 15 % more than with one, no code
# accepted twice, and 3,000 people a second, all of them accepted. Appends to the file BENCH_JSON, if it is set. BUILD names the directory of the programs.

set -u

rounds=${1:-200}
races=${2:-100}
[ $# -lt 2 ] || shift 2
[ $# -gt 0 ] || set -- 1 1000 10000 100000
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)
module=$(find /lib/*/security /lib64/security /usr/lib64/security -name pam_google_authenticator.so \
    2>/dev/null | head -n 1)

if [ ! -x "$build/tests/bench/code" ] || [ -z "$module" ]; then
    echo "tests/bench/code.sh: make tests, and install pam_google_authenticator, first" >&2
    exit 2
fi
# shellcheck source=tests/bench/report.sh
. "$top/tests/bench/report.sh"
# On a disk: what is made durable costs most of the time.
work=$(mktemp -d /var/lib/adperm-bench.XXXXXX) || exit 2
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
echo "A login with a code: people, whose, microseconds more than pam_permit; races"
for people; do
    mkdir -m 755 "$work/$people"
    "$build/tests/integration/privately" "$build/tests/bench/code" "$build" "$top/tests/pam" \
        "$work/$people" "$people" "$rounds" "$races" >"$work/out" || exit 1
    while IFS='	' read -r what whose first second third; do
        if [ "$what" = cost ]; then
            printf '%9s %-26s %8s us\n' "$people" "$whose" "$first"
            record bench=code people="$people" case="$whose" more_us="$first" rounds="$rounds"
        elif [ "$what" = crowd ]; then
            printf '%9s %-26s %8s a second in 8 processes, %s of %s accepted\n' \
                "$people" "$whose" "$first" "$second" "$third"
            record bench=crowd people="$people" case="$whose" a_second="$first" accepted="$second" of="$third"
        else
            printf '%9s %-26s in %s races accepted more than once in %s, by nobody in %s\n' \
                "$people" "$whose" "$first" "$second" "$third"
            record bench=race people="$people" case="$whose" races="$first" twice="$second" never="$third"
        fi
    done <"$work/out"
done
