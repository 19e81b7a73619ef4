#!/bin/sh
# tests/bench/code.sh [PEOPLE] [ROUNDS]
#
# What a login with a code costs, against pam_google_authenticator; see code.c. Without an argument,
# 100,000 people enrolled, 1,000 rounds. BUILD names the directory of the programs. Goals: a quarter of
# it, and with many enrolled at most 15 % more than with one.

set -u

people=${1:-100000}
rounds=${2:-1000}
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)
module=$(find /lib/*/security /lib64/security /usr/lib64/security -name pam_google_authenticator.so \
    2>/dev/null | head -n 1)

if [ ! -x "$build/tests/bench/code" ] || [ -z "$module" ]; then
    echo "tests/bench/code.sh: make tests, and install pam_google_authenticator, first" >&2
    exit 2
fi
# On a disk: what is made durable costs most of the time.
work=$(mktemp -d /var/lib/adperm-bench.XXXXXX) || exit 2
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
"$build/tests/integration/privately" "$build/tests/bench/code" "$build" "$top/tests/pam" "$work" \
    "$people" "$rounds"
