#!/bin/sh
# The module under the real libpam, one check a script in scripts/; see pamdrive.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/pamdrive" "$build" "$top/tests/pam" \
    "$top"/tests/pam/scripts/*.script
