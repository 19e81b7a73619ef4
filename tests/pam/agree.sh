#!/bin/sh
# The module and the policy in memory, asked the same; see agree.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/agree" "$build" "$top/tests/pam"
