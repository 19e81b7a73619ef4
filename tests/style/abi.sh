#!/bin/sh
# The binary interfaces of libadperm, and of the sources that it loads, are those in libadperm.abi:
# symbols, prototypes, sizes and offsets, numbers. What was compiled once relies on all of it.
#
#   tests/style/abi.sh accept     writes the list anew: before a release, or with a new soname
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
build=${BUILD:-$top/build}
list=tests/style/libadperm.abi
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# flat HEADER: as the compiler sees it, without what it includes from the system; one declaration a
# line, with single spaces.
flat() {
    cc -E -P "policy/include/$1" >"$work/all" &&
        printf '#include <stddef.h>\n#include <stdint.h>\n' | cc -E -P - >"$work/system" &&
        grep -vxFf "$work/system" "$work/all" | grep -v '^#' | tr '\n\t' '  ' |
        awk '{
            for (i = 1; i <= length($0); i++) {
                c = substr($0, i, 1)
                depth += (c == "{") - (c == "}")
                line = line c
                if (c == ";" && depth == 0) { gsub(/ +/, " ", line); gsub(/\( /, "(", line); sub(/^ /, "", line); print line; line = "" }
            }
        }'
}

# program HEADER: prints the text of one that prints every structure with the offset and size of each member, every number of
# every enumeration, and the sizes of the texts.
program() {
    echo "#include \"$1\""
    echo '#include <stdio.h>'
    echo 'int main(void) {'
    awk '
        /^struct [a-z_]+ \{/ {
            name = $2
            printf "printf(\"struct %s: %%zu bytes\\n\", sizeof(struct %s));\n", name, name
            sub(/^[^{]*\{/, ""); sub(/\};$/, "")
            n = split($0, members, ";")
            for (i = 1; i <= n; i++) {
                member = members[i]
                if (match(member, /\(\*[a-z_0-9]+\)/))
                    member = substr(member, RSTART + 2, RLENGTH - 3)
                sub(/\[.*/, "", member); sub(/ *$/, "", member)
                if (!match(member, /[a-z_0-9]+$/)) continue
                member = substr(member, RSTART)
                printf "printf(\"struct %s: %%zu %%zu %s\\n\", offsetof(struct %s, %s), sizeof(((struct %s *)0)->%s));\n",
                    name, member, name, member, name, member
            }
        }
        /^enum [a-z_]+ \{/ {
            name = $2
            sub(/^[^{]*\{/, ""); sub(/\};$/, "")
            n = split($0, rows, ",")
            for (i = 1; i <= n; i++)
                if (match(rows[i], /[A-Z_0-9]+/)) {
                    symbol = substr(rows[i], RSTART, RLENGTH)
                    printf "printf(\"enum %s: %s %%d\\n\", (int)%s);\n", name, symbol, symbol
                }
        }' "$work/flat"
    sed -n 's/^#define \(ADPERM_[A-Z]*_SIZE\) .*/printf("\1 %d\\n", \1);/p' "policy/include/$1"
    echo 'return 0; }'
}

# layout HEADER
layout() {
    flat "$1" >"$work/flat" && program "$1" >"$work/abi.c" &&
        cc -Ipolicy/include -o "$work/abi" "$work/abi.c" && "$work/abi"
}

exported() {
    nm -D --defined-only "$build/libadperm.so.0" | awk '$2 != "A" && $3 !~ /^__/ { print "symbol", $3 }'
}

declared() {
    flat adperm.h | grep -E '^[^{]*\);$'
}

interface() {
    readelf -d "$build/libadperm.so.0" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p'
    { exported && declared; } | LC_ALL=C sort
    layout adperm.h && layout adperm_source.h
}

if [ "${1-}" = accept ]; then
    interface >"$work/now" && cp "$work/now" "$list"
    exit
fi
interface >"$work/now" 2>"$work/wrong" || sed 's/^/# /' "$work/wrong"
same() {
    diff "$list" "$work/now" >"$work/differ" || {
        sed 's/^/# /' "$work/differ"
        echo '# New functions, and new reasons behind the last, break nothing; any other change needs a'
        echo '# new soname, or of a source another ADPERM_SOURCE_ABI. Then: tests/style/abi.sh accept'
        return 1
    }
}
ok "the interface of libadperm is the stored one" same
is "what the header declares is exported, and nothing else" \
    "$(exported | sed 's/^symbol //; s/@.*//' | LC_ALL=C sort | tr '\n' ' ')" \
    "$(declared | sed 's/.*\(adperm_[a-z0-9_]*\)(.*/\1/' | LC_ALL=C sort | tr '\n' ' ')"
# Each in the NAME and as a function in the SYNOPSIS.
documented() {
    declared | sed 's/.*\(adperm_[a-z0-9_]*\)(.*/\1/' | while read -r name; do
        grep -qE "^\.Nm $name( ,)?$" policy/library/libadperm.3 && grep -qE "^\.Fn $name " policy/library/libadperm.3 ||
            echo "$name"
    done
}
is "and is in the manual" "$(documented)" ''

tap_done
