#!/bin/sh
# What piuparts says of installing and purging, on a bare Debian of its own. Needs a mirror.

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
packages=${BUILD:-$top/build}/packages
mirror=${ADPERM_MIRROR-http://deb.debian.org/debian}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

passes() {
    # Files below these are systemd's, whose package is installed with ours.
    set -- -i /root/.ssh/ -i /var/cache/private/ -i /var/lib/private/ -i /var/log/private/ \
        -i /var/lib/systemd/coredump/ -i /var/lib/systemd/pstore/ "$@"
    base=$packages/piuparts.tgz
    if [ -s "$base" ]; then
        set -- --basetgz="$base" "$@"
    else
        set -- --save="$base" "$@"
    fi
    # sudo does not want to go from where root has no password.
    SUDO_FORCE_REMOVE=yes piuparts -d bookworm -m "$mirror main" --tmpdir="$work" "$@" >"$work/log" 2>&1 || {
        grep -E 'ERROR|FAIL|^  ' "$work/log" | tail -n 20 | sed 's/^/#   /'
        return 1
    }
}

# A mirror may not answer just now.
no_mirror() {
    grep -qE 'Failed to fetch|Could not resolve|Temporary failure|Connection timed out' "$work/log"
}
passes_once() {
    passes "$@" || { no_mirror && sleep 20 && passes "$@"; }
}

ok "piuparts: installing and purging leaves nothing" passes_once "$packages"/debs/*.deb

tap_done
