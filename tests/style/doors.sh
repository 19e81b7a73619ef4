#!/bin/sh
# The doors in README.md: each row names a test that is there, and that reads the row.

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"

rows=0
while IFS='|' read -r _ door _ _ _ test _; do
    door=$(echo "$door" | sed 's/^ *//; s/ *$//')
    test=$(echo "$test" | tr -d ' `')
    case $test in
    */*) test=tests/$test ;;
    *) test=tests/integration/$test ;;
    esac
    rows=$((rows + 1))
    ok "$door: is tried by $test" grep -q "door_says '$door'" "$test"
done <<END_OF_ROWS
$(sed -n '/^| door |/,/^$/p' README.md | grep '^| ' | tail -n +2)
END_OF_ROWS
ok "the table has its rows" [ $rows -ge 5 ]
tap_done
