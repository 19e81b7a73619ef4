#!/bin/sh
# What happens while the person is asked; see meddle.c.

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd)

exec "$build/tests/integration/privately" "$build/tests/pam/meddle" "$build" "$top/tests/pam"
