#!/bin/sh
# How long refusals take; see timing.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/timing" "$build" "$top/tests/pam"
