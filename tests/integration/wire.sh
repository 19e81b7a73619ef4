#!/bin/sh
# adperm wire and unwire on a machine as a package leaves it, with a real sshd: what is shown, asked and
# refused, that the break-glass user and the policy's people get in afterwards and nobody else, and
# that everything is as before when it is unwired.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

adperm=$BUILD/adperm
share=/var/lib/share
said=$W/said

# --- the world: stock PAM and sshd, an installed policy, nothing wired

stock() {
    sed -i '/adperm/d' /etc/pam.d/sshd
    sed -i '/^#/d; /^$/d' /etc/pam.d/sshd
    sed -i '1i # PAM configuration for the Secure Shell service\n' /etc/pam.d/sshd
    rm -f /etc/ssh/sshd_config.d/50-adperm.conf
    mkdir -p $share
    cp -r $W/src/conf/pam.d $share/
    mkdir -p $share/sshd_config.d
    sed "s|/usr/lib/adperm/|$W/lib/|" $W/src/conf/sshd_config.d/50-adperm.conf \
        >$share/sshd_config.d/50-adperm.conf
    cat >/etc/ssh/sshd_config <<END
Include /etc/ssh/sshd_config.d/*.conf
KbdInteractiveAuthentication no
UsePAM yes
Subsystem sftp internal-sftp
END
}

policy() {
    cat <<END
---
adperm: 1
profiles:
  alice@acme.example: {login: alice, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/alice.pub)"]}
  keyless@acme.example: {login: keyless}
  coded@acme.example: {login: coded, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/coded.pub)"]}
  copier@acme.example: {kind: machine, login: copier, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/copier.pub)"]}
owners:
  ops@acme.example:
    servers:
      $SERVER: {accounts: [shop]}
    grants:
      - to: [alice@acme.example, copier@acme.example, keyless@acme.example]
        servers: {$SERVER: [ssh_users]}
      - {to: coded@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true}
...
END
}

make_world() {
    world_user alice coded copier keyless shop olduser stranger $BREAKGLASS
    world_key alice coded copier olduser stranger root
    for name in alice olduser stranger; do
        world_plant $name $name
    done
    world_plant $BREAKGLASS root
    printf '%s\n' /bin/sh >/etc/shells
    stock
    policy >$W/policy.yaml
    world_sshd 22 shipped
    sed -i 's|^PidFile none|PidFile /run/sshd.pid|' /etc/ssh/sshd_config.22
    kill $SSHD_PID
    wait $SSHD_PID
    : >$W/sshd.22
    $SSHD -D -f /etc/ssh/sshd_config.22 -E $W/sshd.22 &
    world_wait sshd test -s /run/sshd.pid
}

wire() {
    wire_confirm --no-confirm "$@"
}
wire_confirm() {
    $adperm wire --share $share --rehearse $BUILD/adperm-rehearse --break-glass $BREAKGLASS "$@" \
        >$said 2>&1 </dev/null
}
unwire() {
    $adperm unwire "$@" >$said 2>&1
}
says() {
    grep -q -e "$1" $said || {
        sed 's/^/#   /' $said
        return 1
    }
}
refuses() {
    what=$1 word=$2 code=$3
    shift 3
    wire "$@"
    is "$what: exit status" $? "$code"
    ok "$what: says why" says "$word"
    is "$what: nothing was changed" "$(state)" "$before"
}
state() {
    (cd /etc && find pam.d ssh/sshd_config.d adperm -type f | sort | xargs stat -c '%n %a %u %g' &&
        find pam.d ssh/sshd_config.d adperm -type f | sort | xargs sha256sum)
}
denied() {
    ! enters stranger key=stranger && logged_reason stranger 'keys:.*\|unmanaged'
}
reloaded() {
    [ "$(grep -c 'Server listening' $W/sshd.22)" -ge "$1" ]
}

make_world
before=$(state)

# --- refused

refuses "without a policy" 'adperm apply' 1 sshd
world_compile $W/policy.yaml
refuses "an unknown service" 'none of the services' 2 telnetd
refuses "without a service" 'takes one service' 2
refuses "who of the strangers is left" 'leave NAME' 1 --yes sshd
refuses "an unknown user to leave" 'there is no user nobodyever' 2 --yes --leave nobodyever sshd
refuses "the login of a person to leave" "somebody's login" 2 --yes --leave alice sshd
refuses "without a terminal" 'no terminal' 1 --leave olduser sshd
came_in_as() {
    export SUDO_USER="$1"
    shift
    "$@"
    unset SUDO_USER
}
came_in_as stranger refuses "who wires and could not come in again" 'you, stranger, could not come in again' 1 \
    --yes --leave olduser sshd
ok "and is told what to do" says 'name it with --leave'
came_in_as keyless refuses "who wires and has no key" 'you, keyless, could not come in again: .*has no SSH key' 1 \
    --yes --leave none sshd
came_in_as coded refuses "who wires and is not enrolled" 'you, coded, could not come in again: .*adpermd' 1 \
    --yes --leave none sshd
came_in_as olduser wire --dry-run --leave olduser sshd
ok "who is left alone may wire" says 'Nothing was changed: --dry-run'
came_in_as alice wire --dry-run --leave none sshd
ok "and a person of the policy" says 'Nothing was changed: --dry-run'
wire --dry-run --leave olduser sshd
is "a dry run: exit status" $? 0
ok "a dry run: shows the lines" says '^+account required .*pam_adperm.so'
ok "a dry run: says who is kept out" says 'could not afterwards: shop\{0,1\} *stranger\|could not afterwards: stranger'
is "a dry run: nothing was changed" "$(state)" "$before"

BREAKGLASS_WAS=$BREAKGLASS
BREAKGLASS=nobodyever
refuses "a break-glass user that is not there" 'there is no such user' 1 --yes --leave olduser sshd
BREAKGLASS=alice
refuses "a break-glass user that the policy manages" 'the policy manages it' 1 --yes --leave olduser sshd
BREAKGLASS=root
refuses "root as the break-glass user" 'must be another user' 1 --yes --leave olduser sshd
BREAKGLASS=$BREAKGLASS_WAS
mv /home/$BREAKGLASS/.ssh/authorized_keys $W/away
refuses "a break-glass user without a key" 'no authorized_keys' 1 --yes --leave none sshd
mv $W/away /home/$BREAKGLASS/.ssh/authorized_keys
echo 'account requisite pam_deny.so' >>/etc/pam.d/common-account
sed -i 's/^account \[success=1.*/account required pam_deny.so/' /etc/pam.d/common-account
before=$(state)
refuses "a break-glass user that does not pass the stack" 'does not pass' 1 --yes --leave none sshd
world_stock() { (cd /etc && world_stock_pam); }
world_stock
stock
before=$(state)

for bad in 'auht required pam_unix.so' 'auth [success=1 pam_unix.so' 'account required pam_adperm.so permission=ssh_users'; do
    echo "$bad" >>/etc/pam.d/sshd
    before=$(state)
    refuses "a stack with: $bad" '/etc/pam.d/sshd:[0-9]*: ' 2 --yes --leave none sshd
    sed -i '$d' /etc/pam.d/sshd
done
echo 'auth sufficient pam_unix.so' >/etc/pam.d/common-auth
before=$(state)
wire --dry-run --leave none sshd
is "something sufficient behind our lines does no harm" $? 0
world_stock
stock
before=$(state)
chmod g+w /etc/pam.d/sshd
before=$(state)
refuses "a stack that others can write" "must be root's" 2 --yes --leave none sshd
chmod g-w /etc/pam.d/sshd
mv /etc/pam.d/sshd /etc/pam.d/sshd.real
ln -s sshd.real /etc/pam.d/sshd
refuses_link() {
    wire --yes --leave none sshd
    is "a stack that is a link: exit status" $? 2
    ok "a stack that is a link: says why" says 'symbolic link'
}
refuses_link
mv /etc/pam.d/sshd.real /etc/pam.d/sshd

# What sshd would make of it counts, not what the drop-in says.
overridden() {
    cp /etc/ssh/sshd_config $W/sshd_config
    { printf '%s\n' "$@" && cat $W/sshd_config; } >/etc/ssh/sshd_config
    before=$(state)
    refuses "sshd's own: $*" 'sshd would not do as' 1 --yes --leave none sshd
    cp $W/sshd_config /etc/ssh/sshd_config
}
overridden 'UsePAM no'
overridden 'PermitEmptyPasswords yes'
overridden 'Match User *' 'AuthorizedKeysFile .ssh/keys' 'Match all'
overridden 'Match User *' 'AuthenticationMethods any' 'Match all'
overridden 'Match User *' 'KbdInteractiveAuthentication no' 'Match all'
overridden 'Match User adperm' 'ForceCommand /bin/sh' 'Match all'
overridden 'Match User adperm' 'DisableForwarding no' 'Match all'
overridden 'Match User adperm' 'AuthenticationMethods any' 'Match all'

# --- wired

before=$(state)
cp /etc/pam.d/sshd $W/pam.before
ok "before, everybody with a key of their own gets in" enters stranger key=stranger
ok "wire" wire --yes --leave olduser sshd
ok "says that it is wired" says '^Wired: sshd'
ok "says that sshd knows" says 'sshd has read its configuration'
ok "says what BatchMode does" says 'BatchMode=yes stop working'
world_wait "sshd" reloaded 2
ok "our lines stand between marks" grep -q '^# BEGIN adperm' /etc/pam.d/sshd
is "below the heading" "$(head -n 1 /etc/pam.d/sshd)" '# PAM configuration for the Secure Shell service'
is "the copy is what was" "$(cat /var/lib/adperm/wiring/sshd.2*)" "$(cat $W/pam.before)"
ok "a person of the policy gets in" enters alice key=alice
ok "the break-glass user gets in" enters $BREAKGLASS key=root
ok "who is left alone gets in as before" enters olduser key=olduser
ok "a machine gets in by its key, in BatchMode" enters copier key=copier option=BatchMode=yes
ok "anybody else does not" denied
ok "the account adperm opens its dialogue alone" \
    sh -c "$SSHD -T -f /etc/ssh/sshd_config -C user=adperm,host=x,addr=127.0.0.1 | grep -q '^forcecommand $W/lib/adperm-self'"
ok "wire again: nothing to do" wire --yes --leave none sshd
ok "says so" says 'is wired already'

# Another break-glass user, the same service: rewired, and still undone to the byte.
world_user rescue
world_plant rescue root
BREAKGLASS=rescue
ok "wire again with another break-glass user" wire --yes --leave none sshd
BREAKGLASS=$BREAKGLASS_WAS
ok "it is in the stack" grep -q 'user = rescue' /etc/pam.d/sshd
is "once" "$(grep -c '^# BEGIN adperm' /etc/pam.d/sshd)" 1
world_wait "sshd" reloaded 3
ok "and gets in" enters rescue key=root

# --- unwired

cp /etc/ssh/sshd_config.d/50-adperm.conf $W/drop-in
echo '# mine' >>/etc/ssh/sshd_config.d/50-adperm.conf
unwire sshd
is "a drop-in with changes of somebody's is not taken away" $? 2
ok "says how" says 'force takes it away'
ok "and the stack is as it was" grep -q '^# BEGIN adperm' /etc/pam.d/sshd
cp $W/drop-in /etc/ssh/sshd_config.d/50-adperm.conf
ok "a dry run of unwire" unwire --dry-run sshd
ok "shows the lines that go" says '^-account required .*pam_adperm.so'
ok "and leaves them" grep -q '^# BEGIN adperm' /etc/pam.d/sshd
ok "unwire" unwire sshd
ok "the stack is as before, to the byte" cmp -s /etc/pam.d/sshd $W/pam.before
is "and so is all else but local-users" "$(state | grep -v local-users)" "$(echo "$before" | grep -v local-users)"
world_wait "sshd" reloaded 4
ok "everybody gets in as before" enters stranger key=stranger
ok "unwire again" unwire sshd
ok "says that it is not wired" says 'is not wired'

# Lines of somebody's own that came after stay.
ok "wire" wire --yes --leave none sshd
echo 'session optional pam_echo.so' >>/etc/pam.d/sshd
rm /var/lib/adperm/wiring/sshd
unwire --all
is "unwire without its record" $? 0
ok "takes the lines between the marks" says '^sshd is no more wired'
{ cat $W/pam.before && echo 'session optional pam_echo.so'; } >$W/expected
ok "and nothing else" cmp -s /etc/pam.d/sshd $W/expected

# --- until it is confirmed

sed -i '/pam_echo/d' /etc/pam.d/sshd
rm -f /etc/ssh/sshd_config.d/50-adperm.conf
before=$(state)
waiting=/var/lib/adperm/wiring/confirm
confirm() {
    $adperm confirm "$@" >$said 2>&1
}
overdue() {
    sed -i 's/^seconds .*/seconds 0/' $waiting
}
kill_watcher() {
    ok "$1" pkill -9 -f "^$adperm wire"
}
ok "wire, to be confirmed" wire_confirm --yes --leave none sshd
ok "says so" says 'It is taken back after 10m unless'
kill_watcher "it is watched"
ok "t111_stays_until_its_time" confirm --expired
ok "and is there" grep -q '^# BEGIN adperm' /etc/pam.d/sshd
refuses_waiting() {
    wire --yes --leave none sshd
    is "another one has to wait" $? 1
    ok "and is told so" says 'waits to be confirmed'
}
refuses_waiting
confirm
is "what is no login confirms nothing" $? 1
ok "and is told so" says 'log in anew'
overdue
ok "t111_killed_watcher_is_replaced_by_a_timer" confirm --expired
ok "says so" says 'The wiring of sshd was not confirmed in time'
is "everything is as before" "$(state)" "$before"
ok "nothing waits" [ ! -e $waiting ]
confirm
is "nothing can be confirmed" $? 1

ok "wire again" wire_confirm --yes --leave none sshd
kill_watcher "it is watched"
sed -i 's/^boot .*/boot 00000000-0000-0000-0000-000000000000/; s/^clock .*/clock 99999999999/' $waiting
ok "t111_after_a_reboot_with_a_clock_set_back" confirm --expired
is "everything is as before" "$(state)" "$before"

ok "wire for a second" wire_confirm --confirm 1m --yes --leave none sshd
overdue
put_back() {
    [ ! -e $waiting ]
}
world_wait "the watcher" put_back
is "t111_the_watcher_takes_it_back" "$(state)" "$before"

ok "wire once more" wire_confirm --yes --leave none sshd
world_plant root root
world_wait "sshd, which reads its configuration" try root key=root run=true
ok "a new login confirms" try root key=root run="$adperm confirm"
ok "and is told so" grep -q 'The wiring of sshd stays' $W/out
ok "nothing waits any more" [ ! -e $waiting ]
confirmed=$(state)
BREAKGLASS=rescue
ok "another break-glass user, on top of that" wire_confirm --yes --leave none sshd
BREAKGLASS=$BREAKGLASS_WAS
kill_watcher "it is watched"
overdue
ok "which nobody did" confirm --expired
is "it is wired as it was confirmed" "$(state)" "$confirmed"
ok "and can be unwired" unwire sshd
is "to the byte" "$(state)" "$before"
ok "wire, and unwire while it waits" wire_confirm --yes --leave none sshd
ok "unwire" unwire sshd
ok "nothing waits any more" [ ! -e $waiting ]

# --- lost in somebody else's upgrade, and wired by hand

ok "wire" wire --yes --leave none sshd
wired() {
    $adperm doctor --wired >$said 2>&1
}
ok "doctor --wired" wired
is "has nothing to say" "$(cat $said)" ''
cp /etc/pam.d/sshd $W/wired
cp $W/pam.before /etc/pam.d/sshd
wired
is "lines that are lost" $? 2
ok "are found" says "/etc/pam.d/sshd: adperm's lines are lost"
ok "unwire" unwire sshd
rm -rf /var/lib/adperm/wiring
cp $W/wired /etc/pam.d/sshd
ok "unwire what was wired by hand, where nothing ever was" unwire sshd
ok "the stack is as before, to the byte" cmp -s /etc/pam.d/sshd $W/pam.before
# --- Cockpit, whose password our lines ask for themselves

world_stock_cockpit
cp /etc/pam.d/cockpit $W/cockpit.before
wire --yes --leave olduser cockpit
is "cockpit: wired" $? 0
ok "cockpit: nobody gets past it" sh -c "$adperm doctor | grep -q 'cockpit: nobody gets past adperm'"
unwire cockpit
ok "cockpit: unwired, to the byte" cmp /etc/pam.d/cockpit $W/cockpit.before

# --- su, of which the break-glass user is the caller

printf 'auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n@include common-session\n' >/etc/pam.d/su
cp /etc/pam.d/su $W/su.before
wire --yes --leave olduser su
is "su: wired" $? 0
ok "su: the break-glass user is skipped as the caller" grep -q "ruser = $BREAKGLASS" /etc/pam.d/su
unwire su
ok "su: unwired, to the byte" cmp /etc/pam.d/su $W/su.before

tap_done
