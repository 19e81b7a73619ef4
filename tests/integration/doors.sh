#!/bin/sh
# Doors that are not sshd's: the real su, login and vsftpd, each with its stack as it is shipped. Who
# gets in, how they are asked, and that every refusal looks alike.
# shellcheck disable=SC2154,SC2317,SC2329 # out and code are set by typed

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"
# shellcheck source=tests/integration/menu_world.sh
. "$top/tests/integration/menu_world.sh"

world_user plain coded none late away new outsider local adperm-bg shop
# An FTP user is the account under another name, and with a password of its own.
for name in plain coded none late away new; do
    grep '^shop:' /etc/passwd | sed "s/^shop:/shop_$name:/" >>/etc/passwd
    echo "shop_$name:*:19000:0:99999:7:::" >>/etc/shadow
done
world_password root plain coded none late away new outsider local adperm-bg shop shop_plain shop_coded shop_none \
    shop_late shop_away shop_new
echo local >>/etc/adperm/local-users
cat >$W/policy.yaml <<END
---
adperm: 1
profiles:
  plain@acme.example: {login: plain}
  coded@acme.example: {login: coded}
  none@acme.example: {login: none}
  late@acme.example: {login: late}
  away@acme.example: {login: away, suspended: true}
  new@acme.example: {login: new}
owners:
  ops@acme.example:
    servers: {$SERVER: {accounts: [shop]}}
    grants:
      - {to: plain@acme.example, servers: {$SERVER: [ssh_users]}, accounts: {shop: [ftp]}}
      - {to: coded@acme.example, servers: {$SERVER: [ssh_users]}, accounts: {shop: [ftp]}, require_2fa: true}
      - {to: none@acme.example, accounts: {shop: [sites]}}
      - {to: late@acme.example, servers: {$SERVER: [ssh_users]}, accounts: {shop: [ftp]}, expires: 2020-01-01}
      - to: [away@acme.example, new@acme.example]
        servers: {$SERVER: [ssh_users]}
        accounts: {shop: [ftp]}
        require_2fa: true
...
END
world_compile $W/policy.yaml || world_die "the policy does not compile"
chmod 755 $W
world_adpermd
world_enrol coded@acme.example
ours() {
    cp "$W/src/conf/pam.d/$1" "/etc/pam.d/$1"
}
# Who may not come in for other reasons than a wrong code, and why not.
reasons='none no_grant
late expired
away suspended
new not_enrolled'
# unreadable COMMAND...: while nobody can believe the policy.
unreadable() {
    chmod 666 /var/lib/adperm/policy.cdb
    "$@"
    chmod 640 /var/lib/adperm/policy.cdb
}

# Nobody guesses here, so nobody need wait.
sed -i '/FAIL_DELAY/d' /etc/login.defs
echo 'FAIL_DELAY 0' >>/etc/login.defs

# --- su

ours su
printf 'auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n@include common-session\n' >>/etc/pam.d/su

# becomes USER TARGET [TYPED...]: through su, on a terminal; what is typed is what is asked for.
becomes() {
    becomes_user=$1 becomes_target=$2
    shift 2
    # shellcheck disable=SC2016
    for typing; do
        printf 'expect : \npause\nsend %s\\r\n' "$typing"
    done | {
        typed "$becomes_user" su "$becomes_target" -c 'echo "BECAME $(id -un) $ADPERM_PROFILE"'
        echo "$out" >$W/out
        return "$code"
    }
}
became() {
    grep -q "^BECAME $1" $W/out
}
refused() {
    not became '' && not grep -q 'Password:' $W/out
}

becomes plain shop
ok "su: an account, without a password" became 'shop plain@acme.example'
becomes coded shop "$(world_code coded@acme.example)"
ok "su: with a code" became 'shop coded@acme.example'
ok "su: which was asked for" grep -q 'Verification code:' $W/out
becomes coded shop 000000
ok "su: a wrong code" eval "refused && logged_reason shop bad_code"
cp $W/out $W/wrong
is "su: looks as README has it" "$(tail -n 1 $W/out | tr -d '\r')" "$(door_says 'su')"
while read -r name reason; do
    becomes $name shop 000000
    ok "su: $reason" eval "refused && logged_reason shop $reason"
    ok "su: looks the same" cmp $W/out $W/wrong
done <<END
$reasons
outsider unmanaged
END
# What is no decision but a failure, PAM has another word for, and su repeats it.
sed 's/^su: .*\(.\)$/su: System error\1/' $W/wrong >$W/broken
for name in plain none outsider; do
    unreadable becomes $name shop 000000
    ok "su: a policy that cannot be read" eval "refused && logged_reason shop policy_unsafe_path"
    ok "su: looks the same to everybody ($name)" cmp $W/out $W/broken
done
kill -STOP $ADPERMD_PID
becomes coded shop 000000
kill -CONT $ADPERMD_PID
ok "su: no adpermd" eval "refused && logged_reason shop daemon_unreachable"
ok "su: looks like that" cmp $W/out $W/broken
becomes plain coded 000000
ok "t52 su, which is set-id: another person" eval "refused && logged_reason coded no_grant"
becomes plain root $PASSWORD
ok "su: root, with root's password" eval "refused && logged_reason root no_grant"
becomes outsider shop $PASSWORD
ok "su: somebody whom the policy does not know" eval "refused && logged_reason shop unmanaged"
becomes plain plain
ok "su: oneself" became 'plain plain@acme.example'
becomes local shop $PASSWORD
ok "su: a local user goes on to the password" became shop
ok "su: and was asked for it" grep -q 'Password:' $W/out
becomes adperm-bg root $PASSWORD
ok "su: so does the break-glass user" became root
is "su: root may" "$(su shop -c 'id -un')" shop
module=$(ls /lib/*/security/pam_adperm.so /lib64/security/pam_adperm.so 2>/dev/null | head -n 1)
mv "$module" "$module.away"
becomes plain shop $PASSWORD
ok "su: without the module nobody" not became shop
becomes adperm-bg root $PASSWORD
ok "su: but the break-glass user" became root
mv "$module.away" "$module"

# --- login

ours login

# at_login USER TYPED...: as on a console; then what standard input says.
at_login() {
    at_login_user=$1
    shift
    {
        for typing; do
            printf 'expect : \npause\nsend %s\\r\n' "$typing"
        done
        cat
    } >"$W/typing.$at_login_user"
    timeout 30 "$BUILD/tests/integration/onterminal" login "$at_login_user" \
        <"$W/typing.$at_login_user" >"$W/out.$at_login_user" 2>&1
}
logs_in() {
    # shellcheck disable=SC2016
    printf 'expect $ \nsend echo "IN $(id -un) $ADPERM_PROFILE"; exit\\r\nexpect IN\nexpect IN\npause\n' |
        at_login "$@"
}
fails() {
    printf 'expect %s\nhangup\n' "$(door_says 'login')" | at_login "$@"
}
# logged_in USER [PROFILE]
logged_in() {
    grep -q "^IN $1 ${2-}" "$W/out.$1"
}
barred() {
    not logged_in "$1" && logged_reason "$1" "$2"
}

logs_in plain $PASSWORD
ok "login: a password" logged_in plain plain@acme.example
"$BUILD/adperm" totp remove coded@acme.example >/dev/null
world_enrol coded@acme.example
logs_in coded $PASSWORD "$(world_code coded@acme.example)"
ok "login: a password, then a code" logged_in coded coded@acme.example
logs_in local $PASSWORD
ok "login: a local user" logged_in local
world_mark
for name in coded none late away new shop; do
    fails $name $PASSWORD 000000 &
    waiting="${waiting-} $!"
done
fails outsider wrong
# shellcheck disable=SC2086
wait $waiting
ok "login: a wrong code" barred coded bad_code
while read -r name reason; do
    ok "login: $reason" barred $name $reason
done <<END
$reasons
END
unreadable fails plain $PASSWORD 000000
ok "login: a policy that cannot be read" barred plain policy_unsafe_path
for name in coded none late away new shop plain; do
    sed "s/$name/USER/g; s/^[^ ]* login: \$//" $W/out.$name | md5sum
done | sort | uniq -c >$W/alike
is "login: all of them look alike" "$(awk '{ print $1 }' $W/alike)" 7
ok "login: an account is nobody here" barred shop unknown_person
ok "login: strangers are asked for no code" not grep -q Verification $W/out.outsider
ok "login: nor let in" not logged_in outsider

# --- vsftpd

# As Debian's package has it, and wired by the tool.
cat >/etc/pam.d/vsftpd <<END
# Standard behaviour for ftpd(8).
auth	required	pam_listfile.so item=user sense=deny file=/etc/ftpusers onerr=succeed

# Standard pam includes
@include common-account
@include common-session
@include common-auth
auth	required	pam_shells.so
END
cp /etc/pam.d/vsftpd $W/vsftpd.before
mkdir -p /var/lib/share
cp -r $W/src/conf/pam.d /var/lib/share/
chown -R 0:0 /var/lib/share
chmod -R go-w /var/lib/share
ok "ftp: users to leave are refused" not "$BUILD/adperm" wire --share /var/lib/share --yes --leave local ftp
ok "ftp: wire" eval '"$BUILD/adperm" wire --share /var/lib/share --yes ftp >$W/wire.out 2>&1'
ok "ftp: shows the lines" grep -q '^+auth .*pam_adperm.so split permission=account.ftp' $W/wire.out
ok "ftp: says what else it needs" grep -q 'session_support=YES' $W/wire.out
ok "ftp: and who gets in no more" grep -q 'Only names like ACCOUNT_LOGIN get in' $W/wire.out
is "ftp: what was there is kept, with its date" "$(cat /var/lib/adperm/wiring/vsftpd.2*Z)" "$(cat $W/vsftpd.before)"
ok "ftp: the doctor sees it" eval '"$BUILD/adperm" doctor >$W/doctor; grep -q "^ok .*vsftpd: nobody gets past adperm" $W/doctor'
mkdir -p /run/vsftpd/empty
cat >/etc/vsftpd.conf <<END
listen=YES
listen_address=127.0.0.1
listen_port=2121
local_enable=YES
anonymous_enable=NO
session_support=YES
pam_service_name=vsftpd
secure_chroot_dir=/run/vsftpd/empty
background=NO
seccomp_sandbox=NO
delay_failed_login=0
nopriv_user=nobody
END
vsftpd /etc/vsftpd.conf >$W/vsftpd.out 2>&1 &
FTPD=$!

# ftp USER=PASSWORD...: logins, all at once; what the server says to each.
cat >$W/ftp.py <<'END'
import concurrent.futures, ftplib, sys

def login(word):
    ftp = ftplib.FTP()
    ftp.connect("127.0.0.1", 2121, timeout=20)
    try:
        return ftp.login(*word.split("=", 1)) + ftp.pwd()
    except ftplib.Error as e:
        return str(e)
    finally:
        ftp.close()

with concurrent.futures.ThreadPoolExecutor(16) as pool:
    print(*pool.map(login, sys.argv[1:]), sep="\n")
END
ftp() {
    world_mark
    python3 $W/ftp.py "$@" >$W/out 2>&1
}
let_in() {
    grep -q '^230 ' $W/out || { sed 's/^/#   /' $W/out $W/vsftpd.out; return 1; }
}
shut_out() {
    [ "$(sort -u $W/out)" = "$(door_says 'FTP')" ] || { sed 's/^/#   /' $W/out; return 1; }
}
world_wait vsftpd python3 -c 'import socket; socket.create_connection(("127.0.0.1", 2121))' 2>/dev/null

ftp shop_plain=$PASSWORD
ok "ftp: a password" let_in
"$BUILD/adperm" totp remove coded@acme.example >/dev/null
world_enrol coded@acme.example
code=$(world_code coded@acme.example)
ftp "shop_coded=wrong$code"
ok "ftp: a right code behind a wrong password" shut_out
is "ftp: which is not even looked at" "$(world_lines phase=auth)" ''
ftp "shop_coded=$PASSWORD$code"
ok "ftp: a code behind the password" let_in
ftp "shop_coded=$PASSWORD$code" shop_coded=$PASSWORD shop_coded=${PASSWORD}000000 \
    shop_none=$PASSWORD shop_late=$PASSWORD shop_away=$PASSWORD shop_new=${PASSWORD}000000 plain=$PASSWORD shop=$PASSWORD root=$PASSWORD outsider=$PASSWORD
ok "ftp: the answer is the same to all of these" shut_out
is "ftp: a code once, a wrong one, none" \
    "$(world_lines 'user="shop_coded"' | sed -n 's/.*phase=auth.* reason=\([a-z_]*\).*/\1/p' | sort | xargs)" \
    "bad_code bad_code replay"
while read -r name reason; do
    ok "ftp: $reason" logged_reason shop_$name $reason
done <<END
$reasons
END
for name in plain shop root outsider; do
    ok "ftp: not as $name" logged_reason $name unmanaged
done

unreadable ftp shop_plain=$PASSWORD
ok "ftp: nor anybody by a policy that cannot be read" shut_out

# One process a connection, and its parent is as it was: descriptors, signals, children.
left() {
    find /proc/$FTPD/fd -type l | wc -l
    grep -E '^Sig(Blk|Ign|Cgt)' /proc/$FTPD/status
    cat /proc/$FTPD/task/$FTPD/children
}
childless() {
    [ -z "$(cat /proc/$FTPD/task/$FTPD/children)" ]
}
world_wait "the end of the last login" childless
left >$W/left.before
ftp shop_plain=$PASSWORD shop_plain=$PASSWORD shop_none=$PASSWORD shop_coded=$PASSWORD
world_wait "the end of these logins" childless
left >$W/left.after
is "ftp: the server is as it was" "$(cat $W/left.after)" "$(cat $W/left.before)"
echo shop_plain >/etc/ftpusers
ftp shop_plain=$PASSWORD
ok "ftp: what the distribution's own lines refuse they refuse still" shut_out
"$BUILD/adperm" unwire ftp >$W/wire.out 2>&1
ok "ftp: unwired, to the byte" cmp /etc/pam.d/vsftpd $W/vsftpd.before
ftp shop_none=$PASSWORD
ok "ftp: and the policy is not asked" let_in
ok "no password is in the log" not grep -q -e "$PASSWORD" $W/log
tap_done
