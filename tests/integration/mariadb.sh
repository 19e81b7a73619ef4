#!/bin/sh
# Real MariaDB with users identified via pam, with the stack of conf/pam.d/mariadb and the real client,
# for both plugins (auth_pam asks as root, auth_pam_v1 within the server as mysql) and both ways in
# which clients answer (dialog, mysql_clear_password): who gets in with what, that all refusals look
# alike, and that the server is left as it was.
# shellcheck disable=SC2046,SC2086 # names of files, users and servers here have no blanks

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/integration/world.sh
. "$top/tests/integration/world.sh"
# shellcheck source=tests/integration/tap.sh
. "$top/tests/integration/tap.sh"
world_enter "$0" "$@"
# shellcheck source=tests/integration/databases_world.sh
. "$top/tests/integration/databases_world.sh"

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock
tool=/usr/lib/mysql/plugin/auth_pam_tool_dir
users='acme-shop_alice acme-shop_carol acme-shop_pool blog_carol
alice near empty outsider bob carol dave frank gina new'

make_server() {
    # The directory of the tool belongs to the user mysql of this machine.
    world_uid=$(($(stat -c %u $tool) - 1))
    world_user mysql
    mkdir -p $data /run/mysqld
    rm -rf /etc/mysql
    chown mysql: $data /run/mysqld
    mariadb-install-db --no-defaults --user=mysql --datadir=$data --skip-test-db \
        --auth-root-authentication-method=socket $small >$W/install.out 2>&1 ||
        world_die "$(cat $W/install.out)"
}
small='--innodb-log-file-size=4M --innodb-buffer-pool-size=8M --innodb-flush-log-at-trx-commit=0
--innodb-data-file-path=ibdata1:3M:autoextend --innodb-log-file-buffering'

start() {
    : >$W/mariadbd.out
    as mysql mariadbd --no-defaults --datadir=$data --socket=$socket --pid-file=/run/mysqld/pid \
        --bind-address=127.0.0.1 --log-warnings=2 $small "$@" >$W/mariadbd.out 2>&1 &
    job=$!
    world_wait mariadbd grep -qs 'ready for connections' $W/mariadbd.out
    MARIADB_PID=$(cat /run/mysqld/pid)
}

stop() {
    kill $MARIADB_PID
    wait $job
}

make_world() {
    [ -d $tool ] || world_die "MariaDB is missing: run ./bootstrap deps first"
    make_server
    databases_policy >$W/policy.yaml
    world_compile $W/policy.yaml || world_die "the policy does not compile"
    databases_client mysql
    world_adpermd
    for name in bob carol dave erin frank gina; do
        world_enrol $name@acme.example
    done
    "$BUILD/adperm" totp recovery --raw dave@acme.example >$W/secrets/recovery
    databases_passwords /etc/adperm/mariadb root:root 600 $users bare nowhere
    echo 'auth required pam_deny.so' >/etc/pam.d/mariadb
    cp /etc/pam.d/mariadb $W/mariadb.before
    ok "wire" database_wire --yes mariadb
    ok "wire: says what else it needs" grep -q "VIA pam USING 'mariadb'" $W/wire.out
    ok "wire: is what is shipped" cmp /etc/pam.d/mariadb $W/src/conf/pam.d/mariadb
}

# make_user SERVICE NAME...
make_users() {
    service=$1
    shift
    for name; do
        echo "CREATE USER '$name'@'%' IDENTIFIED VIA pam USING '$service';"
    done | mariadb --no-defaults -S $socket || world_die "cannot make the users"
}

# sql NAME PASSWORD [OPTION...]
sql() {
    name=$1 password=$2
    shift 2
    timeout 30 mariadb --no-defaults -N -h 127.0.0.1 -u "$name" -p"$password" "$@" \
        -e "select concat('IN ', substring_index(current_user(), '@', 1))" 2>&1 </dev/null
}

in_as() {
    said=$(sql "$@")
    [ "$said" = "IN $1" ] || {
        echo "#   $said"
        return 1
    }
}

# refused NAME...: as in_as, the other way round.
refused() {
    not sql "$@" >"$W/refused.$1.out"
}
some_refused() {
    grep -h . $W/refused.*.out | sed "s/'[^']*'@'[^']*'/'NAME'@'HOST'/" | sort | uniq -c | sed 's/^ *//'
}

explained() {
    "$BUILD/adperm" explain --login near --permission database_users --from 203.0.113.7 |
        grep -qx 'by MariaDB, which never says from where: deny'
}

make_world

# --- auth_pam, which asks as root in a process of its own; dialog

start --plugin-load-add=auth_pam
sed 's/pam_userdb.so .*/pam_unix.so use_first_pass/' $W/src/conf/pam.d/mariadb >/etc/pam.d/unix
sed '/pam_adperm/d; s/use_first_pass//' $W/src/conf/pam.d/mariadb >/etc/pam.d/bare
echo 'account required pam_permit.so' >>/etc/pam.d/bare
world_user erin
world_password erin
make_users mariadb $users
make_users unix erin
make_users bare bare
at_once plain in_as alice $PASSWORD
at_once pair in_as acme-shop_alice $PASSWORD
at_once code in_as bob $PASSWORD$(world_code bob@acme.example)
at_once coded_pair in_as acme-shop_carol $PASSWORD$(world_code carol@acme.example)
at_once recovery in_as dave "$PASSWORD $(head -n 1 $W/secrets/recovery)"
at_once unix in_as erin $PASSWORD$(world_code erin@acme.example)
met
ok "a login, whose grant wants no code" came plain
ok "account_login, by what database_users brings" came pair
ok "a login, with the code behind the password" came code
ok "account_login, with a code" came coded_pair
ok "a recovery code behind a blank" came recovery
ok "with pam_unix, which here can read the passwords" came unix

world_wait "the server to be at rest" at_rest $MARIADB_PID
process_facts $MARIADB_PID >$W/facts.before
begin=$(date +%s%N)
refused alice guessed
ok "a refusal takes a second or more" ago 1000 $begin
impatient /etc/pam.d/mariadb
world_mark
spent=$(world_code frank@acme.example)
at_once alice refused alice guessed
at_once bob refused bob $PASSWORD
at_once acme-shop_carol refused acme-shop_carol ${PASSWORD}000000
at_once gina refused gina ${PASSWORD}999999
at_once new refused new ${PASSWORD}123456
at_once frank refused frank guessed$spent
at_once empty refused empty $PASSWORD
at_once blog_carol refused blog_carol $PASSWORD
at_once outsider refused outsider $PASSWORD
at_once near refused near $PASSWORD
met
for row in 'bob bad_code' 'acme-shop_carol bad_code' 'gina bad_code' 'new not_enrolled' 'empty no_grant' \
    'blog_carol no_grant' 'outsider unmanaged' 'near address'; do
    ok "refused: $row" logged_reason $row
done
for cell in alice bob acme-shop_carol gina new frank empty blog_carol outsider near; do
    ok "let in: not $cell" came $cell
done
chmod 666 /var/lib/adperm/policy.cdb
ok "by a policy that cannot be read nobody gets in" refused acme-shop_alice $PASSWORD
chmod 640 /var/lib/adperm/policy.cdb
ok "for that reason" logged_reason acme-shop_alice policy_unsafe_path
is "all refusals look alike" "$(some_refused)" \
    "11 $(door_says 'MariaDB')"
is "who does not know the password is not even looked at" "$(world_lines 'user="frank"')" ""
ok "a right code behind a wrong password was not spent" in_as frank $PASSWORD$spent
ok "a user whom MariaDB does not have" refused nobody_here $PASSWORD
is "of whom nobody is asked" "$(world_lines 'user="nobody_here"')" ""
is "and who is refused like the others" "$(some_refused | wc -l)" 1
ok "no password is in a log" not grep -e "$PASSWORD" -e guessed $W/log $W/mariadbd.out
ok "explain says so of addresses" explained
ok "root on the machine is asked nothing" mariadb --no-defaults -S $socket -e 'do 1'
for turn in 1 2 3 4 5; do
    at_once pool.$turn in_as acme-shop_pool $PASSWORD
done
at_once spent refused frank $PASSWORD$spent
met
ok "a machine's role connects as often as it likes" came pool.5
ok "a person who needs a code does not" came spent
ok "because the code is spent" logged_reason frank replay
world_wait "the server to be at rest" at_rest $MARIADB_PID
ok "there is something to compare" grep -q '^mariadbd' $W/facts.before
ok "the server is as before these logins" left_as $W/facts.before $MARIADB_PID
stop

# --- likewise, with clients that cannot do dialog

start --plugin-load-add=auth_pam --pam-use-cleartext-plugin=ON
at_once plain in_as alice $PASSWORD
at_once code in_as bob $PASSWORD$(world_code bob@acme.example 1)
at_once guess refused gina ${PASSWORD}888888
met
ok "in clear text: whose grant wants no code" came plain
ok "in clear text: with a code" came code
ok "in clear text: not with a wrong one" came guess
stop

# --- auth_pam_v1, within the server

chown root:mysql /etc/adperm/mariadb.db
chmod 640 /etc/adperm/mariadb.db
for clear in ON OFF; do
    start --plugin-load-add=auth_pam_v1 --pam-use-cleartext-plugin=$clear
    way="auth_pam_v1, clear text $clear"
    in_as bare $PASSWORD
    world_wait "the server to be at rest" at_rest $MARIADB_PID
    process_facts $MARIADB_PID >$W/facts.before
    case $clear in
    ON) person=acme-shop_carol code=$PASSWORD$(world_code carol@acme.example 1) ;;
    OFF) person=frank code=$PASSWORD$(world_code frank@acme.example 1) ;;
    esac
    world_mark
    for turn in 1 2 3 4 5 6 7 8; do
        at_once crowd.$clear.$turn in_as alice $PASSWORD
    done
    at_once code.$clear in_as $person $code
    at_once guess.$clear refused gina ${PASSWORD}77777$(echo $clear | tr -dc OF | wc -c)
    at_once alice.$clear refused acme-shop_alice guessed
    at_once empty.$clear refused empty $PASSWORD
    met
    for turn in 1 2 3 4 5 6 7 8; do
        ok "$way: of many at once, $turn" came crowd.$clear.$turn
    done
    ok "$way: with a code" came code.$clear
    for cell in guess alice empty; do
        ok "$way: let in: not $cell" came $cell.$clear
    done
    ok "$way: for that reason" logged_reason empty no_grant
    world_wait "the server to be at rest" at_rest $MARIADB_PID
    ok "$way: the server is as after a login without us" left_as $W/facts.before $MARIADB_PID
    stop
done
is "and all of these refusals look alike" "$(some_refused | wc -l)" 1

# --- what the user mysql can do

is "t72: of ours, it can read the policy and the passwords" \
    "$(as mysql find /etc/adperm /var/lib/adperm /run/adperm -type f -readable ! -perm -o+r 2>/dev/null | sort)" \
    "/etc/adperm/mariadb.db
/var/lib/adperm/policy.cdb"
is "t72: and write to adpermd's socket" \
    "$(as mysql find /etc/adperm /var/lib/adperm /run/adperm /etc/pam.d -writable ! -type l 2>/dev/null)" \
    /run/adperm/auth.sock

ok "unwire, also what was changed since" unwire --force mariadb
ok "unwire: what was there before is there again" cmp /etc/pam.d/mariadb $W/mariadb.before

tap_done
