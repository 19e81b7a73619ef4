#!/bin/sh
# The admin menus through the real sudo: who gets in, who is asked for a code, what the log says; and
# that a menu's permission and its command cannot be pulled apart.
# shellcheck disable=SC2154,SC2317,SC2329 # out and code are set by menu and typed

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"
# shellcheck source=tests/integration/menu_world.sh
. "$top/tests/integration/menu_world.sh"
menu_install
menu_sudoers
menu_people
ok "visudo finds nothing in the sudoers" visudo -cq

# --- the list

menu alice --list
ok "alice has the firewall, which asks for a code" says "firewall-list"
ok "and disk use, which does not" says "disk-free"
ok "and knows who she is and where" says "Alice Märtin <alice@acme.example> on $SERVER"
out=$(as alice env LC_ALL=C $W/adperm-menu --list)
# shellcheck disable=SC1003
ok "also on a terminal that knows ASCII only" says 'Alice M\xc3\xa4rtin <'
menu alice --list --json
ok "JSON says what asks for a code" says '"menu":"firewall-list","title":"List the firewall rules made here","permission":"server.firewall_rules","code":true'
ok "and what does not" says '"permission":"server.consumption","code":false'
echo "$out" >$W/list.json
ok "it is JSON" python3 -c 'import json, sys; json.load(open(sys.argv[1]))' $W/list.json
menu bob --list
ok "bob has disk use" says "disk-free"
ok "and no firewall" lacks "firewall-list"
menu none --list
is "who holds nothing on the server sees no menu" "$out" "none@acme.example on $SERVER
There are no menus here that you may use."
menu shop --list
ok "an account is nobody's login" says "is the login of nobody in the policy"
menu outsider --list
ok "nor is a user whom the policy does not know" says "is the login of nobody in the policy"
out=$(as shop env ADPERM_PROFILE='alice@acme.example' $W/adperm-menu --list)
ok "ADPERM_PROFILE is shown as a label" says "shop (alice@acme.example)"
ok "and opens nothing" lacks "firewall"
bad=$(printf 'a\033[2Jb')
out=$(as shop env ADPERM_PROFILE="$bad" $W/adperm-menu --list)
# shellcheck disable=SC1003
ok "what a terminal would obey is escaped" says '(a\x1b[2Jb)'

# --- completion: one's own menus, and the options

ok "bash completes menus" [ "$(as bob env PATH=$W:$PATH bash -c '. "$1/conf/completions/adperm-menu.bash"
    COMP_WORDS=(adperm-menu --yes disk-f) COMP_CWORD=2
    _adperm_menu
    echo "${COMPREPLY[*]}"' bash $W/src)" = disk-free ]
if command -v fish >/dev/null; then
    fish_completes() {
        as bob env PATH=$W:$PATH fish -c ". $W/src/conf/completions/adperm-menu.fish; complete -C '$1'" | tr '\t\n' ': '
    }
    is "fish completes menus" "$(fish_completes 'adperm-menu disk-f')" "disk-free:Show how full the disks are "
    is "nothing behind one" "$(fish_completes 'adperm-menu disk-free d')" ""
    is "and options" "$(fish_completes 'adperm-menu --l')" "--list "
else
    skip "fish completes menus and options" "no fish here"
fi
if command -v zsh >/dev/null; then
    zsh_completes() {
        as bob env PATH=$W:$PATH timeout 60 $W/src/tests/golden/zsh_offers $W/src/conf/completions "$1"
    }
    is "zsh completes menus" "$(zsh_completes 'adperm-menu --yes disk-f')" disk-free
    is "and options" "$(zsh_completes 'adperm-menu --l')" --list
else
    skip "zsh completes menus and options" "no zsh here"
fi

# --- without a code

menu bob disk-free
is "bob sees the disks: ends with 0" "$code" 0
ok "without being asked anything" says "Mounted on"
ok "the log has the person" [ "$(world_lines 'user="bob"' | world_field profile)" = bob@acme.example ]
menu bob firewall-list
is "what is not his is not run" "$code" 2
ok "and it says so" says "that menu is not yours to use"
menu bob disk-fre
ok "what there is not, and which was meant" says 'there is no such menu here (did you mean "disk-free"?)'
menu alice disk-account shop
is "an account's disk use" "$code" 0
ok "names its home" says "/home/shop"

# --- with a code

now=$(world_code alice@acme.example)
typed alice $W/adperm-menu firewall-list <<END
expect Verification code:
send $now\r
END
is "the right code: ends with 0" "$code" 0
ok "and the menu ran" says "There are no rules."
is "the log says so" "$(world_lines 'phase=auth' | world_field dec)" allow
typed alice $W/adperm-menu firewall-list <<END
expect Verification code:
send $now\r
expect Verification code:
send $(world_code alice@acme.example 2880)\r
expect Verification code:
send \r
END
is "a code twice, another day's, none: ends with 1" "$code" 1
ok "and nothing ran" lacks "There are no rules."
ok "a used code is a replay" says "incorrect password attempts"
is "the log says so" "$(world_lines 'reason=replay' | wc -l)" 1
menu alice firewall-list
is "with nobody to ask it is refused" "$code" 1
typed alice $W/adperm-menu --yes firewall-block 198.51.100.9 <<END
expect Verification code:
send $(world_code alice@acme.example 1)\r
END
ok "the next code is asked for at once: nothing is remembered" says "Done: block 198.51.100.9"

# --- whom sudo would have let in otherwise

direct() {
    direct_user=$1
    shift
    world_mark
    out=$(printf '123456\n123456\n123456\n' | as "$direct_user" setsid -w sudo -S "$@" 2>&1)
    code=$?
}
# The same for what sudo knows no rule for, without waiting for three passwords.
stranger() {
    stranger_user=$1
    shift
    out=$(as "$stranger_user" setsid -w sudo -n "$@" 2>&1 </dev/null)
    code=$?
}
direct bob $MENU_DOORS/firewall_rules firewall-list
is "sudo itself, without the permission: ends with 1" "$code" 1
ok "is told what everybody is" says "Verification code: "
ok "and of the refusal, what README has" says "$(door_says 'sudo')"
is "and the log knows why" "$(world_lines 'phase=auth' | world_field reason)" no_grant
direct carol $MENU_DOORS/consumption disk-free
is "a wrong code" "$code $(world_lines 'reason=bad_code' | wc -l)" "1 3"
wrong=$out
while read -r name reason; do
    direct $name $MENU_DOORS/consumption disk-free
    is "$name, $reason: looks like a wrong code" "$code $out" "1 $wrong"
    is "and the log knows" "$(world_lines 'phase=auth' | world_field reason | uniq)" $reason
done <<END
none no_grant
late expired
away suspended
new not_enrolled
outsider unmanaged
shop unmanaged
END
# What is no decision but a failure, sudo calls an error.
chmod 666 /var/lib/adperm/policy.cdb
for name in bob none outsider; do
    direct $name $MENU_DOORS/consumption disk-free
    is "a policy that cannot be read: $name" "$code $(world_lines 'phase=auth' | world_field reason)" "1 policy_unsafe_path"
    ok "looks the same to everybody" says "sudo: PAM authentication error: "
done
chmod 640 /var/lib/adperm/policy.cdb
direct none $MENU_DOORS/configuration system-status
is "who holds an account's permission only has not even the derived menu" "$code" 1

# --- the permission and the command cannot be pulled apart

direct bob $MENU_DOORS/consumption firewall-list
is "a door runs menus of its own permission only" "$code" 2
ok "and says whose it is" says "firewall-list is a menu of firewall_rules, and not of server.consumption"
mkdir -m 777 $W/own
as bob ln -s $MENU_DOORS/consumption $W/own/firewall_rules
stranger bob $W/own/firewall_rules firewall-list
is "a link that is called like another door is not that door" "$code" 1
ok "sudo does not know it" lacks "There are no rules"
as bob cp $MENU_DOORS/consumption $W/own/copy
stranger bob $W/own/copy disk-free
is "nor is a copy" "$code" 1
out=$(as bob python3 -c "import os; os.execv('$MENU_DOORS/consumption', ['$MENU_DOORS/firewall_rules', 'firewall-list'])" 2>&1)
ok "another argv[0], without sudo: root is missing" says "this is run as root, by sudo"
out=$(python3 -c "import os; os.execv('$MENU_DOORS/consumption', ['$MENU_DOORS/firewall_rules', 'firewall-list'])" 2>&1)
ok "another argv[0], even as root: the door is what it is" says "and not of server.consumption"
ln -s $MENU_DOORS/consumption $W/own/also_firewall
out=$($W/own/also_firewall firewall-list 2>&1)
ok "another path, even as root" says "and not of server.consumption"
is "no two doors are one file" "$(find $MENU_DOORS -type f -printf "%i\n" | sort -u | wc -l)" "$(find $MENU_DOORS -type f | wc -l)"
stranger bob /usr/lib/adperm/menu-run server.firewall_rules firewall-list
is "menu-run is in nobody's sudoers" "$code" 1
out=$(as bob env SUDO_UID="$(id -u bob)" /usr/lib/adperm/menu-held 2>&1)
ok "menu-held tells nothing without sudo" says "the policy:"
ok "and nothing of others" lacks "alice"

# --- a door without its PAM service

mv /etc/pam.d/adperm-firewall_rules $W/service
mv /etc/pam.d/other $W/other
printf '@include common-%s\n' auth account session >/etc/pam.d/other
out=$(echo "$PASSWORD" | as alice setsid -w sudo -S $MENU_DOORS/firewall_rules firewall-list 2>&1)
is "PAM's service for others lets her in with a password: the menu does not run" "$?" 2
ok "and says what is missing" says "adperm-firewall_rules: No such file or directory: without it, PAM has not asked the policy"
out=$(echo "$PASSWORD" | as outsider setsid -w sudo -S $MENU_DOORS/firewall_rules firewall-list 2>&1)
is "nor for somebody who is in no policy" "$?" 2
mv $W/service /etc/pam.d/adperm-firewall_rules
mv $W/other /etc/pam.d/other

tap_done
