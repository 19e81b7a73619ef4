#!/bin/sh
# Everything that people do over SSH follows the rule of the shell: each use by a person who needs no
# code, one who gives the right one, a wrong one, and one who may not log in; then robots, which can be
# asked nothing, on an account where somebody else needs a code; and connections that are shared.
# shellcheck disable=SC2046,SC2086,SC2317,SC2329 # names have no blanks; uses are called by name

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"

uses='shell sftp scp scp_old rsync git forward remote dynamic stdio'
people='plain right wrong none'
LATE=2222     # a key only, and a stack with late=session
GREETING=7777 # who connects there is told "hello"

# Names are the person and the use, so that no two cells share a code.
names=
for use in $uses; do
    for person in $people; do
        names="$names $person-$(echo $use | tr _ -)"
    done
done

write_policy() {
    printf -- '---\nadperm: 1\nprofiles:\n'
    for name in $names; do
        printf '  %s@acme.example: {login: %s, ssh_keys: ["%s"]}\n' $name $name "$(cut -d' ' -f1,2 $W/keys/$name.pub)"
    done
    for name in robot idle; do
        printf '  %s@acme.example: {kind: machine, ssh_keys: ["%s"]}\n' $name "$(cut -d' ' -f1,2 $W/keys/$name.pub)"
    done
    printf 'owners:\n  ops@acme.example:\n    servers: {%s: {accounts: [shop]}}\n    grants:\n' $SERVER
    for name in $names; do
        case $name in
        plain*) printf '      - {to: %s@acme.example, servers: {%s: [ssh_users]}}\n' $name $SERVER ;;
        none*) printf '      - {to: %s@acme.example, servers: {%s: [consumption]}}\n' $name $SERVER ;;
        *) printf '      - {to: %s@acme.example, servers: {%s: [ssh_users]}, require_2fa: true}\n' $name $SERVER ;;
        esac
    done
    cat <<END
      - {to: robot@acme.example, accounts: {shop: [ssh]}}
      - {to: idle@acme.example, accounts: {shop: [sites]}}
...
END
}

# --- the uses: each succeeds if it did what it is for, as $user with the options $with and a port of
# its own. Those that carry files are to leave what they carry in the home directory.

use_shell() {
    ssh $with $user@$SERVER 'echo done' | grep -q '^done'
}
carried() {
    cmp $W/cells/mark "/home/$user/mark.$1"
}
use_sftp() {
    echo "put mark mark.sftp" | sftp -q $with $user@$SERVER
    carried sftp
}
use_scp() {
    scp -q $with mark $user@$SERVER:mark.scp
    carried scp
}
use_scp_old() {
    scp -q -O $with mark $user@$SERVER:mark.old
    carried old
}
use_rsync() {
    rsync -e "ssh $with" mark $user@$SERVER:mark.rsync
    carried rsync
}
use_git() {
    GIT_SSH_COMMAND="ssh $with" git ls-remote $user@$SERVER:/tmp/repository | grep -q refs/heads/main
}
use_stdio() {
    ssh -W 127.0.0.1:$GREETING $with $user@$SERVER | grep -q hello
}
use_forward() {
    greeted -L $port:127.0.0.1:$GREETING
}
use_remote() {
    greeted -R $port:127.0.0.1:$GREETING
}
use_dynamic() {
    greeted -D $port
}
# ssh -N with a forwarding; whether "hello" comes through it, before ssh has ended.
greeted() {
    python3 $W/greeted.py "$1" $port $GREETING ssh -N -o ExitOnForwardFailure=yes "$@" $with $user@$SERVER
}
cat >$W/greeted.py <<'END'
import socket, subprocess, sys, time
kind, port, target = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
ssh = subprocess.Popen(sys.argv[4:])
said = b""
deadline = time.monotonic() + 20
while ssh.poll() is None and said != b"hello" and time.monotonic() < deadline:
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as s:
            if kind == "-D":  # RFC 1928
                s.sendall(b"\5\1\0")
                s.recv(2)
                s.sendall(b"\5\1\0\1\x7f\0\0\1" + target.to_bytes(2, "big"))
                s.recv(10)
            said = s.recv(5)
    except OSError:
        time.sleep(0.05)
ssh.kill()
sys.exit(said != b"hello")
END

# cell USE USER KEY PORT [CODE]: in the background. came USE USER: it did what it is for.
port=20000
batch=
cells=
cell() {
    port=$((port + 1))
    user=$2
    with="-F $W/ssh_config -i $W/keys/$3 -oPort=$4 $batch"
    : >"$W/cells/$2.$1.asked"
    (
        cd $W/cells || exit
        export ASKED="$W/cells/$2.$1.asked" CODE="${5-}" PASSWORD='' SSH_ASKPASS=$W/askpass SSH_ASKPASS_REQUIRE=force
        "use_$1" </dev/null >"$W/cells/$2.$1.out" 2>&1 && : >"$W/cells/$2.$1.came"
    ) &
    cells="$cells $!"
}
came() {
    [ -e "$W/cells/$2.$1.came" ] || {
        sed 's/^/# /' "$W/cells/$2.$1.out"
        return 1
    }
}
did_not() {
    [ ! -e "$W/cells/$2.$1.came" ]
}
met() {
    [ -z "$cells" ] || wait $cells
    cells=
}
asked_for_code() {
    grep -q 'code:' "$W/cells/$2.$1.asked"
}

# --- the world

world_user $names shop
world_key $names robot idle
write_policy >$W/policy.yaml
world_compile $W/policy.yaml || world_die "the policy does not compile"
world_adpermd
for name in $names; do
    case $name in
    right* | wrong*) world_enrol $name@acme.example ;;
    esac
done
world_sshd 22 shipped
SSHD=$W/sshd-late
ln -s /usr/sbin/sshd $SSHD
sed 's/^\(account\|session\).*pam_adperm.so.*/& late=session/' /etc/pam.d/sshd >/etc/pam.d/sshd-late
sed '/AuthenticationMethods/s/,keyboard-interactive:pam//' /etc/ssh/sshd_config.d/50-adperm.conf >$W/late.conf
world_sshd $LATE "Include $W/late.conf"
python3 - $GREETING <<'END' &
import socketserver, sys
class Greeting(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"hello")
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Greeting).serve_forever()
END
mkdir $W/cells
echo "some bytes" >$W/cells/mark
git init -q --bare -b main /tmp/repository
git -C /tmp/repository -c user.name=x -c user.email=x@acme.example commit-tree -m x \
    "$(git -C /tmp/repository hash-object -w -t tree /dev/null)" >$W/commit
git -C /tmp/repository update-ref refs/heads/main "$(cat $W/commit)"
git config --system safe.directory '*' 2>/dev/null || printf '[safe]\n\tdirectory = *\n' >/etc/gitconfig

# --- people

for use in $uses; do
    for person in $people; do
        name=$person-$(echo $use | tr _ -)
        code=000000
        [ $person != right ] || code=$(world_code $name@acme.example)
        cell $use $name $name 22 $code
    done
    [ $((port % 8)) -ne 0 ] || met
done
met
for use in $uses; do
    dash=$(echo $use | tr _ -)
    ok "$use: without the flag, nothing is asked" eval "came $use plain-$dash && not asked_for_code $use plain-$dash"
    ok "$use: with a right code" eval "came $use right-$dash && asked_for_code $use right-$dash"
    ok "$use: not with a wrong one" eval "did_not $use wrong-$dash && logged_reason wrong-$dash bad_code"
    ok "$use: not without a grant" eval "did_not $use none-$dash && world_lines 'user=\"none-$dash\"' | grep -q reason=no_grant"
done

# A connection that is shared (ControlMaster): whoever holds it is asked nothing more, unless sshd is
# told to take one session a connection.

shared() {
    ssh -oControlPath=$W/control.%p "$@"
}
master() {
    : >$W/cells/master.asked
    ASKED=$W/cells/master.asked CODE=$(world_code $user@acme.example "$1") PASSWORD='' \
        SSH_ASKPASS=$W/askpass SSH_ASKPASS_REQUIRE=force \
        shared -M -f $with -oPort="$2" $user@$SERVER 'sleep 20' >$W/cells/master.out 2>&1
}
SSHD=/usr/sbin/sshd
world_sshd 2322 shipped 'MaxSessions 1'
user=right-shell with="-F $W/ssh_config -i $W/keys/right-shell"
world_enrol_again() {
    "$BUILD/adperm" totp remove $user@acme.example >/dev/null
    world_enrol $user@acme.example
}
world_enrol_again
ok "ControlMaster: the first connection is asked" master 0 22
ok "ControlMaster: what shares it is not" \
    eval 'shared $with -oPort=22 -oBatchMode=yes $user@$SERVER "echo done" 2>&1 | grep -q ^done'
shared $with -oPort=22 -O exit $user@$SERVER 2>/dev/null
ok "ControlMaster: with MaxSessions 1 the first one is, too" master 1 2322
ok "ControlMaster: but then nothing shares it" \
    not eval 'shared $with -oPort=2322 -oBatchMode=yes $user@$SERVER "echo done" 2>&1 | grep -q ^done'
shared $with -oPort=2322 -O exit $user@$SERVER 2>/dev/null

# --- robots

batch=-oBatchMode=yes
for use in $uses; do
    cell $use shop robot $LATE
    met
    ok "$use: a robot, where people need codes" came $use shop
    rm -f $W/cells/shop.* /home/shop/mark.*
    cell $use shop idle $LATE
    met
    ok "$use: not a robot without a grant" did_not $use shop
    rm -f $W/cells/shop.*
done

# As Ansible does: many short runs, several at a time, each sends a file and runs it.
playbook() {
    for run in 1 2 3 4 5 6 7 8; do
        (
            with="-F $W/ssh_config -i $W/keys/robot -oPort=$LATE -oBatchMode=yes"
            echo "put $W/cells/mark module.$run" | sftp -q $with shop@$SERVER &&
                ssh $with shop@$SERVER "cat module.$run && rm module.$run" | grep -q 'some bytes' && : >$W/cells/run.$run
        ) >/dev/null 2>&1 &
        runs="${runs-} $!"
    done
    wait $runs
}
world_mark
playbook
is "many short runs of a robot" "$(find $W/cells -name 'run.*' | wc -l)" 8
is "each of them is the robot's in the log" \
    "$(world_lines 'phase=session' | grep -c 'dec=allow.*profile="robot@acme.example"')" 16
is "who says that it is one" \
    "$("$BUILD/adperm" who --account shop --permission ssh | grep robot@ | grep -c machine)" 1
tap_done
