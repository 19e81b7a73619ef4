#!/bin/sh
# The Debian packages as they lie there: built twice the same, clean for lintian, and hardened.

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
packages=${BUILD:-$top/build}/packages
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

same() {
    (cd "$packages/debs" && sha256sum -- *.deb) >"$work/one"
    (cd "$packages/again" && sha256sum -- *.deb) >"$work/other"
    diff "$work/one" "$work/other" | sed 's/^/#   /'
    [ -s "$work/one" ] && cmp -s "$work/one" "$work/other"
}

ok "two builds from two directories are the same to the byte" same
lintian --tag-display-limit 0 --pedantic -I -E "$packages"/debs/*.deb >"$work/lintian" 2>&1
sed 's/^/# /' "$work/lintian"
is "lintian: no errors, warnings or pedantry" "$(grep -c '^[EWP]:' "$work/lintian")" 0
is "nor anything else that is not overridden" "$(grep -c '^[IX]:' "$work/lintian")" 0

hardened() {
    for deb in "$packages"/debs/*.deb; do
        dpkg-deb -x "$deb" "$work/root"
    done
    find "$work/root" -type f | while read -r file; do
        head -c 4 "$file" | grep -aq ELF || continue
        readelf -lW "$file" | grep -q GNU_RELRO || echo "$file: no relro"
        readelf -dW "$file" | grep -qE 'BIND_NOW|FLAGS_1.*NOW' || echo "$file: not bound at start"
        readelf -lW "$file" | grep 'GNU_STACK' | grep -q RWE && echo "$file: executable stack"
        case $file in
        *.so | *.so.0) ;;
        *) readelf -hW "$file" | grep -q 'DYN' || echo "$file: not position independent" ;;
        esac
    done >"$work/soft"
    sed 's/^/#   /' "$work/soft"
    [ ! -s "$work/soft" ]
}
ok "t109: everything is hardened" hardened

tap_done
