#!/bin/sh
# Being a source from outside of this tree: the header in every language, and the example built by
# the words of the manual page.
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cp "$top"/policy/include/*.h "$top"/policy/include/*.def "$top/policy/sources/example/source_flat.c" "$work/"
page=$top/policy/sources/adperm_source.3
cd "$work" || exit 2

said() {
    "$@" >"$work/said" 2>&1 || {
        sed 's/^/# /' "$work/said"
        return 1
    }
}

printf '#include <adperm_source.h>\n#include <adperm.h>\nint main(void) { return ADPERM_SOURCE_ABI == 0; }\n' >header
for compiler in gcc clang; do
    for language in c:c99 c:c11 c++:c++11 c++:c++17; do
        ok "the header is ${language#*:} for $compiler" said $compiler -x "${language%:*}" \
            -std="${language#*:}" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I. header
    done
done

build=$(sed -n 's/^cc \(-shared .*\)/\1/p' "$page")
for compiler in gcc clang; do
    # shellcheck disable=SC2086 # words
    ok "the manual page builds the example with $compiler" said $compiler -Wall -Wextra -Werror -I. $build
    is "which exports its table and nothing else" "$(nm -D --defined-only source_flat.so | awk '{ print $3 }')" adperm_source
done

# What the page shows of the file is what the example is asked about elsewhere.
facts() {
    sed -n '/^server  /,/^grant  /p' "$page"
}
is "the page shows the facts that the example explains" "$(facts | sed 's/^/ *	/')" \
    "$(sed -n '/^ \*	server/,/^ \*	grant/p' source_flat.c | sed 's/ *#.*//')"

tap_done
