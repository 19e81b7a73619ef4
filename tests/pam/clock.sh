#!/bin/sh
# The module under clocks that are set: the scripts of clock/, in three time zones, which change
# nothing; see pamdrive.c.
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
BUILD=$(cd "${BUILD:-$top/build}" && pwd)
export BUILD
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# run ZONE: every script of clock/ there.
run() {
    TZ=$1 "$top/tests/pam/faked" "$BUILD/tests/integration/privately" "$BUILD/tests/pam/pamdrive" \
        "$BUILD" "$top/tests/pam" "$top"/tests/pam/clock/*.script >"$work/out" 2>&1
}
passed() {
    sed -n 's/^ok [0-9]* - /# /p' "$work/out"
    [ "$1" -eq 0 ] || grep -v '^ok' "$work/out" | sed 's/^/# /'
    return "$1"
}

for zone in UTC Pacific/Kiritimati America/Los_Angeles; do
    name="expiry, and clocks that cannot be believed, in $zone"
    if [ ! -e "/usr/share/zoneinfo/$zone" ] && [ $zone != UTC ]; then
        skip "$name" "tzdata is not installed"
        continue
    fi
    run $zone
    code=$?
    if [ $code -eq 77 ]; then
        skip "$name" "$(cat "$work/out")"
    else
        ok "$name" passed $code
    fi
done
tap_done
