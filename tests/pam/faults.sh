#!/bin/sh
# Every call of the module fails once; see faults.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/faults" "$build" "$top/tests/pam"
