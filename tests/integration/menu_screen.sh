#!/bin/sh
# adperm-menu on a terminal: a whole screen of 24 by 80 with keys and without colours, plain lines where
# that cannot be, as a login shell and as sshd's ForceCommand; files of menus that are not to be trusted.
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

# --- a whole screen

coloured() {
    echo "$out" | grep -q "$(printf '\033')\\[[0-9;]*[34][0-7]m"
}
for TERMINAL in xterm vt100 linux screen; do
    typed bob $W/adperm-menu <<END
expect bob@acme.example on $SERVER
expect > disk-free
expect q: leave
send j
expect > disk-account
send k
send k
expect > system-status
send j
expect > disk-free
send \r
expect Mounted on
expect Enter goes back
send \r
expect q: leave
send q
END
    is "$TERMINAL: chosen with keys, run, back, left" "$code" 0
    ok "$TERMINAL: without colours" not coloured
done
TERMINAL=xterm
typed bob $W/adperm-menu <<END
expect q: leave
send \eOB
expect > disk-account
send \r
expect Account:
send ../etc\r
expect That is not a hosting account of this server.
expect Account:
send shop\r
expect /home/shop
expect Enter goes back
send \r
expect q: leave
send q
END
is "arrows; an argument that is none is asked for again" "$code" 0
typed alice $W/adperm-menu <<END
expect a verification code
send j
send \r
expect Address or network to block:
send 198.51.100.9\r
expect Only this port (may be empty):
send \r
expect Block it now? [y/N]
send y\r
expect Verification code:
send $(world_code alice@acme.example)\r
expect Done: block 198.51.100.9
expect Enter goes back
send \r
expect a verification code
send k
expect > firewall-list
send \r
expect Verification code:
send 000000\r
expect Sorry, try again.
expect Verification code:
pause
send ^C
expect Enter goes back
send \r
expect q: leave
send q
END
is "a menu that asks for all there is to ask; an interrupted sudo leads back" "$code" 0
typed alice $W/adperm-menu <<END
expect > firewall-list
expect List the firewall rules made here
expect permission firewall_rules; to type: adperm-menu firewall-list
send j
size 23 80
expect permission firewall_rules; to type: adperm-menu firewall-block NETWORK [PORT]
send \r
expect (Ctrl-D: back to the menus)
expect Address or network to block:
send ^D
expect Enter goes back
send \r
expect > firewall-block
send q
END
is "what is chosen is told in full; Ctrl-D leads back from a question" "$code" 0
typed carol $W/adperm-menu <<END
expect menus 1 to 17 of
expect > contacts-list
send \e[6~
size 24 79
expect menus 18 to
send \e[5~
size 24 80
expect menus 1 to 17 of
expect > contacts-list
send q
END
is "more menus than lines: by pages" "$code" 0
typed alice $W/adperm-menu <<END
expect q: leave
size 8 40
expect > firewall-list
send \eOF
expect configuration; to type
size 3 12
size 24 80
expect q: leave
send q
END
is "a terminal that becomes small and large again" "$code" 0
typed bob $W/adperm-menu <<END
expect q: leave
hangup
END
ok "a terminal that goes away ends it" [ "$code" -eq 129 ] || [ "$code" -eq 0 ]

# --- lines

for TERMINAL in dumb nosuch-terminal; do
    typed bob $W/adperm-menu <<END
expect 1  Show how full the disks are
expect Number, or q to leave:
send 9\r
expect Type a number from 1 to
expect Number, or q to leave:
send 1\r
expect Mounted on
expect Enter goes back
send \r
expect Number, or q to leave:
send q\r
END
    is "$TERMINAL: lines" "$code" 0
    ok "$TERMINAL: and nothing but lines" lacks "$(printf '\033')"
done
TERMINAL=xterm
typed bob $W/adperm-menu --plain <<END
expect Number, or q to leave:
send ^D
END
is "--plain, and end of file" "$code" 0
typed alice $W/adperm-menu --plain <<END
expect 2  Block an address or network  (asks for a code)
send 2\r
expect Address or network to block:
send 198.51.100.10\r
expect Only this port
send 25\r
expect Block it now?
send n\r
expect Nothing was done.
expect Enter goes back
send ^D
END
is "what is not confirmed is not done" "$code" 0

# --- a login shell, a command of sshd

sed -i "s|^\\(bob:.*\\):/bin/sh|\\1:$W/adperm-menu|" /etc/passwd
printf 'command="%s" %s\n' $W/adperm-menu "$(cat $W/keys/bob.pub)" >$W/forced
install -d -m 700 -o bob /home/bob/.ssh
install -m 600 -o bob $W/keys/bob.pub /home/bob/.ssh/authorized_keys
world_sshd 22
try bob key=bob run=disk-free
is "as a login shell it runs menus" "$?" 0
ok "and shows what they print" grep -q "Mounted on" $W/out
try bob key=bob run="disk-account ../shop"
is "with arguments that are judged" "$?" 2
for command in 'disk-free; id' "sh -c 'id'" 'id' '-c id' "scp -t /tmp"; do
    try bob key=bob run="$command"
    ok "and nothing else: $command" not grep -q uid= $W/out
done

# --- files that are not to be trusted, and files that are wrong

cp $W/src/conf/menus.d/system.yaml $W/system.yaml
refused() {
    menu bob disk-free
    [ "$code" -eq 2 ] && says "no menu can be used until this is put right" && says "$1"
}
chown bob /etc/adperm/menus.d/system.yaml
ok "a file that is not root's" refused "system.yaml: error: this file, or a directory above it, is not root's alone [AP104]"
out=$(as bob setsid -w sudo -n $MENU_DOORS/consumption disk-free 2>&1)
ok "nor for root" says "is not root's alone [AP104]"
chown root /etc/adperm/menus.d/system.yaml
chmod o+w /etc/adperm/menus.d
ok "a directory that everybody may write" refused "[AP104]"
chmod o-w /etc/adperm/menus.d
sed -i 's/^    permission: consumption/    permision: consumption/' /etc/adperm/menus.d/system.yaml
ok "a misspelt key, and where" refused 'system.yaml:8:5: error: there is no key "permision" here (did you mean "permission"?)'
cp $W/system.yaml /etc/adperm/menus.d/
mkdir -m 777 $W/loose
as bob cp /usr/bin/id $W/loose/id
cat >/etc/adperm/menus.d/loose.yaml <<END
---
adperm_menus: 1
menus:
  loose: {title: Loose, permission: consumption, command: [$W/loose/id]}
...
END
menu bob loose
is "a program that somebody else could have written is not run" "$code" 2
ok "and it says why" says "it, or a directory above it, is a link or not root's alone"
sed -i "s|$W/loose/id|/usr/bin/env|" /etc/adperm/menus.d/loose.yaml
out=$(as bob env EVIL=1 LD_PRELOAD=/nosuch.so BASH_ENV=/x IFS=x PATH=$W/loose TERM=../../x /usr/bin/setsid -w $W/adperm-menu loose 2>/dev/null)
is "nothing of the caller's environment reaches a command" "$out" "PATH=/usr/sbin:/usr/bin:/sbin:/bin
HOME=/root
LC_ALL=C.UTF-8
TERM=unknown
SUDO_UID=$(id -u bob)"

# --- other sudoers

menu_sudoers 'bob ALL=(ALL:ALL) NOPASSWD: ALL' 'alice ALL=(ALL:ALL) NOPASSWD: ALL' 'Defaults targetpw'
menu bob firewall-list
is "NOPASSWD elsewhere: what is not held" "$code" 2
out=$(as bob setsid -w sudo -n $MENU_DOORS/firewall_rules firewall-list 2>&1)
is "is not run" "$?" 1
rm /etc/adperm/menus.d/loose.yaml
typed alice $W/adperm-menu firewall-list <<END
expect Verification code:
send $(world_code alice@acme.example 1)\r
END
is "targetpw and NOPASSWD elsewhere change nothing about the code" "$code" 0
printf 'alice ALL=(ALL:ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/zz-last
chmod 440 /etc/sudoers.d/zz-last
out=$(as alice setsid -w sudo -n $MENU_DOORS/firewall_rules firewall-list 2>&1)
is "a NOPASSWD behind ours leaves out the code, and PAM's account phase says no" "$?" 1
ok "as nobody has proved anything" [ "$(world_lines 'phase=account' | world_field reason)" = no_2fa_proof ]
rm /etc/sudoers.d/zz-last

# --- a stack that asks for the password, too

sed -i 's/^auth /auth requisite pam_unix.so nodelay\n&/' /etc/pam.d/adperm-firewall_rules
typed alice $W/adperm-menu firewall-list <<END
expect assword
send $PASSWORD\r
expect Verification code:
send $(world_code carol@acme.example)\r
expect assword
send wrong\r
expect assword
send wrong\r
END
is "password, then code: somebody else's code, a wrong password" "$code" 1

tap_done
