#!/bin/sh
# The account adperm through a real sshd and a real terminal: people whom an invitation lets in, and
# people who look after themselves; what is refused there, in the same words whatever was wrong; and
# everything else that an account could be used for.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
# shellcheck source=tests/integration/self_world.sh
. "$top/tests/integration/self_world.sh"
world_enter "$0" "$@"

keys() {
    cut -d' ' -f1,2 "$W/keys/$1.pub"
}

# What lasts for longer than a screen, and than one reply of adperm-people.
many="technical_contact, usage, resources, statistics, sites, domains, emails, email_history, databases, ssh, environment, \
processes, ip_addresses, ssl_certificates, migration, scheduled_tasks, backups, services, ftp, webdav"

write_policy() {
    cat <<END
---
adperm: 1
profiles:
  plain@acme.example: {login: plain, ssh_keys: ["$(keys plain)"]}
  coded@acme.example: {login: coded, ssh_keys: ["$(keys coded)"]}
  gone@acme.example: {ssh_keys: ["$(keys gone)"]}
  late@acme.example: {ssh_keys: ["$(keys late)"]}
  many@acme.example: {ssh_keys: ["$(keys many)"]}
  mute@acme.example: {suspended: true}
owners:
  ops@acme.example:
    servers:
      $SERVER: {accounts: [shop, blog]}
    grants:
      - {to: plain@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: coded@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true}
      - {to: new@acme.example, accounts: {shop: [ssh, sites]}, require_2fa: true}
      - {to: easy@acme.example, accounts: {blog: [ssh]}}
      - {to: [held@acme.example, wrong@acme.example, mute@acme.example], accounts: {blog: [ssh]}, require_2fa: true}
      - {to: [gone@acme.example, none@acme.example], accounts: {blog: [ssh]}}
      - {to: many@acme.example, accounts: {shop: [$many]}}
      - {to: late@acme.example, accounts: {blog: [ssh]}, expires: 2024-12-31}
...
END
}

world_user plain coded shop blog $BREAKGLASS
world_key plain coded gone late many new easy spare stranger
ssh-keygen -q -t rsa -b 1024 -N '' -f $W/keys/weak
write_policy | grep -v 'mute@acme.example: {suspended' >$W/policy.yaml
world_compile $W/policy.yaml || world_die "the policy does not compile"
world_adpermd
world_enrol coded@acme.example
self_world
# All that anybody might want of an account: what is refused at this one is refused by its own lines.
printf '#!/bin/sh\ncat >/dev/null\n' >$W/xauth
chmod 755 $W/xauth
world_sshd 22 'AcceptEnv *' 'AllowAgentForwarding yes' 'AllowTcpForwarding yes' 'PermitTunnel yes' 'X11Forwarding yes' \
    "XAuthLocation $W/xauth" shipped
ssh-agent -D -a $W/agent >$W/agent.out 2>&1 &
AGENT_PID=$!
world_wait "the agent" test -S $W/agent

# --- invited, with a second factor ---------------------------------------------------------------

invite new@acme.example
stranger_steps $invite_email $invite_code "$invite_pin" >$W/steps
{ invited_steps; give_key new; echo 'expect Enter goes on.'; echo 'hangup'; } >$W/steps.lost
door <$W/steps.lost
ok "somebody invited is told what was granted" says 'account.sites  *shop  *for good  *code'
ok "by whom" says 'What ops@acme.example has granted to you on web1.acme.example'
ok "the connection is lost behind the key: it opens nothing" refused_for keys:unknown_person shop key=new
not_held new@acme.example
door from=127.0.0.2 <$W/steps
ok "t98 from elsewhere it is not gone on with" refused held
{ cat $W/steps; echo 'expect waits to be activated'; echo 'expect Public key'; echo 'send \r'; factor_steps; } | door
ok "from the same place it is, with the key that waits" ended 0
pictured() {
    lines=$(grep -c "$(printf '\033')\[40;97m" $W/out)
    [ "$lines" -gt 10 ] && [ "$lines" -le 23 ]
}
ok "with a picture for the app that fits 80x24" pictured
ok "it ends with how to log in" says 'ssh shop@web1.acme.example'
ok "t97 the secret is cleared from the terminal, and what scrolled off it" cleared
code_now=$(world_code new@acme.example)
ok "they log in with key and code" enters_as new@acme.example shop key=new code="$code_now"
ok "not without a code" refused_for bad_code shop key=new code=x
door <$W/steps
ok "t98 the invitation is spent" refused not_invited

# --- invited, without one ------------------------------------------------------------------------

invite easy@acme.example
{ invited_steps; echo 'send nonsense\r'; echo 'expect no SSH public key'; echo 'expect Public key'
    echo 'send -----BEGIN OPENSSH PRIVATE KEY-----\r'; echo 'expect That is a private key'; echo 'expect Public key'
    echo "send $(cat $W/keys/weak.pub)\\r"; echo 'expect That key is too weak'; echo 'expect Public key'
    echo "send $(keys plain)\\r"; echo "expect somebody else's"; echo 'expect Public key'
    give_key easy; echo 'expect from now on? [y/N]'; echo 'send y\r'; } | door
ok "without the flag a key is enough" ended 0
ok "and opens" enters_as easy@acme.example blog key=easy

# --- refused in the same words -------------------------------------------------------------------

invite wrong@acme.example
wrong_code=$invite_code wrong_pin=$invite_pin
invite mute@acme.example
mute_code=$invite_code mute_pin=$invite_pin
write_policy >$W/policy.yaml
world_compile $W/policy.yaml

# tried NAME REASON EMAIL CODE PIN: one attempt with a log and a terminal of its own.
tried() {
    stranger_steps "$3" "$4" "$5" | door out=$W/tried.$1
    same_words $W/tried.$1 && ! grep -q 'Welcome' $W/tried.$1
}
upper=$(echo $wrong_code | tr a-z A-Z)
world_mark
at_once code tried code bad_code wrong@acme.example aaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaa $wrong_pin
at_once case tried case bad_code wrong@acme.example $upper $wrong_pin
at_once prefix tried prefix bad_code wrong@acme.example ${wrong_code%?} $wrong_pin
at_once suffix tried suffix bad_code wrong@acme.example ${wrong_code}a $wrong_pin
at_once pin tried pin bad_pin wrong@acme.example $wrong_code 000000
at_once nopin tried nopin bad_pin wrong@acme.example $wrong_code ''
at_once other tried other not_invited none@acme.example $wrong_code $wrong_pin
at_once nobody tried nobody unknown_person nobody@acme.example $wrong_code $wrong_pin
at_once mute tried mute suspended mute@acme.example $mute_code $mute_pin
at_once noemail tried noemail unknown_person "$wrong_code" "$wrong_code" $wrong_pin
at_once format tried format unknown_person '%s%n%s' '%s%n' '%n'
at_once long tried long unknown_person "$(printf 'a%.0s' $(seq 400))@acme.example" "$(printf 'b%.0s' $(seq 400))" 1
met
for cell in code case prefix suffix pin nopin other nobody mute noemail format long; do
    ok "t98 refused, in the words that all get: $cell" came $cell
done
world_lines 'phase=auth' >$W/lines
is "which look as README has it" "$(sed -n 's/^[^ ]*@[^ ]*: P/NAME@HOST: P/p' $W/tried.code | tr -d '\r')" \
    "$(door_says 'SSH, as adperm')"
is "each is in the log" "$(grep -c 'user="adperm"' $W/lines)" 12
ok "with why" grep -q 'reason=bad_invitation.*profile="wrong@acme.example".*hint="bad_pin"' $W/lines
ok "t96 and no code, no PIN and nothing else that was typed" \
    not grep -qF -e "$wrong_code" -e "$wrong_pin" -e '%n' $W/lines

# --- one session at a time -----------------------------------------------------------------------

invite held@acme.example
mkfifo $W/first
{ cat $W/ssh_config; echo 'SetEnv LC_ALL=C.UTF-8 ADPERM_PROFILE=plain@acme.example LD_PRELOAD=/tmp/x.so'; } >$W/ssh_config.env
wishes="option=ForwardAgent=yes option=ForwardX11=yes option=ForwardX11Trusted=yes"
{ invited_steps; cat $W/first; } | SSH_AUTH_SOCK=$W/agent DISPLAY=:9 door out=$W/door.first from=127.0.0.1 \
    config=$W/ssh_config.env $wishes option=ControlMaster=yes option=ControlPath=$W/mux &
first=$!
exec 9>$W/first
in_dialogue() {
    dialogue=$(pgrep -n -x adperm-self) && [ -n "$dialogue" ] && grep -q '^Uid:.118' /proc/$dialogue/status
}
world_wait "the dialogue" in_dialogue
tr '\0' '\n' </proc/$dialogue/environ | cut -d= -f1 | sort | tr '\n' ' ' >$W/environ
ok "nothing of the client's environment gets in" \
    not grep -qE 'ADPERM_PROFILE|LD_PRELOAD|SSH_AUTH_SOCK|DISPLAY' $W/environ
ok "no agent is forwarded (-A)" [ -z "$(find /tmp -user adperm)" ]
ok "nobody may look into it" [ "$(stat -c %u /proc/$dialogue/fd)" = 0 ]
"$BUILD/adperm" status >$W/out
ok "status tells that somebody registers" says '^invited .* 1 in use'
timeout 20 ssh -F $W/ssh_config -S $W/mux adperm@$SERVER >$W/out 2>&1 </dev/null
ok "one session is all that a connection opens" says 'Session open refused by peer'
stranger_steps $invite_email $invite_code "$invite_pin" | door out=$W/door.second
ok "t98 a second session while one holds it" same_words $W/door.second
echo hangup >&9
exec 9>&-
wait $first
ok "no X11 (-X, -Y)" grep -q 'X11 forwarding request failed' $W/door.first
SSH_AUTH_SOCK=$W/agent DISPLAY=:9 timeout 20 ssh -F $W/ssh_config.env -A -Y -i $W/keys/plain plain@$SERVER \
    'echo "$SSH_AUTH_SOCK $DISPLAY ${LC_ALL-}"' >$W/out 2>&1 </dev/null
ok "all of which others have here" says '^/tmp/ssh-.*/agent.* localhost:10.0 C.UTF-8'
kill $AGENT_PID

# --- people who look after themselves ------------------------------------------------------------

{ echo 'expect Number, or q'; echo 'send 1\r'; echo 'expect server.ssh_users'; echo 'expect Number, or q'; echo 'send 3\r'
    echo 'expect Public key'; echo "send $(keys spare)\\r"; echo 'expect needs a second factor'; echo 'expect Public key'
    echo 'send \r'; echo 'expect Number, or q'; echo 'send q\r'; } | door key=plain
ok "a key of the policy opens the dialogue, without a code where none is of use" ended 0
ok "and nobody adds a key without a second factor" refused_for keys:unknown_person plain key=spare

{ echo 'expect Number, or q'; echo 'send 1\r'; echo 'expect Enter goes on'; echo 'send \r'; echo 'expect account.webdav'
    echo 'expect Number, or q'; echo 'send q\r'; } | door key=many
ok "who holds much reads it screen by screen" ended 0
is "all of it" "$(grep -c '^  account\.' $W/out)" 20

proved="$(world_code coded@acme.example)"
{ echo 'expect Verification or invitation code'; echo "send $proved\\r"; echo 'expect Number, or q'; echo 'send 3\r'
    echo 'expect Public key'; echo "send $(cat $W/keys/spare.pub)\\r"; echo 'expect Number, or q'; echo 'send 2\r'; echo 'expect SHA256'
    echo 'expect Number, or q'; echo 'send 5\r'; factor_steps coded@acme.example; echo 'expect Number, or q'; echo 'send q\r'; } | door key=coded
ok "with a code they add a key, and make a second factor anew" ended 0
ok "the new key opens, with a code of the new factor" \
    enters_as coded@acme.example coded key=spare code="$(world_code coded@acme.example)"
ok "not with one of the old" refused_for replay\\\|bad_code coded key=coded code="$proved"
{ echo 'expect Verification or invitation code'; echo 'send \r'; echo 'expect Number, or q'; echo 'send 4\r'; echo 'expect Which one'
    echo 'send 1\r'; echo 'expect a recovery code:'; echo "send $(recovery 1)\\r"; echo 'expect Removed'; echo 'expect Number, or q'; echo 'send q\r'; } | door key=coded
ok "a recovery code proves them, too" ended 0
ok "the key that was removed opens nothing" refused_for keys:unknown_person coded key=spare
{ cat $W/ssh_config; echo 'SetEnv LC_ALL=C'; } >$W/ssh_config.plain
{ echo 'expect Verification or invitation code'; echo "send $(recovery 2)\\r"; echo 'expect Number, or q'; echo 'send 5\r'; echo 'expect Enter goes on'
    echo 'send \r'; echo 'expect add an account by hand'; echo 'expect Code that'; echo 'send ^D'; echo 'expect Nothing has changed'
    echo 'expect Number, or q'; echo 'send q\r'; } | door key=coded config=$W/ssh_config.plain
ok "a terminal without UTF-8 shows the secret as text, and nobody is bound to it before a code" ended 0

{ echo 'expect Number, or q'; echo 'send 6\r'; echo 'expect Go on? [y/N]'; echo 'send n\r'; echo 'expect Nothing was given back'
    echo 'expect Number, or q'; echo 'send 6\r'; echo 'expect Go on? [y/N]'; echo 'send y\r'; echo 'expect given back'; } | door key=gone
ok "they give back what they hold" ended 0
ok "and are refused at once" refused_for keys:renounced blog key=gone
ok "there, too" refused_for unknown_person adperm key=gone
ok "nor does a key open it whose person holds nothing any more" refused_for unknown_person adperm key=late
ok "or nobody's" refused_for unknown_person adperm key=stranger

# From a login of their own, which is its proof.
own_login() {
    "$BUILD/tests/integration/onterminal" ssh -tt -F $W/ssh_config -p 22 -i $W/keys/plain plain@$SERVER \
        "$BUILD/adperm self --adperm-self $W/lib/adperm-self" >$W/out 2>&1
    echo $? >$W/out.code
}
{ echo 'expect You are plain@acme.example'; echo 'expect Number, or q'; echo 'send q\r'; } | own_login
ok "adperm self is the same, from a login" ended 0
setpriv --reuid plain --clear-groups -- "$BUILD/tests/integration/onterminal" $W/lib/adperm-self >$W/out 2>&1 </dev/null
ok "a uid alone proves nobody" grep -q 'no login that proves who you are' $W/out

# --- everything else that an account is good for -------------------------------------------------

# as_plain WORD...: ssh as a person who is let in there without being asked anything.
as_plain() {
    timeout 20 ssh -F $W/ssh_config -p 22 -i $W/keys/plain "$@" >$W/out 2>&1 </dev/null
}
as_plain adperm@$SERVER id
ok "no command" grep -q 'runs no command' $W/out
ok "which is not run" not grep -q 'uid=' $W/out
ok "nor with a terminal" not sh -c "echo 'expect Number, or q
send q\\r' | $BUILD/tests/integration/onterminal ssh -tt -F $W/ssh_config -i $W/keys/plain adperm@$SERVER id | grep -q uid="
echo ls / >$W/batch
# Not with -b, which asks nobody anything, and so gets in nowhere.
sftp_lists() {
    timeout 20 sftp -q -F $W/ssh_config -P 22 -i $W/keys/plain $1@$SERVER >$W/out 2>&1 <$W/batch && grep -q '/etc' $W/out
}
# scp_copies USER [OPTION]
scp_copies() {
    timeout 20 scp -q ${2-} -F $W/ssh_config -P 22 -i $W/keys/plain $W/batch $1@$SERVER:/tmp/x >$W/out 2>&1 </dev/null
}
ok "no sftp" not sftp_lists adperm
ok "no scp" not scp_copies adperm
ok "nor as it was once" not scp_copies adperm -O
ok "and nothing was written" [ ! -e /tmp/x ]
ok "others have both" eval 'sftp_lists plain && scp_copies plain && [ -e /tmp/x ]'

cat >$W/probe <<'END'
import socket, sys, time
for turn in range(1000):
    try:
        s = socket.create_connection(("127.0.0.1", 7000), 20)
        break
    except ConnectionRefusedError:
        time.sleep(0.02)
if sys.argv[1] == "socks":  # version 4: connect to port 22 of 127.0.0.1
    s.sendall(bytes([4, 1, 0, 22, 127, 0, 0, 1, 0]))
said = b""
while b"SSH-2.0" not in said:
    more = s.recv(100)
    if not more:
        sys.exit(1)
    said += more
END
# reaches USER KIND WORD...: whether sshd is at the other end of a port here that ssh forwards so.
reaches() {
    reaches_user=$1 reaches_kind=$2
    shift 2
    timeout 30 ssh -F $W/ssh_config -N -i $W/keys/plain "$@" $reaches_user@$SERVER >$W/out 2>&1 </dev/null &
    reaches_ssh=$!
    /usr/bin/python3 $W/probe $reaches_kind 2>&1
    reaches_code=$?
    kill $reaches_ssh
    wait $reaches_ssh
    return $reaches_code
}
# prohibited WORD...: likewise, and sshd does so for others, but not here.
prohibited() {
    reaches plain "$@" && not reaches adperm "$@" && grep -q 'administratively prohibited' $W/out
}
ok "no forwarding (-L)" prohibited plain -L 7000:127.0.0.1:22
ok "nor of whatever is asked for (-D)" prohibited socks -D 7000
as_plain -W 127.0.0.1:22 adperm@$SERVER
ok "nor of what is typed (-W)" grep -q 'administratively prohibited' $W/out
for there in 2299 /tmp/socket; do
    as_plain -o ExitOnForwardFailure=yes -R $there:127.0.0.1:22 plain@$SERVER true
    is "others forward the other way (-R $there)" $? 0
    rm -f /tmp/socket
    as_plain -N -o ExitOnForwardFailure=yes -R $there:127.0.0.1:22 adperm@$SERVER
    ok "here there is none" grep -q 'remote port forwarding failed' $W/out
done
# A tunnel needs a device, which is not here.
is "no tunnel (-w), and no file of a home" \
    "$($SSHD -T -f /etc/ssh/sshd_config.22 -C user=adperm,host=x,addr=127.0.0.1 | grep -E '^permit(tunnel|userrc) ' | sort | tr '\n' ' ')" \
    "permittunnel no permituserrc no "

# --- when the person does not answer -------------------------------------------------------------

# What that account opens, with less patience, which it is told in $W/idle.
printf '#!/bin/sh\nexec %s --idle "$(cat %s)"\n' $W/lib/adperm-self $W/idle >$W/lib/impatient
chmod 755 $W/lib/impatient
sed -i "/^adperm:/s|:[^:]*\$|:$W/lib/impatient|" /etc/passwd
# idle SECONDS WORD...: as door, and whether it took so long; the time that sshd takes is more.
idle() {
    echo $1 >$W/idle
    idle_for=$1 idle_since=$(date +%s%3N)
    shift
    door "$@"
    [ $(($(date +%s%3N) - idle_since)) -ge $((idle_for * 1000)) ]
}
for words in '--idle 0' '--idle 301' '--idle -1' '--idle 2x' --idle '--idle 2 --socket' '--idle 2 3'; do
    $W/lib/adperm-self $words >$W/out 2>&1 </dev/null
    is "no patience: $words" $? 2
done
echo 'expect Number, or q' >$W/steps
ok "a question that nobody answers is waited for" idle 1 key=plain <$W/steps
ok "and ends the dialogue" ended 1
invite wrong@acme.example
{ invited_steps; give_key stranger; echo 'expect Enter goes on'; echo 'send \r'; echo 'expect Code that'; echo 'send t\r'
    echo 'expect 30 seconds'; } >$W/steps
ok "so does the question for a code" idle 3 <$W/steps
ok "and it was broken off" ended 1
ok "t97 the secret does not stay on the screen" cleared
ok "nothing counts" refused_for keys:unknown_person blog key=stranger
not_held wrong@acme.example
echo 60 >$W/idle
{ invited_steps; echo hangup; } | door
ok "and the invitation is good for another try" says "Welcome to $SERVER"
sed -i "/^adperm:/s|:[^:]*\$|:$W/lib/adperm-self|" /etc/passwd

# --- when somebody does not answer ---------------------------------------------------------------

invite wrong@acme.example
kill $ADPERMD_PID
wait $ADPERMD_PID 2>/dev/null
{ invited_steps; give_key stranger; echo 'expect adpermd, which keeps second factors, does not answer'; } | door
ok "without adpermd it ends with clear words" ended 1
kill $ONEACH_PID
wait $ONEACH_PID 2>/dev/null
rm -f /run/adperm/people.sock
echo 'expect adperm-people, which would write it down, does not answer' | door key=plain
ok "without adperm-people too" ended 1
stranger_steps wrong@acme.example $invite_code $invite_pin | door
ok "and nobody is let in" refused daemon_unreachable

is "nothing is left of the phases" "$(find /run/adperm/sessions -name '*.auth')" ''
is "nothing was refused that adperm-people needs" "$(cat $W/people.err)" ''
tap_done
