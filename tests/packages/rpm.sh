#!/bin/sh
# The RPMs: what rpmlint says, that SELinux's module compiles, and that they install, verify, upgrade and
# go away again in a bare root. That root is Debian's: what depends on Fedora's own packages is not tried.
# shellcheck disable=SC2046,SC2086 # names of files and packages here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
BUILD=${BUILD:-$top/build}
if [ "${ADPERM_PRISTINE-}" != private ]; then
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 BUILD="$(cd "$BUILD" && pwd)" \
        ADPERM_PRISTINE=private "$BUILD/tests/integration/privately" "$0" "$@"
fi

rpms=$(find "$BUILD/packages/rpms" -name '*.x86_64.rpm' | sort)
packages='adperm adperm-ldap adperm-menu adpermd libadperm libadperm-devel pam_adperm'
R=/run/root

quietly() {
    "$@" >/run/said 2>&1 </dev/null || {
        sed 's/^/#   /' /run/said
        return 1
    }
}
in_root() {
    rpm --root $R --dbpath /var/lib/rpm "$@"
}
compiles() {
    cp -r "$top/packaging/rpm/selinux" /run/selinux &&
        make -f /usr/share/selinux/devel/Makefile -C /run/selinux NAME=default adperm.pp && [ -s /run/selinux/adperm.pp ]
}

mount -t tmpfs -o mode=755 rpm /run || exit 2
mkdir $R
tar -xf "$BUILD/packages/root.tar" -C $R || exit 2
find $R/etc/pam.d $R/etc/ssh -type f -exec sha256sum {} + | sort >/run/before

rpmlint -c "$top/packaging/rpm/rpmlint.toml" $rpms "$top/packaging/rpm/adperm.spec" >/run/rpmlint 2>&1
sed -n 's/^/# /;/: [EW]: /p;$p' /run/rpmlint
is "rpmlint: no errors, no warnings" "$(grep -c ': [EW]: ' /run/rpmlint)" 0
ok "SELinux's module compiles" quietly compiles
is "all packages are built" "$(rpm -qp --qf '%{NAME} ' $rpms)" "$packages "
is "t109: nothing is set-id, nor writable by others" \
    "$(rpm -qp --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' $rpms | grep -E '^-(..s|.....s|....w|.......w)' )" ''

ok "they install" quietly in_root -i --nodeps $rpms
is "all of them" "$(in_root -q --qf '%{NAME}\n' $packages | sort | tr '\n' ' ')" "$packages "
ok "and verify" quietly in_root -V --nodeps --nomtime $packages
is "nothing that decides on logins has changed" "$(find $R/etc/pam.d $R/etc/ssh -type f \
    -exec sha256sum {} + | sort | diff /run/before -)" ''
is "the module is where Fedora's libpam looks" "$(find $R -name pam_adperm.so)" $R/usr/lib64/security/pam_adperm.so
is "the key of the second factors is made" "$(stat -c '%a %u' $R/etc/adperm/state.key)" '400 0'
is "who may read what people change" "$(chroot $R stat -c '%a %U %G' /var/lib/adperm/people)" '750 root adperm-clients'
echo olduser >>$R/etc/adperm/local-users
cp $R/etc/adperm/state.key /run/state.key
ok "they upgrade" quietly in_root -U --nodeps --replacepkgs $rpms
ok "what somebody has configured is kept" grep -q olduser $R/etc/adperm/local-users
ok "and the key" cmp -s /run/state.key $R/etc/adperm/state.key
mark() {
    sed -n "s/^#define BLOCK_$1 *\"\(.*\)\\\\n\"/\1/p" "$top/policy/wiring/block.h"
}
{ mark BEGIN && echo 'account required pam_adperm.so permission=ssh_users' && mark END; } >/run/block
sed -i '1r /run/block' $R/etc/pam.d/sshd
sed -i '/^# END adperm/d' $R/etc/pam.d/sshd
is "a module whose lines cannot be taken out is not erased" \
    "$(in_root -e --nodeps $packages >/run/said 2>&1; in_root -q pam_adperm >/run/said && echo there)" there
sed -i '/BEGIN adperm/,+1d;1r /run/block' $R/etc/pam.d/sshd
ok "sshd is wired" grep -q 'BEGIN adperm' $R/etc/pam.d/sshd
# Of format 99: 2057 bytes, and the word that stands before the number.
{ head -c 2057 /dev/zero && printf 'adpermdb\143\0\0\0'; } >$R/var/lib/adperm/policy.cdb
ok "t107: packages that cannot read the policy that is there are refused" \
    eval '! in_root -U --nodeps --replacepkgs --force $rpms >/run/said 2>&1 && grep -q "policy.cdb has format 99" /run/said'
is "t107: each of them that could be asked" "$(grep -c 'prein.*scriptlet failed' /run/said)" "$(grep -c '^%pre.* -f formats' "$top/packaging/rpm/adperm.spec")"
rm $R/var/lib/adperm/policy.cdb
in_root -i --nodeps --replacepkgs --force $rpms >/run/said 2>&1
ok "they are erased" quietly in_root -e --nodeps $packages
is "and the service is unwired before" "$(find $R/etc/pam.d $R/etc/ssh -type f -exec sha256sum {} + | sort | diff /run/before -)" ''
is "what somebody has configured is kept aside" "$(find $R/etc/adperm -name '*.rpmsave')" $R/etc/adperm/local-users.rpmsave
is "nothing else is left but the second factors, and copies of what was unwired" \
    "$(find $R -xdev -path '*adperm*' -type f ! -name '*.rpmsave' ! -path '*/lib/adperm/state*' ! -path '*/lib/adperm/wiring/*' | sort)" "$R/etc/adperm/state.key"

tap_done
