#!/bin/sh
# The module, a database and a directory, in namespaces of their own; see test_pam.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)
cd "$top" || exit 2

BUILD=$build exec "$build/tests/integration/privately" "$build/tests/sources/test_pam" "$build" "$top/tests/pam"
