#!/bin/sh
# The module in a host that misbehaves; see misuse.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/misuse" "$build" "$top/tests/pam"
