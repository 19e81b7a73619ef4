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

world_user plain coded none outsider local adperm-bg shop
# An FTP user is the account under another name, and with a password of its own.
for name in plain coded none; do
    grep '^shop:' /etc/passwd | sed "s/^shop:/shop_$name:/" >>/etc/passwd
    echo "shop_$name:*:19000:0:99999:7:::" >>/etc/shadow
done
world_password root plain coded none outsider local adperm-bg shop shop_plain shop_coded shop_none
echo local >>/etc/adperm/local-users
cat >$W/policy.yaml <<END
---
adperm: 1
profiles:
  plain@acme.example: {login: plain}
  coded@acme.example: {login: coded}
  none@acme.example: {login: none}
owners:
  ops@acme.example:
    servers: {$SERVER: {accounts: [shop]}}
    grants:
      - {to: plain@acme.example, servers: {$SERVER: [ssh_users]}, accounts: {shop: [ftp]}}
      - {to: coded@acme.example, servers: {$SERVER: [ssh_users]}, accounts: {shop: [ftp]}, require_2fa: true}
      - {to: none@acme.example, accounts: {shop: [sites]}}
...
END
world_compile $W/policy.yaml || world_die "the policy does not compile"
chmod 755 $W
world_adpermd
world_enrol coded@acme.example
ours() {
    cp "$W/src/conf/pam.d/$1" "/etc/pam.d/$1"
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
becomes none shop 000000
ok "su: nothing is held there" eval "refused && logged_reason shop no_grant"
is "su: which looks the same" "$(tail -n 1 $W/out)" "$(tail -n 1 $W/wrong)"
is "su: as docs/doors.md has it" "$(tail -n 1 $W/out | tr -d '\r')" "$(door_says 'su')"
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
for name in coded none shop; do
    fails $name $PASSWORD 000000 &
    waiting="${waiting-} $!"
done
fails outsider wrong
# shellcheck disable=SC2086
wait $waiting
ok "login: a wrong code" barred coded bad_code
ok "login: no grant" barred none no_grant
ok "login: an account is nobody here" barred shop unknown_person
ok "login: strangers are asked for no code" not grep -q Verification $W/out.outsider
ok "login: nor let in" not logged_in outsider

# --- vsftpd

ours vsftpd
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
    shop_none=$PASSWORD plain=$PASSWORD shop=$PASSWORD root=$PASSWORD outsider=$PASSWORD
ok "ftp: the answer is the same to all of these" shut_out
is "ftp: a code once, a wrong one, none" \
    "$(world_lines 'user="shop_coded"' | sed -n 's/.*phase=auth.* reason=\([a-z_]*\).*/\1/p' | sort | xargs)" \
    "bad_code bad_code replay"
ok "ftp: no grant" logged_reason shop_none no_grant
for name in plain shop root outsider; do
    ok "ftp: not as $name" logged_reason $name unmanaged
done

# One process a connection, and its parent is as it was: descriptors, signals, children.
left() {
    find /proc/$FTPD/fd -type l | wc -l
    grep -E '^Sig(Blk|Ign|Cgt)' /proc/$FTPD/status
    cat /proc/$FTPD/task/$FTPD/children
}
sleep 0.5
left >$W/left.before
ftp shop_plain=$PASSWORD shop_plain=$PASSWORD shop_none=$PASSWORD shop_coded=$PASSWORD
sleep 1
left >$W/left.after
is "ftp: the server is as it was" "$(cat $W/left.after)" "$(cat $W/left.before)"
ok "no password is in the log" not grep -q -e "$PASSWORD" $W/log
tap_done
