#!/bin/sh
# mail.sh [all]: mail to the people to tell, with a real mail program and a real mail server on
# loopback: who gets what, hostile names, a mail system that is down or full, and alerts that come
# once, killed at every 23rd system call, or with "all" at every one.
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
every=${1-} step=23
[ "$every" != all ] || step=1

adperm=$BUILD/adperm
sink=$W/sink
spool=/var/lib/adperm/mail
policy=/etc/adperm/policy.d/10.yaml
port=2525
mkdir $sink
cp -r $top/conf/templates /etc/adperm/
ln -s /usr/bin/msmtp $W/sendmail
printf 'account default\nhost 127.0.0.1\nport %s\nfrom root@%s\n' $port $SERVER >/etc/msmtprc

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
matches() {
    case $1 in *"$2"*) ;; *)
        echo "$1" | sed 's/^/# /'
        return 1
        ;;
    esac
}
# tell SUBJECT WORD...: notifies the server's technical contacts of what stands on stdin; $code, $out
# and $err say how it went.
tell() {
    subject=$1
    shift
    out=$("$adperm" notify --sendmail $W/sendmail --server $SERVER --topic technical --subject "$subject" "$@" 2>$W/err)
    code=$?
    err=$(cat $W/err)
}
alerts() {
    out=$("$adperm" alert --sendmail $W/sendmail --log $W/auth.log "$@" 2>$W/err)
    code=$?
    err=$(cat $W/err)
}
received() {
    find $sink -name '*.eml' | wc -l
}
# oldest NUMBER: that one of what has arrived.
oldest() {
    find $sink -name '*.eml' -printf '%f\n' | sort -n | sed -n "$1s|^|$sink/|p"
}
recipients() {
    cat $sink/*.eml 2>/dev/null | sed -n 's/^RCPT //p' | sort | tr '\n' ' '
}
waiting() {
    find $spool -name '*.mail' 2>/dev/null | wc -l
}
empty_sink() {
    rm -f $sink/*.eml
}
# header NUMBER NAME: a header of a message, decoded by a mail program's own library.
header() {
    python3 -c 'import email, email.policy, sys
m = email.message_from_string(open(sys.argv[1]).read().split("\n", 1)[1], policy=email.policy.default)
print(m.get_content() if sys.argv[2] == "text" else m[sys.argv[2]])' "$sink/$1.eml" "$2"
}

# --- who is told

write_policy() {
    cat >$policy <<END
---
adperm: 1
profiles:
  alice@acme.example: {name: 'Alice "%n" <eve@evil.example>, Zo\\ë', login: alice, ssh_keys: ["$(cut -d' ' -f1,2 $W/keys/alice.pub)"]}
  gone@acme.example: {suspended: true}
owners:
  ops@acme.example:
    servers:
      $SERVER: {accounts: [shop]}
    grants:
      - {to: [alice@acme.example, gone@acme.example], servers: {$SERVER: [technical_contact]}}
      - {to: alice@acme.example, servers: {$SERVER: [ssh_users]}, require_2fa: true}
      - {to: bill@acme.example, overall: [billing]}
      - {to: site@acme.example, accounts: {shop: [technical_contact]}}
      - {to: late@acme.example, servers: {$SERVER: [technical_contact]}, expires: 2026-01-31}
      - {to: other@acme.example, servers: {$SERVER: [firewall_rules]}${1-}}
...
END
    world_compile $policy
}
world_key alice
write_policy
sink_up
tell "Déjà vu" <<END
Maintenance à 8 h.
.
From here on = all is well.
END
is "notify says that all are told" "$code" 0
is "the owner and the contact, and nobody suspended, expired or else" "$(recipients)" "alice@acme.example ops@acme.example "
is "the subject arrives as it was" "$(header 1 subject)" "Déjà vu"
ok "and the text, a lone dot too" matches "$(header 1 text)" "Maintenance à 8 h.
.
From here on = all is well.

-- 
You are to be told about $SERVER (owner)."
is "t96_a_name_adds_no_recipient" "$(header 2 to)" "\"Alice \\\"%n\\\" <eve@evil.example>, Zo\\\\ë\" <alice@acme.example>"
is "what belongs together has a list" "$(header 1 list-id)" "<adperm.$SERVER>"
is "and no robot answers" "$(header 1 auto-submitted)" auto-generated
is "nothing waits" "$(waiting)" 0
empty_sink

tell Essai --language fr --json </etc/hostname
is "in French" "$(header 3 text | grep Vous)" "Vous êtes à prévenir au sujet de $SERVER (propriétaire)."
is "a contact, too, by what they are" "$(header 4 text | grep Vous)" "Vous êtes à prévenir au sujet de $SERVER (contact technique du serveur)."
is "and for programs" "$out" '[{"profile":"ops@acme.example","mail":"sent"},{"profile":"alice@acme.example","mail":"sent"}]'
empty_sink

# tells LANGUAGE WORD...: as tell, about what the words say.
tells() {
    tells_language=$1
    shift
    "$adperm" notify --sendmail $W/sendmail --language "$tells_language" --subject Facture "$@" </etc/hostname >$W/err 2>&1
    code=$?
}
tells fr --owner ops@acme.example --topic billing
is "about an owner's bills: the owner, and who has to do with them" "$code $(recipients)" "0 bill@acme.example ops@acme.example "
is "by what they are" "$(header 6 text | grep Vous)" "Vous êtes à prévenir au sujet de ops@acme.example (facturation)."
is "with the list of the owner" "$(header 6 list-id)" "<adperm.acme.example>"
empty_sink
tells en --account shop --server $SERVER --topic technical
is "about an account: the owner, and its contact" "$code $(recipients)" "0 ops@acme.example site@acme.example "
is "by what it is" "$(header 8 text | grep 'You are')" "You are to be told about shop ($SERVER) (account.technical_contact)."
is "with the list of its server" "$(header 8 list-id)" "<adperm.$SERVER>"
empty_sink
tell Essai --dry-run </etc/hostname
ok "a dry run names them" matches "$out" "would be told alice@acme.example"
is "and sends nothing" "$(received)" 0

# --- what is no message

for noise in "a$(printf '\nBcc: eve@evil.example')" "$(printf '\033[2J')" "$(printf 'a\342\200\256b')"; do
    tell "$noise" </etc/hostname
    is "t96_a_subject_of_noise is refused" "$code" 2
done
tell "$(printf '\033[2J')" --dry-run </etc/hostname
ok "t96_nor does a dry run show it" not matches "$out" "$(printf '\033')"
printf 'text\033]0;x\007\n' >$W/noise
tell Noise <$W/noise
is "t96_so is a text" "$code" 2
tell Nothing </dev/null
ok "and none at all" matches "$err" "no text on standard input"
# shellcheck disable=SC2016
tell '$(touch /run/world/pwned); `id` | sh' </etc/hostname
ok "t100_a_subject_meets_no_shell" [ ! -e $W/pwned ]
is "and arrives as it is" "$(header 10 subject)$(header 9 subject)" '$(touch /run/world/pwned); `id` | sh$(touch /run/world/pwned); `id` | sh'
empty_sink

cp /etc/adperm/templates/en/notify.txt $W/good
for template in 'Subject: {subject}

{txet}' 'Subject: a

{text' 'Subject: a

}' 'Subject: a
{text}' 'To: eve@evil.example'; do
    echo "$template" >/etc/adperm/templates/en/notify.txt
    tell Template </etc/hostname
    is "a template that is wrong sends nothing" "$code $(received)" "2 0"
    ok "and says where" matches "$err" "/etc/adperm/templates/en/notify.txt:"
done
echo 'Subject: a

{txet}' >/etc/adperm/templates/en/notify.txt
tell Template </etc/hostname
ok "which names there are" matches "$err" "notify.txt:3:1: error: nothing is called {txet}; here there are {subject} {text} {why} {place}"
cat $W/good >/etc/adperm/templates/en/notify.txt
chmod 666 /etc/adperm/templates/en/notify.txt
tell Template </etc/hostname
is "a template that others may write is not used" "$code $(received)" "2 0"
chmod 644 /etc/adperm/templates/en/notify.txt

# --- when the mail system is down

sink_down
tell Down </etc/hostname
is "a mail system that is down is told of" "$code" 1
ok "clearly" matches "$err" "the mail system does not take the mail for ops@acme.example now"
is "and nothing is lost" "$(waiting)" 2
is "in a directory that is root's alone" "$(stat -c '%U %a' $spool)" "root 700"
is "pending tells what still waits" "$("$adperm" notify --pending --sendmail $W/sendmail 2>/dev/null)" \
    "waiting  ops@acme.example: Down
waiting  alice@acme.example: Down"
sink_up
touch $sink/full
"$adperm" notify --pending --sendmail $W/sendmail >/dev/null 2>&1
is "a full mailbox is for now, too" "$? $(waiting)" "1 2"
rm $sink/full
"$adperm" notify --pending --sendmail $W/sendmail >$W/pending 2>&1
is "then it goes out" "$? $(waiting) $(recipients)" "0 0 alice@acme.example ops@acme.example "
empty_sink
tell None --sendmail $W/none </etc/hostname
is "an option is given once" "$code" 2
out=$("$adperm" notify --sendmail $W/none --server $SERVER --topic technical --subject x 2>&1 </etc/hostname)
ok "no mail system at all is told of" matches "$out" "no mail can leave this machine: $W/none: No such file or directory"
old=$(find $spool -name '*.mail' | sort | head -1)
mv "$old" "$spool/0$(date -d '-6 days' +%s).000000000-1.mail"
out=$("$adperm" notify --pending --sendmail $W/none 2>&1)
ok "after five days it is given up" matches "$out" 'the mail for ops@acme.example, "x", has waited for five days'
is "that one alone" "$(waiting)" 1
rm -f $spool/*
cat >$W/refusing <<END
#!/bin/sh
echo 'no such mailbox here' >&2
exit 67
END
chmod 755 $W/refusing
out=$("$adperm" notify --sendmail $W/refusing --server $SERVER --topic technical --subject x 2>&1 </etc/hostname)
is "what is refused for good" "$? $(waiting)" "2 0"
ok "is told of, in the words of the mail system" matches "$out" "there is no such mailbox: no such mailbox here"
chmod 755 $spool
tell Open </etc/hostname
is "a spool that others may read is not used" "$code $(received)" "2 0"
chmod 700 $spool

# --- adperm.conf

conf_says() {
    printf '%s\n' "$2" >/etc/adperm/adperm.conf
    tell Conf </etc/hostname
    is "adperm.conf: $1" "$code" 2
    ok "and says where" matches "$err" "/etc/adperm/adperm.conf:2: error: "
}
for line in "mial from=a@b.example" "mail" "mail from=x" "mail from=a@b.example,c@d.example" "mail form=a@b.example" \
    "mail language=../en" "alerts expiring,locked" "alerts" "alerts break_glass"; do
    conf_says "\"$line\" is wrong" "# a comment
$line"
done
printf 'client nobody service=x operations=verify\nmail from=robot@acme.example language=fr # so\n' >/etc/adperm/adperm.conf
empty_sink
tell Conf </etc/hostname
is "adperm.conf: one that is right" "$code" 0
ok "says who writes" grep -qx "From: robot@acme.example" $sink/*.eml
rm /etc/adperm/adperm.conf

# --- alerts

cat >$W/auth.log <<END
Nov 22 05:12:33 web1 sshd[411]: Accepted publickey for $BREAKGLASS from 192.0.2.10 port 50000 ssh2: ED25519 SHA256:abc
Nov 22 05:12:34 web1 sshd[412]: Accepted publickey for alice from 192.0.2.10 port 50000 ssh2: for $BREAKGLASS from
Nov 22 05:12:36 web1 sshd[414]: Failed password for invalid user Accepted publickey for $BREAKGLASS from 192.0.2.10 port 1
Nov 22 05:12:37 web1 evil: sshd[411]: Accepted publickey for $BREAKGLASS from 192.0.2.10 port 50000
END
empty_sink
world_adpermd
alerts --run
is "a break-glass login is told of" "$code $(received)" "0 2"
text=$(cat $sink/*.eml | tr -d '\n=')
ok "from where" matches "$text" "Accepted publickey for $BREAKGLASS from 192.0.2.10"
is "and no line that only looks like one" "$(cat $sink/*.eml | grep -c 'Nov 22')" 2
alerts --run
is "once" "$code $(received)" "0 2"
mv $W/auth.log $W/kept.log && mkdir $W/auth.log
alerts --run
is "a log that cannot be read is an error" "$code $(received)" "2 2"
rmdir $W/auth.log && mv $W/kept.log $W/auth.log
alerts --run
is "and what it said before is not told anew" "$code $(received)" "0 2"
empty_sink
write_policy ", expires: $(date -u -d '+3 days' +%F)"
alerts
ok "what would be told is shown first" matches "$out" "ops@acme.example grants to other@acme.example; until"
is "and not sent" "$(received)" 0
alerts --run
is "a grant that ends, and what changed, are told" "$code $(recipients)" "0 alice@acme.example alice@acme.example ops@acme.example ops@acme.example "
ok "the former reads well" mail_reads alert-expiring.en "$(oldest 1)"
alerts --run --language fr
is "once, in whatever language" "$code $(received)" "0 4"
empty_sink
rm -rf /var/lib/adperm/alerts
alerts --run --language fr
ok "it reads well in French, too" mail_reads alert-expiring.fr "$(oldest 1)"
ok "to contacts as to the owner" mail_reads alert-expiring-contact.fr "$(oldest 2)"
ok "so does the break-glass login" mail_reads alert-break-glass.fr "$(oldest 3)"
empty_sink

world_user alice
world_sshd 2122 shipped
world_enrol alice@acme.example
guesses() {
    try alice key=alice port=2122 code="000000 000000 000000" run=true
    "$adperm" totp list --json | grep -q '"retry_after":[1-9]'
}
world_wait "a lock" guesses
alerts --run
is "somebody who is locked out is told of" "$code $(received)" "0 2"
ok "who it is" grep -q "alice@acme.example: too many wrong codes" $sink/*.eml
alerts --json --language fr
ok "in French, too" matches "$out" '"text":"alice@acme.example: trop de codes erron\u00e9s ; le prochain est accept\u00e9 dans '
alerts --run
is "once" "$code $(received)" "0 2"
empty_sink

printf 'alerts none\n' >/etc/adperm/adperm.conf
write_policy
alerts --run
is "switched off, nothing is told" "$code $(received)" "0 0"
rm /etc/adperm/adperm.conf
sink_down
alerts --run
is "a mail system that is down loses no alert" "$code $(waiting)" "1 2"
alerts --run
is "nor tells it twice" "$code $(waiting)" "0 2"

# --- killed

# Whatever call kills it: when it has run again, everybody has been told, and of whole messages.
sink_up
"$adperm" notify --pending --sendmail $W/sendmail >/dev/null 2>&1
empty_sink
turn=1 code=137 lost=0 cut=0 turns=0
while [ $code -eq 137 ]; do
    rm -rf /var/lib/adperm/alerts
    "$BUILD/tests/integration/killat" $turn "$adperm" alert --run --sendmail $W/sendmail --log $W/auth.log >/dev/null 2>&1
    code=$?
    "$adperm" notify --pending --sendmail $W/sendmail >/dev/null 2>&1
    "$adperm" alert --run --sendmail $W/sendmail --log $W/auth.log >/dev/null 2>&1
    [ "$(cat $sink/*.eml | sed -n 's/^RCPT //p' | sort -u | wc -l)" -eq 2 ] || lost=$((lost + 1))
    [ "$(received)" -eq "$(grep -l '^You are to be told about' $sink/*.eml | wc -l)" ] || cut=$((cut + 1))
    empty_sink
    turn=$((turn + step)) turns=$((turns + 1))
done
is "killed at any of $turns calls: nobody is left untold" $lost 0
is "and no message is cut" $cut 0
ok "and so many calls there were" [ $turns -gt 10 ]

echo noise >/var/lib/adperm/alerts/told
alerts --run
ok "what was told and cannot be read is an error" matches "$err" "/var/lib/adperm/alerts/told: Bad message"

tap_done
