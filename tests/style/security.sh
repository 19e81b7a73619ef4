#!/bin/sh
# docs/security-tests.md says which tests there are, as their names do.

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

current() {
    tests/security/page >"$work/page" || return 1
    diff -u docs/security-tests.md "$work/page" | sed 's/^/# /' >"$work/diff"
    [ ! -s "$work/diff" ] || {
        cat "$work/diff"
        echo "# make docs/security-tests.md"
        return 1
    }
}
if git ls-files --error-unmatch tests/security/page >/dev/null 2>&1; then
    ok "docs/security-tests.md is what tests/security/page says" current
else
    skip "docs/security-tests.md is what tests/security/page says" "no git here to list the tests"
fi
tap_done
