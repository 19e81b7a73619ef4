#!/bin/sh
# adperm-keys and the keys that clients offer; see offered.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/offered" "$build" "$top/tests/pam"
