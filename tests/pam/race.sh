#!/bin/sh
# One code, many logins at once; see race.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/race" "$build" "$top/tests/pam"
