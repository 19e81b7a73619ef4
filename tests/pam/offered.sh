#!/bin/sh
# adperm-keys and the keys that clients offer, under clocks that are set where that can be; see
# offered.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(cd "${BUILD:-$top/build}" && pwd)
export BUILD

run() {
    "$@" "$BUILD/tests/integration/privately" "$BUILD/tests/pam/offered" "$BUILD" "$top/tests/pam"
}
why=$("$top/tests/pam/faked" true) && run "$top/tests/pam/faked" && exit
[ -n "$why" ] || exit
echo "# clocks cannot be set: $why"
run env
