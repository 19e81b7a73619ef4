#!/bin/sh
# What `make install` installs is in one Debian package and in one RPM each, and nothing is named there that
# is not installed: both lists are compared with the tree itself.

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
root=$work/root

# For the paths of Debian, of one architecture or of the Fedora family.
install_as() {
    rm -rf "$root"
    make -s B="${BUILD:-build}" -o all install DESTDIR="$root" "$@" >"$work/said" 2>&1 ||
        { sed 's/^/# /' "$work/said" && exit 2; }
    (cd "$root" && find . -type f -o -type l) | sed 's/^\.//' | LC_ALL=C sort >"$work/installed"
}

# What the patterns on standard input name, file by file; and to a file those that name nothing.
named() {
    : >"$work/nothing"
    while read -r pattern; do
        # shellcheck disable=SC2086 # patterns are meant
        found=$(cd "$root" && find ./${pattern#/} ! -type d 2>/dev/null)
        [ -n "$found" ] && echo "$found" | sed 's/^\.//' || echo "$pattern" >>"$work/nothing"
    done | LC_ALL=C sort >"$work/named"
}

judged() {
    is "$1: every installed file is in one package" "$(LC_ALL=C comm -23 "$work/installed" "$work/named")" ''
    is "$1: and no more than one" "$(uniq -d "$work/named")" ''
    is "$1: nothing is named that is not installed" "$(cat "$work/nothing")" ''
}

install_as UNITDIR=/lib/systemd/system APTDIR=/etc/apt/apt.conf.d
cat packaging/deb/*.install | named
judged "Debian"

install_as SBINDIR=/usr/sbin LIBDIR=/usr/lib64 PAMDIR=/usr/lib64/security APTDIR=
# The files of the spec that make install does not make: directories, documents, and its own.
sed -n '/^%files/,/^%changelog/p' packaging/rpm/adperm.spec | grep '[/]' |
    grep -v '^%dir\|^%license\|^%doc\|%dir\|authselect\|selinux' |
    sed 's/^%config([a-z]*) *//; s/%{_sbindir}/\/usr\/sbin/; s/%{_bindir}/\/usr\/bin/; s/%{_prefix}/\/usr/
        s/%{_unitdir}/\/usr\/lib\/systemd\/system/; s/%{_mandir}/\/usr\/share\/man/
        s/%{_sysusersdir}/\/usr\/lib\/sysusers.d/; s/%{_tmpfilesdir}/\/usr\/lib\/tmpfiles.d/
        s/%{_datadir}/\/usr\/share/; s/%{_pam_moduledir}/\/usr\/lib64\/security/
        s/%{_libdir}/\/usr\/lib64/; s/%{_includedir}/\/usr\/include/' | named
is "the Fedora family: every macro is understood here" "$(grep -h '%' "$work/nothing")" ''
judged "the Fedora family"

# What a service runs or loads below /usr/lib is unknown to SELinux's own policy.
sed 's/[[:space:]].*//' packaging/rpm/selinux/adperm.fc >"$work/labels"
is "SELinux: all of our own directory has a label" \
    "$(grep '^/usr/lib/adperm/' "$work/installed" | grep -vxEf "$work/labels")" ''

tap_done
