#!/bin/sh
# When the directory is not as it should be, in a network of its own; see test_directory.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)
cd "$top" || exit 2

BUILD=$build exec "$build/tests/integration/privately" "$build/tests/sources/test_directory" "$@"
