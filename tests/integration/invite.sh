#!/bin/sh
# Invitations as a sysadmin meets them, with a real mail program and a real mail server on loopback:
# who is invited and who is not, what the mail says, where the PIN goes, a mail system that is down,
# and what `apply` invites, revokes, forgets and keeps.
# shellcheck disable=SC2086 # words of options here have no blanks
# shellcheck disable=SC2329 # called through ok

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
# shellcheck source=tests/integration/mail_world.sh
. "$top/tests/integration/mail_world.sh"
world_enter "$0" "$@"

OWNER=ops@acme.example
PEOPLE=/var/lib/adperm/people
adperm=$BUILD/adperm
sink=$W/sink
port=2525
mkdir $sink
cp -r $top/conf/templates /etc/adperm/
ln -s /usr/bin/msmtp $W/sendmail
printf 'account default\nhost 127.0.0.1\nport %s\nfrom root@%s\n' $port $SERVER >/etc/msmtprc
ours="--adperm-people $BUILD/adperm-people --sendmail $W/sendmail"

sink_up() {
    : >$W/sink.out
    $top/tests/integration/smtpsink.py $port $sink >$W/sink.out 2>&1 &
    SINK_PID=$!
    world_wait "the mail server" grep -q ready $W/sink.out
}
sink_down() {
    kill $SINK_PID
    wait $SINK_PID
}
empty_sink() {
    rm -f $sink/*.eml
}
received() {
    find $sink -name '*.eml' | wc -l
}
# A header of the one message there is, decoded by a mail program's own library, or its text.
mail() {
    python3 -c 'import email, email.policy, sys
m = email.message_from_string(open(sys.argv[1]).read().split("\n", 1)[1], policy=email.policy.default)
print(m.get_content() if sys.argv[2] == "text" else m[sys.argv[2]])' $sink/*.eml "$1"
}
code_in() {
    sed -n 's/.* \([a-z2-7]\{4\}\(-[a-z2-7]\{4\}\)\{6\}\)$/\1/p' "$1"
}

keys() {
    cut -d' ' -f1,2 "$W/keys/$1.pub"
}
# write_policy [EDIT]: after this command of sed.
write_policy() {
    sed "${1-}" >$W/policy.yaml <<END
---
adperm: 1
profiles:
  keyed@acme.example: {login: keyed, ssh_keys: ["$(keys keyed)"]}
  plain@acme.example: {name: 'Zo\\ë "%n" <eve@evil.example>', login: plain}
  robot@acme.example: {kind: machine, login: robot, ssh_keys: ["$(keys robot)"]}
  gone@acme.example: {suspended: true}
owners:
  $OWNER:
    servers:
      $SERVER: {accounts: [shop]}
    grants:
      - {to: [keyed@acme.example, robot@acme.example, gone@acme.example], servers: {$SERVER: [ssh_users]}}
      - {to: plain@acme.example, servers: {$SERVER: [ssh_users]}}
      - {to: coded@acme.example, accounts: {shop: [ssh]}, require_2fa: true, expires: 2099-12-31}
      - {to: some@acme.example, accounts: {shop: [ssh, sites]}, require_2fa: true, grace: 8h, expires: 2099-12-31, allow_from: [192.0.2.0/24, "2001:db8::/32"]}
      - {to: some@acme.example, servers: {$SERVER: [ssh_users, firewall_rules]}}
      - {to: late@acme.example, servers: {$SERVER: [ssh_users]}, expires: 2026-01-31}
...
END
}
# run COMMAND...: $code, what it said in $W/out and $W/err.
run() {
    "$adperm" "$@" $ours >$W/out 2>$W/err </dev/null
    code=$?
}
ends() {
    [ "$code" -eq "$1" ] || {
        echo "# exit $code"
        sed 's/^/#   /' $W/out $W/err
        return 1
    }
}
says() {
    grep -qF -e "$1" $W/out $W/err || {
        sed 's/^/#   /' $W/out $W/err
        return 1
    }
}
# refuses NAME TEXT WORD...: an error that says that, and nobody is invited.
refuses() {
    refuses_name=$1 refuses_text=$2
    shift 2
    run invite "$@"
    ok "$refuses_name" ends 2
    ok "$refuses_name: which is said" says "$refuses_text"
}
# on_terminal: what standard input says; what was printed is in $W/out.
on_terminal() {
    "$BUILD/tests/integration/onterminal" "$@" >$W/out 2>$W/err
    code=$?
}
invitations() {
    find $PEOPLE -name 'i-*' 2>/dev/null | wc -l
}

world_key keyed robot spare
write_policy
world_compile $W/policy.yaml
world_adpermd
sink_up

# --- one by one ----------------------------------------------------------------------------------

run invite plain@acme.example
ok "somebody without a key is invited" ends 0
ok "until when is said" says "plain@acme.example is invited until 20"
ok "without a grant that asks for it there is no PIN" not says PIN
mail text >$W/text
is "one mail goes out" "$(received)" 1
ok "t96 to one person, whatever their name" grep -q '^RCPT plain@acme.example$' $sink/*.eml
is "with a subject" "$(mail subject)" "You are invited to $SERVER"
ok "it says who has granted" grep -q "^$OWNER has granted to plain@acme.example on $SERVER:" $W/text
ok "and what" grep -q '^  server.ssh_users$' $W/text
ok "and what to do" grep -q "^  ssh adperm@$SERVER$" $W/text
ok "and has the code" [ -n "$(code_in $W/text)" ]
ok "t98 which is nowhere else" not grep -rqF "$(code_in $W/text)" $PEOPLE /var/lib/adperm/mail $W/out $W/err $W/log 2>/dev/null
is "it is kept as a hash" "$(invitations)" 1
empty_sink

on_terminal "$adperm" invite coded@acme.example --language fr $ours <<END
expect PIN is
END
ok "with a grant that asks for a second factor" ends 0
pin=$(sed -n 's/.*PIN is \([0-9]\{6\}\)\..*/\1/p' $W/out)
ok "t97 a PIN is shown on the terminal" [ -n "$pin" ]
mail text >$W/text
ok "t97 and is not in the mail" not grep -qF "$pin" $W/text
ok "which is in French" grep -q "a accordé à coded@acme.example" $W/text
ok "the terms are told" grep -q "accès SSH au compte (shop) ; avec second facteur ; jusqu'au 2099-12-31" $W/text
empty_sink
for language in en fr; do
    run invite some@acme.example --json --language $language
    ok "what was granted, to the letter: $language" mail_reads invitation.$language $sink/*.eml
    empty_sink
    run invite --reset --no-pin some@acme.example --language $language
    ok "that somebody is invited anew, too" mail_reads invitation-reset.$language "$(grep -l "^RCPT $OWNER" $sink/*.eml)"
    empty_sink
done
echo 'account.ssh: SSH {who}' >>/etc/adperm/templates/fr/words.txt
run invite some@acme.example --json --language fr
ok "words that are wrong: nobody is invited" ends 2
ok "and where is said" says "/etc/adperm/templates/fr/words.txt:$(wc -l </etc/adperm/templates/fr/words.txt): error: "
rm /etc/adperm/templates/fr/words.txt
run invite some@acme.example --json --language fr
ok "a language that has none is used" ends 0
ok "with the words of English" mail_reads invitation.words $sink/*.eml
cp $top/conf/templates/fr/words.txt /etc/adperm/templates/fr/
run invite --revoke some@acme.example
empty_sink
refuses "t97 where there is no terminal a PIN has no place" "--no-pin does without" coded@acme.example
is "so that no mail is sent" "$(received)" 0
run invite --json coded@acme.example
ok "but a program may have it" ends 0
ok "as JSON" grep -q '"pin":"[0-9]\{6\}"' $W/out
world_mark
run invite --no-pin coded@acme.example
ok "it can be waived" ends 0
ok "which is logged" world_lines "coded@acme.example is invited without a PIN"
empty_sink

refuses "who has a key" "has a key by the policy" keyed@acme.example
refuses "a machine" "is a machine" robot@acme.example
refuses "who is suspended" "is suspended" gone@acme.example
refuses "who holds nothing now" "holds nothing here" late@acme.example
refuses "whom nobody knows" "did you mean" plian@acme.example
refuses "t96 an address with an escape" "that is no e-mail address" "$(printf 'a\033[2J@acme.example')"
ok "t96 which is not printed as it is" not grep -q "$(printf '\033')" $W/err
refuses "for longer than a month" "at most 720h" --for 721h plain@acme.example
"$adperm" invite $ours -- --reset >$W/out 2>$W/err
ok "t100 an option where an address belongs" says "that is no e-mail address"
is "nobody got a mail" "$(received)" 0
run invite --for 2h plain@acme.example
ok "for two hours" ends 0
empty_sink

# --- who is one already --------------------------------------------------------------------------

"$adperm" profile key add plain@acme.example $W/keys/spare.pub --adperm-people "$BUILD/adperm-people" >$W/out 2>&1
refuses "who has registered a key" "--reset" plain@acme.example
run invite --reset plain@acme.example
ok "unless it is reset" ends 0
"$adperm" profile key list plain@acme.example >$W/out 2>&1
ok "then the key is forgotten" says "has registered no key"
is "and the owner is told" "$(cat $sink/*.eml | sed -n 's/^RCPT //p' | sort | tr '\n' ' ')" "$OWNER plain@acme.example "
empty_sink

# --- a mail system that is down ------------------------------------------------------------------

sink_down
run invite plain@acme.example
ok "without a mail system it is an error" ends 1
ok "which says what to do" says "adperm invite --pending"
ok "and not that somebody is invited" not says "is invited until"
is "no code lies in a spool" "$(find /var/lib/adperm/mail -type f 2>/dev/null | wc -l)" 0
run invite --pending
ok "tried again in vain" ends 1

# status WORD...
status() {
    "$adperm" status --file /dev/null "$@" >$W/out 2>$W/err
}
world_mark
"$BUILD/tests/golden/people" $PEOPLE late@acme.example invited=1700000000
echo noise >$PEOPLE/i-$(printf '0%.0s' $(seq 64))
status
ok "status tells how many are invited" says 'invited   2 open; 1 not mailed, 1 mailed, 1 run out, 1 damaged'
status --json
ok "and whom" says '{"profile":"plain@acme.example","state":"not mailed","expires":"20'
ok "who came too late" says '{"profile":"late@acme.example","state":"run out","expires":"2023-11-14T22:13:20Z","needs_pin":true}'
ok "and of whom nothing is known" says '{"profile":null,"state":"damaged","expires":null,"needs_pin":false}'
ok "which is JSON" /usr/bin/python3 -c 'import json,sys
sys.exit([i["profile"] for i in json.load(open(sys.argv[1]))["invited"]] !=
    [None, "coded@acme.example", "late@acme.example", "plain@acme.example"])' $W/out
status --prometheus
ok "metrics, too" says 'adperm_invitations_open 2'
setpriv --reuid 65534 --regid 65534 --clear-groups "$adperm" status --file /dev/null >$W/out 2>$W/err
ok "nobody else is told" says 'invited   only root can tell'
setpriv --reuid 65534 --regid 65534 --clear-groups "$adperm" status --file /dev/null --json >$W/out 2>$W/err
ok "nor another program" says '"invited":null'
"$adperm" doctor >$W/out 2>$W/err
grep -A 1 ' invited  ' $W/out >$W/doctor
doctor_says() {
    grep -A 1 -e "$1" $W/doctor | grep -qF -e "$2" || {
        sed 's/^/#   /' $W/doctor
        return 1
    }
}
ok "doctor has nothing against who was mailed" doctor_says '^ok *invited *coded@acme.example: mailed, until 20' coded
ok "tells what to do for who was not" doctor_says '^warn *invited *plain@acme.example: not mailed, until 20' '-> `adperm invite --pending`'
ok "for who came too late" doctor_says '^warn *invited *late@acme.example: run out, until 2023-11-14T22:13:20Z' '`adperm invite --revoke` clears it'
ok "and for what cannot be read" doctor_says "^warn *invited *$PEOPLE/i-0*: damaged" 'remove that file'
is "and asks nobody, who would log it" "$(world_lines 'svc="invited"')" ''
rm $PEOPLE/i-000*
run invite --revoke late@acme.example
ok "what ran out is cleared" ends 0
sink_up
run invite --pending --json
ok "and, with it, in earnest" ends 0
ok "what was mailed before is only listed" grep -q '"profile":"coded@acme.example","state":"mailed"' $W/out
ok "the other is sent" grep -q '"profile":"plain@acme.example","mail":"sent"' $W/out
is "once" "$(received)" 1
run invite --pending
ok "then both are mailed" [ "$(grep -c '^mailed ' $W/out)" -eq 2 ]
is "and nothing more is sent" "$(received)" 1
run invite --revoke plain@acme.example
ok "one is revoked" says "is not invited any more"
is "and gone" "$(invitations)" 1
run invite --revoke plain@acme.example
ok "twice is an error" ends 2
rm /etc/adperm/templates/en/invitation.txt
run invite plain@acme.example
ok "without a template nothing is sent" says "No such file"
cp $top/conf/templates/en/invitation.txt /etc/adperm/templates/en/
run invite --revoke plain@acme.example
empty_sink

# --- two at once, killed -------------------------------------------------------------------------

crowd() {
    for n in 1 2 3 4 5 6; do
        "$adperm" invite --json plain@acme.example $ours >$W/crowd$n 2>&1 &
        crowd_pids="${crowd_pids-} $!"
    done
    wait $crowd_pids
    [ "$(received)" -eq 6 ] && [ "$(invitations)" -eq 2 ]
}
ok "t103 six at once: six mails, and one invitation" crowd
empty_sink
run invite --revoke plain@acme.example coded@acme.example

# --- apply ---------------------------------------------------------------------------------------

# apply_policy [EDIT [WORD...]]: installs the policy, after this command of sed.
apply_policy() {
    write_policy "${1-}"
    [ $# -eq 0 ] || shift
    run apply --yes --allow-lockout --server $SERVER "$@" $W/policy.yaml
}
# The policy without somebody.
without() {
    echo "/$1@acme.example/d"
}

apply_policy "$(without plain)"
ok "somebody leaves the policy" ends 0
apply_policy '' --invite
ok "and comes back" ends 0
ok "who is invited is said before" says "  plain@acme.example"
ok "and after" says "plain@acme.example is invited until"
is "nobody else is" "$(cat $sink/*.eml | grep -c '^RCPT')" 1
is "there is an invitation" "$(invitations)" 1
apply_policy 's/accounts: \[shop\]/accounts: [shop, more]/' --invite
ok "what they hold already invites nobody" says "none is invited"
apply_policy "$(without plain)"
is "who loses everything is invited no more" "$(invitations)" 0
refuses "nor can be" "the policy has no profile" plain@acme.example
apply_policy '' --invite --confirm 10m
ok "a policy that may go again invites nobody" says "invite when it is confirmed"
empty_sink
apply_policy "$(without coded)"
apply_policy '' --invite
ok "a PIN that nobody could see is not made" says "no terminal to show it on"
ok "but the policy is installed" ends 0
is "and nobody gets a mail" "$(received)" 0
empty_sink

# --- who was gone and comes back -----------------------------------------------------------------

key() {
    "$adperm" profile key "$@" --adperm-people "$BUILD/adperm-people" >$W/out 2>&1
}
enrolled() {
    "$adperm" totp status coded@acme.example >/dev/null 2>&1
}
# leave_with_both: coded@acme.example has a key and a second factor, and leaves the policy.
leave_with_both() {
    key add coded@acme.example $W/keys/spare.pub
    enrolled || world_enrol coded@acme.example
    apply_policy "$(without coded)"
}
apply_policy
leave_with_both
apply_policy '' --readopt coded@acme.example
ok "who comes back and is the same person" says "Keys registered then: 1, and a second factor; they count again"
ok "has the second factor" enrolled
leave_with_both
apply_policy '' --forget coded@acme.example
ok "who is another" says "they are forgotten"
ok "has none" not enrolled
ok "and no key" not sh -c "find $PEOPLE -name 'k-*' | grep -q ."
apply_policy
leave_with_both
apply_policy
ok "of whom nothing is said" says "they are forgotten, unless --readopt"
ok "is another" not enrolled
leave_with_both
write_policy
on_terminal "$adperm" apply --allow-lockout --server $SERVER $ours $W/policy.yaml <<END
expect the same person as then?
send y\r
expect [y/N]
send y\r
END
ok "on a terminal it is asked" ends 0
ok "and a yes keeps both" enrolled
apply_policy 's/accounts: \[shop\]/accounts: [shop, more]/' --readopt plian@acme.example
ok "who does not come back is a slip" ends 2
ok "which is said" says "does not come back with this policy"

tap_done
