#!/bin/sh
# The tests that the Debian packages bring along, run by autopkgtest(1) on a bare Debian. Needs a mirror:
# they compile a program.

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
packages=${BUILD:-$top/build}/packages
# The mounts are this program's alone, and go with it.
if [ "${ADPERM_MOUNTS-}" != private ]; then
    exec env ADPERM_MOUNTS=private unshare --mount --propagation private "$0" "$@"
fi

work=$(mktemp -d) || exit 2
trap 'umount "$work"; rmdir "$work"' EXIT
mount -t tmpfs -o mode=755 autopkgtest "$work" || exit 2
root=$work/root source=$work/source
mkdir "$root" "$source"
tar -xf "$packages/root.tar" -C "$root" || exit 2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"
echo 'Acquire::Retries "5";' >"$root/etc/apt/apt.conf.d/80-retries"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
git -C "$top" archive "$(cat "$packages/commit")" packaging/deb | tar -x -C "$source" --strip-components=1
mv "$source/deb" "$source/debian"

autopkgtest --no-built-binaries --setup-commands='apt-get update' --output-dir="$work/out" \
    "$packages"/debs/*.deb "$source" -- chroot "$root" >"$work/said" 2>&1
is "autopkgtest: exit status" $? 0
is "each test of debian/tests has passed" "$(sed 's/ *$//; s/  */ /' "$work/out/summary")" \
    "$(sed -n 's/^Tests: *//p' "$source/debian/tests/control" | tr ' ' '\n' | sed 's/$/ PASS/')"
[ -z "$(sed -n '/ PASS *$/!p' "$work/out/summary")" ] || tail -n 30 "$work/said" | sed 's/^/# /'
umount -R "$root/dev" "$root/proc"

tap_done
