#!/bin/sh
# What a combined stack leaves behind; see combined.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/combined" "$build" "$top/tests/pam"
