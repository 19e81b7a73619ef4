#!/bin/sh
# Logins with next to nothing; see limits.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/limits" "$build" "$top/tests/pam"
