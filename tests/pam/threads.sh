#!/bin/sh
# Many threads of one host; see threads.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/threads" "$build" "$top/tests/pam"
