#!/bin/sh
# t107: packages whose programs could not read the policy or the second factors that are there are refused
# before anything of them is unpacked, up and down, while a service asks adperm; logins go on meanwhile.
# /formats was built with both numbers one higher.
# shellcheck disable=SC2086,SC2046 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/packages/pristine.sh
. "$top/tests/packages/pristine.sh"
pristine_enter "$0" "$@"

packages='adperm adperm-ldap adperm-menu adpermd libadperm-dev libadperm0 libpam-adperm'
version() {
    dpkg-deb -f $1/adpermd_*.deb Version
}
# All of that version, and nothing half done.
installed() {
    [ "$(dpkg-query -W -f '${Version} ${db:Status-Abbrev}' $packages)" = "$(printf "$(version $1) ii %.0s" $packages)" ] &&
        [ -z "$(dpkg --audit)" ]
}
unpacked() {
    md5sum $(dpkg -L $packages | grep -E '^/usr/(s?bin|lib)/' | sort -u | xargs -I{} find {} -maxdepth 0 -type f)
}
# refused DEBS WORD
refused() {
    unpacked >$W/before
    dpkg --force-downgrade -i $1/*.deb >$W/said 2>&1 </dev/null && return 1
    unpacked | cmp - $W/before && says "$2"
}
bump() {
    quietly dpkg --force-downgrade -i $1/*.deb
}
logins_go_on() {
    ok "$1: a person gets in" enters plain key=plain
    ok "$1: with a code" enters coded key=coded code="$(world_code coded@acme.example "${2-0}")"
    ok "$1: nobody else does" not enters stranger key=stranger
}
format_of() {
    od -An -t"$2" -j "$3" -N 4 --endian=$4 $1 | tr -d ' '
}

pristine_people
pristine_sshd
ok "the packages install" apt install /debs/*.deb
pristine_policy
pristine_adpermd
ok "apply" quietly adperm apply --server $SERVER --allow-lockout --yes
world_enrol coded@acme.example
ok "wire sshd" wires_sshd
logins_go_on "as installed"
policy=$(format_of /var/lib/adperm/policy.cdb u4 2065 little)
state=$(format_of /var/lib/adperm/state/state.db u4 60 big)

# --- up

ok "t107: a program that cannot read the policy is refused, before it is unpacked" \
    refused /formats "not unpacked: /var/lib/adperm/policy.cdb has format $policy, and this version reads $((policy + 1))"
ok "t107: it is said what asks" says 'nobody could log in: /etc/pam.d/sshd'
ok "t107: and nothing is half done" installed /debs
logins_go_on "t107, refused" 1
ok "unwire, as it says" quietly adperm unwire --all
ok "t107: then it is taken" bump /formats
ok "all of it" installed /formats
ok "apply" quietly adperm apply --server $SERVER --allow-lockout --yes
is "t107: the policy has the other format" "$(format_of /var/lib/adperm/policy.cdb u4 2065 little)" $((policy + 1))
pristine_adpermd
newer_state() {
    [ "$(format_of /var/lib/adperm/state/state.db u4 60 big)" -eq $((state + 1)) ]
}
world_wait "the second factors of the other format, while adpermd runs" newer_state
quietly adperm totp remove coded@acme.example
world_enrol coded@acme.example # no code of before the upgrade is near enough
ok "wire" wires_sshd
logins_go_on "t107, upgraded"

# --- and down

ok "t107: one that cannot read the newer policy is refused" \
    refused /debs "not unpacked: /var/lib/adperm/policy.cdb has format $((policy + 1)), and this version reads $policy"
ok "t107: nothing is half done" installed /formats
mv /var/lib/adperm/policy.cdb $W/
ok "t107: nor may it come where it cannot read the newer second factors" \
    refused /debs "not unpacked: /var/lib/adperm/state/state.db has format $((state + 1)), and this version knows $state"
mv $W/policy.cdb /var/lib/adperm/
ok "t107: a person gets in" enters plain key=plain
ok "unwire" quietly adperm unwire --all
ok "t107: then it is taken" bump /debs
ok "all of it" installed /debs
ok "who could log in before can" enters stranger key=stranger

tap_done
