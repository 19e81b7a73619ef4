#!/bin/sh
# The Debian packages on a bare machine, from installing to purging: no login is changed before
# somebody wires sshd, logins go on while everything is upgraded, and afterwards all is as it was.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/packages/pristine.sh
. "$top/tests/packages/pristine.sh"
pristine_enter "$0" "$@"

packages='adperm adperm-ldap adperm-menu adpermd libadperm-dev libadperm0 libpam-adperm'

login_files() {
    state /etc/pam.d /etc/ssh /etc/sudoers /etc/sudoers.d /etc/nsswitch.conf
}
# same FILE COMMAND...: prints now what it printed then.
same() {
    same_then=$1
    shift
    "$@" | diff "$same_then" - | sed 's/^/#   /' >$W/differs
    cat $W/differs
    [ ! -s $W/differs ]
}
all_files() {
    state /etc/pam.d /etc/ssh /etc/sudoers.d /etc/apt/apt.conf.d
}
refused() {
    ! enters "$@"
}
installed() {
    [ "$(dpkg-query -W -f '${Version} ' $packages)" = "$(printf "$1 %.0s" $packages)" ]
}

pristine_people
pristine_sshd
login_files >$W/logins.before
all_files >$W/all.before
dpkg --get-selections >$W/selections

# --- installed

ok "the packages install" apt install /debs/*.deb
ok "all of them" installed "$(dpkg-deb -f /debs/adpermd_*.deb Version)"
ok "nothing that decides on logins has changed" same $W/logins.before login_files
ok "who could log in can" enters stranger key=stranger
# shellcheck disable=SC2046
is "t109: nothing is set-id, nor has capabilities, nor is in a directory that is not root's" \
    "$(dpkg -L $packages | grep ^/ | sort -u | while read -r file; do
        find "$file" -maxdepth 0 ! -type l \( -perm /6000 -o ! -user root -o -perm /022 \)
    done)" ''
ok "the key of the second factors is made" [ -s /etc/adperm/state.key ]
is "for adpermd alone" "$(stat -c '%a %U' /etc/adperm/state.key /var/lib/adperm/state)" "$(printf '400 root\n700 adpermd')"
is "the units are enabled" "$(find /etc/systemd/system -name 'adperm*' -printf '%f\n' | sort | tr '\n' ' ')" \
    'adperm-confirm.timer adperm-firewall.service adperm-people.socket adpermd.socket '
is "the directories are those of tmpfiles" "$(stat -c '%n %a %U %G' /var/lib/adperm/people)" \
    '/var/lib/adperm/people 750 root adperm-clients'
rm -rf /run/adperm
ok "t109: and come again on an empty /run" quietly systemd-tmpfiles --create adperm.conf
ok "there it is" [ -d /run/adperm/sessions ]
quietly visudo -cf /usr/share/adperm/sudoers.d/adperm
ok "sudo understands what is shipped for it" says 'parsed OK'

# --- wired

pristine_policy
pristine_adpermd
ok "apply" quietly adperm apply --server $SERVER --allow-lockout --yes
world_enrol coded@acme.example
world_enrol plain@acme.example
ok "wire sshd" wires_sshd
ok "the right code gets in" enters coded key=coded code="$(world_code coded@acme.example)"
ok "a wrong one does not" refused coded key=coded code=000000
ok "without the flag the key is enough" enters plain key=plain
ok "the break-glass user gets in" enters $BREAKGLASS key=root
ok "root gets in" enters root key=root
ok "nobody else does" refused stranger key=stranger

# --- upgraded, with a hundred logins at the prompt

ok "nothing is said of what is well" quietly adperm doctor --wired
is "nothing at all" "$(cat $W/said)" ''
gate_make $W/gate
for i in $(seq 100); do
    try coded key=coded gate=$W/gate out=$W/login.$i &
    logins="${logins-} $!"
done
gate_wait $W/gate 100
ok "t106: an upgrade during 100 logins at the prompt" apt install /newer/*.deb
ok "of all packages" installed "$(dpkg-deb -f /newer/adpermd_*.deb Version)"
pristine_adpermd
gate_open $W/gate "$(world_code coded@acme.example 1)"
wait $logins
is "all of them end" "$(pgrep -fc $W/ssh_config)" 0
is "the code got one of them in" "$(grep -l '^LOGGED IN' $W/login.* | grep -vc asked)" 1
ok "sshd is still wired" grep -q '^# BEGIN adperm' /etc/pam.d/sshd
ok "a person gets in" enters plain key=plain
ok "the break-glass user gets in" enters $BREAKGLASS key=root
ok "nobody else does" refused stranger key=stranger

# --- sshd's own upgrade takes our lines away

ok "openssh-server is upgraded, and replaces its stack" \
    apt -o Dpkg::Options::=--force-confask -o Dpkg::Options::=--force-confnew --reinstall install /root/openssh-server_*.deb
rm -f /etc/pam.d/sshd.dpkg-old # dpkg's, of what was replaced
ok "our lines are lost" not grep -q pam_adperm /etc/pam.d/sshd
ok "and APT says so" says "adperm's lines are lost"
ok "wire puts them back" wires_sshd
ok "there they are" quietly adperm doctor --wired
ok "nobody else gets in" refused stranger key=stranger

# --- removed and purged

echo 'auth required pam_adperm.so permission=ssh_users' >/etc/pam.d/mine
apt remove libpam-adperm >/dev/null
is "a module that a stack still names is not removed" "$(dpkg-query -W -f '${db:Status-Status}' libpam-adperm)" installed
ok "and why" says '/etc/pam.d/mine'
rm /etc/pam.d/mine
ok "who could log in before can" enters stranger key=stranger
ok "wire again" wires_sshd
ok "wire sudo" quietly adperm wire --yes --no-confirm --leave none sudo
ok "the menus come again, which went before the module would have" apt install /newer/adperm-menu_*.deb
ok "wire menus" quietly adperm wire --yes menus
ok "sudo understands it" quietly visudo -c
ok "the menus are removed" apt remove adperm-menu
is "t108: and what led to them before" "$(find /etc/pam.d /etc/sudoers.d -name 'adperm*')" /etc/sudoers.d/adperm-sudo
ok "they come again" apt install /newer/adperm-menu_*.deb
ok "wire menus" quietly adperm wire --yes menus
ok "remove" apt remove $packages
ok "t108: nothing that decides on logins is different from before" same $W/logins.before login_files
ok "the second factors stay" [ -s /var/lib/adperm/state/state.db ]
ok "who could log in before can" enters stranger key=stranger
kill $ADPERMD_PID
ok "purge" quietly dpkg --purge $packages
ok "/etc is as it was, to the byte" same $W/all.before all_files
ok "and so is what is installed" same $W/selections dpkg --get-selections
is "nothing of ours is left but the policy" "$(find / -xdev -path '*adperm*' ! -path '/top*' ! -path '/build*' ! -path '/proc*' \
    ! -path "/run/world*" ! -path "/home/$BREAKGLASS*" ! -path '/var/log/*' ! -path '/etc/adperm*' ! -path /root/adperm -print)" ''
is "which is somebody's own" "$(find /etc/adperm -type f)" /etc/adperm/policy.d/acme.yaml

tap_done
