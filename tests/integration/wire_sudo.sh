#!/bin/sh
# adperm wire for sudo and for the admin menus, with the real sudo and visudo: what is shown and refused,
# who gets what afterwards and nobody else, and that everything is as before when it is unwired, is not
# confirmed, or is not what sudo takes.
# shellcheck disable=SC2154,SC2086 # out and code are set by menu and typed; names without blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"
# shellcheck source=tests/integration/menu_world.sh
. "$top/tests/integration/menu_world.sh"

adperm=$BUILD/adperm
share=/var/lib/share
said=$W/said

# --- the world: sudo as Debian has it, for three people, and nothing wired

sudo_stacks() {
    for service in sudo sudo-i; do
        printf '#%%PAM-1.0\n\n# Set up user limits.\nsession    required   pam_limits.so\n\n' >/etc/pam.d/$service
        printf '@include common-%s\n' auth account session >>/etc/pam.d/$service
    done
}
make_world() {
    menu_install
    menu_sudoers '%admins ALL=(ALL:ALL) ALL' 'bob ALL=(ALL:ALL) NOPASSWD: /bin/ls' 'dora ALL=(ALL:ALL) NOPASSWD: /bin/ls'
    rm -f /etc/sudoers.d/* /etc/pam.d/adperm-*
    sudo_stacks
    menu_people
    world_user dora olduser $BREAKGLASS
    world_password bob carol dora olduser $BREAKGLASS shop
    echo "admins:x:60900:alice,bob,dora,olduser,shop,$BREAKGLASS" >>/etc/group
    sed -i "s/^profiles:/&\n  dora@acme.example: {login: dora}/; s/^    grants:/&\n      - {to: dora@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true}/" \
        $W/policy.yaml
    world_compile $W/policy.yaml || world_die "the policy does not compile"
    world_enrol dora@acme.example
    mkdir -p $share
    cp -r $W/src/conf/pam.d $W/src/conf/sudoers.d $share/
    chown -R 0:0 $share
    chmod -R go-w $share
}

wire() {
    $adperm wire --share $share --rehearse $BUILD/adperm-rehearse "$@" >$said 2>&1 </dev/null
}
unwire() {
    $adperm unwire "$@" >$said 2>&1
}
doctor_says() {
    $adperm doctor --rehearse $BUILD/adperm-rehearse --break-glass $BREAKGLASS >$said 2>&1
    grep -q -e "$1" $said || { sed 's/^/#   /' $said; return 1; }
}
told() {
    grep -q -e "$1" $said || { sed 's/^/#   /' $said; return 1; }
}
state() {
    (cd /etc && find pam.d sudoers sudoers.d -type f | sort | xargs stat -c '%n %a %u %g' &&
        find pam.d sudoers sudoers.d -type f | sort | xargs sha256sum)
}
refuses() {
    what=$1 word=$2
    shift 2
    wire "$@"
    ok "$what: refused" [ $? -ne 0 ]
    ok "$what: says why" told "$word"
    is "$what: nothing was changed" "$(state)" "$before"
}

make_world
before=$(state)

# --- what never is wired

for service in login common-auth system-auth cron other; do
    refuses "$service" "$service is never wired" --yes $service
done

# --- the menus

refuses "the menus, without somebody who says yes" 'no terminal' menus
mv /etc/sudoers $W/sudoers
grep -v includedir $W/sudoers >/etc/sudoers
chmod 440 /etc/sudoers
before=$(state)
refuses "sudoers that do not read it" 'put "@includedir /etc/sudoers.d"' --yes menus
{ cat $W/sudoers && echo 'ALL ALL = (root PASSWD: ALL'; } >/etc/sudoers
before=$(state)
refuses "sudoers that sudo does not take" 'syntax error' --yes menus
mv $W/sudoers /etc/sudoers
chmod 440 /etc/sudoers
before=$(state)
refuses "where there is no sudo" 'No such file' --visudo /usr/sbin/nosuchvisudo --yes menus
ok "a dry run" wire --dry-run menus
ok "shows what sudo is to know" told '^+ALL ALL = (root) PASSWD: ADPERM_MENU_FIREWALL_RULES'
ok "and each stack" told '^+++ /etc/pam.d/adperm-firewall_rules'
is "and changes nothing" "$(state)" "$before"
ok "before, nobody has a menu" eval 'menu bob disk-free; [ $code -ne 0 ]'
ok "wire menus" wire --yes menus
is "every shipped stack is there" "$(cd /etc/pam.d && sha256sum adperm-*)" "$(cd $share/pam.d && sha256sum adperm-*)"
is "and the sudoers, as visudo wants them" "$(stat -c '%a %U' /etc/sudoers.d/adperm)" '440 root'
menu bob disk-free
is "bob sees the disks" "$code" 0
menu bob firewall-list
is "and not what is not his" "$code" 2
typed alice $W/adperm-menu firewall-list <<END
expect Verification code:
send $(world_code alice@acme.example)\r
END
ok "alice has hers, with a code" says "There are no rules."
ok "the doctor sees them" doctor_says '^ok .* 9 services of the menus: nobody gets past adperm'
ok "and that sudo reads them" doctor_says '^ok .*/etc/sudoers.d/adperm: sudo reads it'
ok "wire again: nothing to do" eval "wire --yes menus && told 'wired already'"
sed -i 's/^@include/#&/' /etc/sudoers
ok "the doctor sees sudoers that do not read it" doctor_says '^fail .*/etc/sudoers.d/adperm: sudo does not read it'
sed -i 's/^#@/@/' /etc/sudoers
mv /etc/sudoers.d/adperm $W/away
ok "and a file that is lost" doctor_says "^fail .*/etc/sudoers.d/adperm: adperm's lines are lost"
mv $W/away /etc/sudoers.d/adperm
cp -r $share $share.later
echo '# a later version' >>$share.later/sudoers.d/adperm
$adperm doctor --wired --share $share >$said 2>&1
is "what this version ships is up to date" "$(cat $said)" ''
$adperm doctor --wired --share $share.later >$said 2>&1
is "a later one: exit status" $? 1
ok "APT is told so" told '/etc/sudoers.d/adperm: this version of adperm has another for menus'
is "once" "$(grep -c '^warn' $said)" 1
ok "and wire brings it up to date" $adperm wire --share $share.later --rehearse $BUILD/adperm-rehearse --yes menus
$adperm doctor --wired --share $share.later >$said 2>&1
is "as it then is" "$(cat $said)" ''
ok "and back" wire --yes menus
echo '# mine' >>/etc/pam.d/adperm-consumption
ok "and one that somebody has changed" doctor_says '^warn .*/etc/pam.d/adperm-consumption: was changed'
is "of which APT need not tell each time" "$($adperm doctor --wired 2>&1)" ''
unwire menus
is "which unwire leaves" $? 2
ok "and everything else" [ -e /etc/sudoers.d/adperm ]
sed -i '$d' /etc/pam.d/adperm-consumption
ok "unwire menus" unwire menus
is "everything is as before" "$(state)" "$before"
ok "with --confirm" wire --yes --confirm 1m menus
ok "it is there" [ -e /etc/sudoers.d/adperm ]
sed -i 's/^seconds .*/seconds 0/' /var/lib/adperm/wiring/confirm
until_back() {
    [ ! -e /var/lib/adperm/wiring/confirm ]
}
world_wait "the watcher" until_back
is "t111_menus_nobody_confirms_are_taken_back" "$(state)" "$before"

# --- sudo

# sudo_as USER WORD...: with PASSWORD and $typing, whatever is asked; what it says in $out.
sudo_as() {
    sudo_user=$1
    shift
    world_mark
    for typing in $typing; do
        printf 'expect : \npause\nsend %s\\r\n' "$typing"
    done | {
        typed "$sudo_user" sudo "$@"
        echo "$out" | tr -d '\r' >$W/out
        return "$code"
    }
}
became_root() {
    grep -qx 'ROOT 0' $W/out || { sed 's/^/#   /' $W/out; return 1; }
}
as_root="sh -c"
run='echo ROOT $(id -u)'

typing=$PASSWORD
ok "before, a password is enough" sudo_as dora $as_root "$run"
refuses "sudo: who of the strangers is left" 'leave NAME' --yes sudo
refuses "sudo: without a break-glass user" 'there is no such user' --break-glass nobodyever --yes --leave none sudo
ok "sudo: a dry run" wire --dry-run --leave olduser sudo
ok "sudo: shows both stacks" eval "told '^+++ /etc/pam.d/sudo\$' && told '^+++ /etc/pam.d/sudo-i\$'"
ok "sudo: warns of NOPASSWD" told 'rules with NOPASSWD stop working'
ok "sudo: wire" wire --yes --no-confirm --leave olduser sudo
ok "sudo: visudo finds nothing wrong" visudo -cq
is "sudo: what was there is kept, with its date" "$(cat /var/lib/adperm/wiring/sudo-i.2*Z | sha256sum)" \
    "$(echo "$before" | sed -n 's, *pam.d/sudo-i$,  -,p')"
dora=$(world_code dora@acme.example)
typing="$dora $PASSWORD"
sudo_as dora $as_root "$run"
ok "sudo: with a code and the password" became_root
wrong="000000 000000 000000" # sudo asks three times
typing=$wrong
sudo_as dora $as_root "$run"
ok "sudo: not with another code" eval "not became_root && logged_reason dora bad_code"
ok "sudo: nor is the password asked for" not grep -q 'password for' $W/out
is "sudo: as README has it" "$(tail -n 1 $W/out)" "$(door_says 'sudo, any command')"
typing="$(world_code dora@acme.example 1) wrong 000000 000000"
sudo_as dora $as_root "$run"
ok "sudo: nor with a wrong password" not became_root
out=$(as dora sudo -n ls / 2>&1)
ok "sudo: nothing is remembered, and NOPASSWD does not skip the code" [ $? -ne 0 ]
ok "sudo: bob needs none" eval "[ -n \"\$(as bob sudo -n ls / 2>&1)\" ]"
typing=$PASSWORD
sudo_as bob -i $as_root "$run"
ok "sudo -i: bob" became_root
typing="$PASSWORD $wrong"
sudo_as dora -i $as_root "$run"
ok "sudo -i: asks for the code, too" not became_root
typing=$wrong
sudo_as alice $as_root "$run"
ok "sudo: who holds nothing that counts here" eval "not became_root && logged_reason alice no_grant"
sudo_as shop $as_root "$run"
ok "sudo: an account, whatever sudoers say" eval "not became_root && logged_reason shop unmanaged"
typing=$PASSWORD
sudo_as olduser $as_root "$run"
ok "sudo: who is left alone" became_root
sudo_as $BREAKGLASS $as_root "$run"
ok "sudo: the break-glass user" became_root
echo 'Defaults rootpw' >/etc/sudoers.d/zz
chmod 440 /etc/sudoers.d/zz
world_password root
typing="$PASSWORD $wrong"
sudo_as alice $as_root "$run"
ok "sudo: root's password does not help where sudoers ask for that" eval "not became_root && logged_reason root no_grant"
rm /etc/sudoers.d/zz
typing=$PASSWORD
is "sudo: root may" "$(sudo -n id -u)" 0
module=$(ls /lib/*/security/pam_adperm.so /lib64/security/pam_adperm.so 2>/dev/null | head -n 1)
mv "$module" "$module.away"
sudo_as bob $as_root "$run"
ok "sudo: without the module nobody" not became_root
sudo_as $BREAKGLASS $as_root "$run"
ok "sudo: but the break-glass user" became_root
ok "sudo: the doctor sees that it is missing" doctor_says '^fail .*pam_adperm.so'
mv "$module.away" "$module"
ok "sudo: the doctor sees it wired" doctor_says '^ok .*sudo-i: nobody gets past adperm'
ok "sudo: unwire" unwire sudo
is "sudo: as before, to the byte" "$(state)" "$before"
typing=$PASSWORD
sudo_as dora $as_root "$run"
ok "sudo: a password is enough again" became_root

ok "sudo: goes back by itself, if nobody says otherwise" wire --yes --leave none sudo
ok "sudo: says so" told 'It is taken back after 10m unless'
sed -i 's/^seconds .*/seconds 0/' /var/lib/adperm/wiring/confirm
world_wait "the watcher" until_back
is "t111_sudo_that_nobody_confirms_is_taken_back" "$(state)" "$before"

# Fedora's sudo-i includes the other, and must not ask twice.
printf 'auth include sudo\naccount include sudo\nsession include sudo\n' >/etc/pam.d/sudo-i
cp /etc/pam.d/sudo-i $W/sudo-i
ok "sudo: a second stack that includes the first" wire --yes --no-confirm --leave none sudo
ok "sudo: is left as it is" cmp /etc/pam.d/sudo-i $W/sudo-i
ok "sudo: and weighed all the same" doctor_says '^ok .*sudo: nobody gets past'
ok "unwire --all" unwire --all

tap_done
