#!/bin/sh
# t105: dpkg is killed before every command of every maintainer script, on installing, upgrading,
# downgrading, removing and purging. Whatever is left then: root and the break-glass user get in, and
# while sshd is wired nobody does whom the policy does not know; and the same command again completes.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/packages/pristine.sh
. "$top/tests/packages/pristine.sh"
pristine_enter "$0" "$@"

packages='adperm adperm-ldap adperm-menu adpermd libadperm-dev libadperm0 libpam-adperm'
K=/run/copy

# The same packages, whose scripts count what they do: bash tells before each command, and when the
# count is at its end dpkg dies, and the script with it. A preinst only asks, in one function, which
# counts as one command.
count_in() {
    mkdir -p /counted/$1
    for deb in /$1/*.deb; do
        rm -rf $W/deb
        dpkg-deb -R $deb $W/deb
        for script in preinst postinst prerm postrm; do
            [ ! -e $W/deb/DEBIAN/$script ] || sed -i '1c#!/bin/bash\n. /counted/down' $W/deb/DEBIAN/$script
        done
        sed -i '2s/$/; set +T/' $W/deb/DEBIAN/preinst
        dpkg-deb --root-owner-group -Znone -b $W/deb /counted/$1 >/dev/null
    done
}
mkdir /counted
cat >/counted/down <<'END'
counted_down() {
    local left=$(($(</counted/left) - 1))
    echo $left >/counted/left
    [ $left -ne 0 ] || kill -9 $PPID $$
}
set -T
trap counted_down DEBUG
END
count_in debs
count_in newer

# A copy of the machine as it is, for once: what is written there leaves no trace here.
copy() {
    mkdir -p $K /run/over
    mount -t tmpfs over /run/over
    mkdir /run/over/upper /run/over/work
    mount -t overlay -o lowerdir=/,upperdir=/run/over/upper,workdir=/run/over/work copy $K ||
        world_die "cannot lay a copy over the machine"
    mount --rbind /dev $K/dev
    mount -t proc proc $K/proc
    mount -t tmpfs run $K/run
    mkdir $K/run/sshd
}
uncopy() {
    umount -R $K && umount /run/over || world_die "cannot take the copy away"
}

# All that a login depends on.
decisive() {
    (cd $K && find etc/pam.d etc/ssh etc/adperm etc/passwd etc/group usr/lib/*/security usr/lib/adperm var/lib/adperm \
        -type f ! -name '*.dpkg-new' ! -name state.key ! -path '*/state/*' ! -path '*/wiring/*' 2>/dev/null | sort | xargs sha256sum; cat /run/world/kind) | sha256sum
}

dpkg_in() {
    chroot $K dpkg --force-unsafe-io --force-confdef "$@" >$W/dpkg 2>&1 </dev/null
}

# Who gets in is what should.
judged() {
    : >$W/sshd.22
    chroot $K $SSHD -D -E /run/sshd.out &
    SSHD_PID=$!
    world_wait sshd grep -qs 'Server listening' $K/run/sshd.out
    good=yes
    enters $BREAKGLASS key=root || good='the break-glass user is out'
    enters root key=root || good='root is out'
    if cmp -s $K/etc/pam.d/sshd $W/sshd.stock && [ ! -e $K/etc/ssh/sshd_config.d/50-adperm.conf ]; then
        enters stranger key=stranger || good='unwired, and somebody is out who was in'
    elif enters stranger key=stranger; then
        good='wired, and somebody is in whom the policy does not know'
    fi
    kill $SSHD_PID
    wait $SSHD_PID 2>/dev/null
    [ "$good" = yes ] || echo "#   $good"
    [ "$good" = yes ]
}

# killed WHAT ARGUMENT...: `dpkg ARGUMENT...`, killed at the first command, at the second, and so on,
# until it is through.
killed() {
    what=$1
    shift
    echo $1 >$W/kind
    number=0 bad=0 states=0
    while :; do
        number=$((number + 1))
        copy
        echo $number >$K/counted/left
        dpkg_in "$@"
        left=$(cat $K/counted/left)
        state=$(decisive)
        if ! grep -qs "$state" $W/judged; then
            echo "$state" >>$W/judged
            states=$((states + 1))
            judged || { bad=$((bad + 1)) && echo "#   $what, killed at command $number"; }
            echo 0 >$K/counted/left
            chroot $K dpkg --configure -a >$W/dpkg 2>&1 </dev/null
            dpkg_in "$@" || { bad=$((bad + 1)) && sed 's/^/#   /' $W/dpkg; }
        fi
        uncopy
        [ "$left" -le 0 ] || break
    done
    echo "# $what: killed $((number - 1)) times, $states states in which logins could differ"
    is "t105: $what" $bad 0
    ok "t105: $what: there was something to kill" [ $number -gt 5 ]
}

pristine_people
cp /etc/pam.d/sshd $W/sshd.stock
# shellcheck disable=SC2046 # the names of the files
{
    killed "installing" -i $(echo /counted/debs/*.deb)
    quietly dpkg --force-unsafe-io -i /debs/*.deb || world_die "cannot install"
    pristine_policy
    pristine_adpermd
    quietly adperm apply --server $SERVER --allow-lockout --yes || world_die "cannot apply"
    world_enrol coded@acme.example
    kill $ADPERMD_PID
    quietly adperm wire --yes --no-confirm --leave none sshd || world_die "cannot wire"
    echo 1000000 >/counted/left
    quietly dpkg --force-unsafe-io -i /counted/debs/*.deb || world_die "cannot install"
    killed "upgrading" -i $(echo /counted/newer/*.deb)
    killed "removing" -r $packages
    killed "purging" -P $packages
    quietly dpkg --force-unsafe-io -i /counted/newer/*.deb || world_die "cannot upgrade"
    killed "downgrading" --force-downgrade -i $(echo /counted/debs/*.deb)
}

tap_done
