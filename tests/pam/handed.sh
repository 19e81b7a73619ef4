#!/bin/sh
# What the account adperm hands over from phase to phase; see handed.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/handed" "$build" "$top/tests/pam"
