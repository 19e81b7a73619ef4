#!/bin/sh
# `make install` below a directory of its own: everything arrives, nothing is set-id, and `make
# uninstall` takes it all away again.

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
root=$(mktemp -d) || exit 2
trap 'rm -rf "$root"' EXIT

make_quietly() {
    make -s B="${BUILD:-build}" DESTDIR="$root" "$@" >"$root/said" 2>&1 || {
        sed 's/^/# /' "$root/said"
        return 1
    }
    rm -f "$root/said"
}

# Only what is built already is installed: the compiler's flags are those of whoever built it.
ok "make install" make_quietly -o all install
for file in usr/sbin/adperm usr/sbin/adpermd usr/lib/adperm/adperm-keys usr/share/man/man8/pam_adperm.8 \
    usr/share/adperm/pam.d/sshd usr/bin/adperm-menu usr/lib/adperm/menu/firewall_rules usr/share/adperm/adperm.policy.schema.json \
    usr/share/adperm/sudoers.d/adperm etc/adperm/menus.d/web.yaml etc/adperm/adperm.conf; do
    ok "$file is there" [ -s "$root/$file" ]
done
is "the module is where libpam looks for it" "$(find "$root" -name pam_adperm.so | sed 's,.*/,,')" pam_adperm.so
is "nothing is set-id" "$(find "$root" -perm /6000)" ''
is "nothing is writable by others" "$(find "$root" ! -type l -perm /022)" ''
is "every manual page is installed" "$(find "$root" -path '*/man/*' -type f | wc -l)" \
    "$(find policy pam_adperm menu people self -name '*.[1-8]' | wc -l)"
ok "make uninstall" make_quietly uninstall
is "takes all of it away but the configuration" "$(find "$root" -type f | grep -v "^$root/etc/adperm/")" ''

tap_done
