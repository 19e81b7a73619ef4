#!/bin/sh
# What the documents say to type is typed, on a bare machine, in their order: every command of every
# block that is marked as one of commands succeeds, and afterwards logins are what the document says.
# shellcheck disable=SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/packages/pristine.sh
. "$top/tests/packages/pristine.sh"
pristine_enter "$0" "$@"

refused() {
    ! enters "$@"
}

# What a person at the terminal, systemd and a second terminal do: PATH has them first.
make_hands() {
    mkdir -p $W/hands
    cat >$W/hands/systemctl <<END
#!/bin/sh
[ "\$1 \$2" = "reload ssh" ] && kill -HUP \$(cat /run/sshd.pid)
END
    cat >$W/hands/adperm <<END
#!/bin/sh
case \$1 in
totp) [ "\$2" != enroll ] || exec /usr/sbin/adperm "\$@" --raw --no-confirm >$W/secrets/raw
      [ "\$2" != recovery ] || exec /usr/sbin/adperm "\$@" --raw ;;
log | status) set -- "\$@" --file $W/log ;; # there is neither a journal nor a syslogd
apply | wire)
    [ "\$2" = --dry-run ] || exec /usr/sbin/adperm "\$@" --yes ;;
confirm) exec ssh -F $W/ssh_config -o ConnectionAttempts=10 -i $W/keys/root root@$SERVER adperm confirm ;;
esac
/usr/sbin/adperm "\$@"
code=\$?
# These tell by it what they found, which is not to fail: no denials, a code is needed, a warning.
case \$1.\$code in
check.3 | explain.3 | log.1 | doctor.[12]) exit 0 ;;
esac
exit \$code
END
    # From where the packages lie.
    cat >$W/hands/apt <<END
#!/bin/sh
exec apt-get -y --no-install-recommends "\$@"
END
    chmod 755 $W/hands/*
}

# commands FILE: the blocks of commands, with what separates them kept.
commands() {
    awk '/^```/ { block = $0 == "```sh"; next } block' "/top/docs/$1"
}

# types FILE: types them, as somebody does who stops at what fails.
types() {
    commands "$1" >$W/typed
    (cd /root && PATH=$W/hands:$PATH sh -ex $W/typed) >$W/said 2>&1 </dev/null || {
        tail -n 20 $W/said | sed 's/^/#   /'
        return 1
    }
}

# Between two documents: nothing is wired, and whoever typed the last one has their users.
anew() {
    adperm unwire --all >$W/said 2>&1
    adperm totp remove alice@acme.example >$W/said 2>&1
    rm -f /var/lib/adperm/wiring/confirm
    sleep 1
}
enrolled() {
    sed -n 's/.*[?&]secret=\([A-Z2-7]*\).*/\1/p' $W/secrets/raw >$W/secrets/alice@acme.example
    [ -s $W/secrets/alice@acme.example ]
}

make_hands
world_key alice root stranger
world_user stranger
world_plant stranger stranger
world_plant root root
cp $W/keys/alice.pub /root/
cp $W/keys/root.pub /root/safe.pub
for world_part in adperm libpam-adperm adpermd adperm-menu; do
    cp /debs/${world_part}_*.deb /root/
done
pristine_sshd

# Where there is no systemd, somebody has to start the daemon when it is installed.
(while ! [ -s /etc/adperm/state.key ] || ! [ -d /run/adperm ]; do sleep 0.1; done
    exec /usr/sbin/adpermd --foreground >>$W/adpermd.out 2>&1) &

ok "first-login.md" types first-login.md
ok "the secret was shown" enrolled
ok "Alice gets in with a code" enters alice key=alice code="$(world_code alice@acme.example)"
ok "not with another" refused alice key=alice code=000000
ok "the break-glass user gets in" enters $BREAKGLASS key=root
ok "nobody else does" refused stranger key=stranger

ok "lockout.md" types lockout.md
sed -i 's/^    login: alice/    name: Alice Martin\n&/' /etc/adperm/policy.d/acme.yaml
ok "operating.md" types operating.md
ok "nothing is wired any more" not grep -rq '^[^#]*pam_adperm' /etc/pam.d/sshd
ok "who could log in before can" enters stranger key=stranger
is "the module is removed" "$(dpkg-query -W -f '${db:Status-Status}' libpam-adperm)" config-files
ok "and comes again" apt install /debs/libpam-adperm_*.deb

anew
su -s /bin/sh alice -c 'google-authenticator -t -d -f -q -w 3 -e 5 -r 3 -R 30' || world_die "google-authenticator"
sed -n 1p /home/alice/.google_authenticator >$W/secrets/alice@acme.example
sed -i '1i auth required pam_google_authenticator.so' /etc/pam.d/sshd
ok "from-google-authenticator.md" types from-google-authenticator.md
ok "the phone has the secret already" enters alice key=alice code="$(world_code alice@acme.example 1)"
ok "the file is gone" [ ! -e /home/alice/.google_authenticator ]

anew
echo 'HOTP/T30 operator - 00112233445566778899aabbccddeeff00112233' >/etc/users.oath
chmod 600 /etc/users.oath
printf %s 00112233445566778899aabbccddeeff00112233 | sed 's/../\\x&/g' | xargs -0 printf '%b' |
    base32 >$W/secrets/alice@acme.example
sed -i '1i auth required pam_oath.so usersfile=/etc/users.oath' /etc/pam.d/sshd
ok "from-pam_oath.md" types from-pam_oath.md
ok "the phone has the secret already" enters alice key=alice code="$(world_code alice@acme.example 1)"
ok "the file is gone" [ ! -e /etc/users.oath ]

anew
world_enrol alice@acme.example
sed -i '1i account required pam_access.so' /etc/pam.d/sshd
ok "from-pam_access.md" types from-pam_access.md
ok "Alice gets in with a code" enters alice key=alice code="$(world_code alice@acme.example)"
ok "nobody else does" refused stranger key=stranger
is "every document with commands is tried" "$(grep -l '^```sh' /top/docs/*.md | wc -l)" 6

tap_done
