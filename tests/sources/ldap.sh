#!/bin/sh
# The source `ldap` on a real slapd, in a network of its own; see test_ldap.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)
cd "$top" || exit 2

BUILD=$build exec "$build/tests/integration/privately" "$build/tests/sources/test_ldap" "$@"
