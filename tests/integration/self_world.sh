# shellcheck shell=sh disable=SC2034,SC2086 # for the scripts that read this; paths without blanks
# People at the account adperm in the world of world.sh: invitations, and the dialogue on a terminal. To
# be read after world.sh and before world_enter.

self_world() {
    cp -r $W/src/conf/templates /etc/adperm/
    printf '#!/bin/sh\ncat >%s\n' $W/mail >$W/sendmail
    chmod 755 $W/sendmail
    mkdir -p -m 700 /run/adperm/sessions
    "$BUILD/tests/integration/oneach" /run/adperm/people.sock "$BUILD/adperm-people" 2>$W/people.err &
    ONEACH_PID=$!
    world_wait "adperm-people" test -S /run/adperm/people.sock
}

# invite EMAIL: leaves invite_email, invite_code, which the mail has, and invite_pin, which it has not.
invite() {
    invite_email=$1
    "$BUILD/adperm" invite "$1" --json --sendmail $W/sendmail --adperm-people "$BUILD/adperm-people" >$W/invited 2>&1 ||
        world_die "cannot invite $1: $(cat $W/invited)"
    invite_code=$(sed -n 's/.* \([a-z2-7]\{4\}\(-[a-z2-7]\{4\}\)\{6\}\)$/\1/p' $W/mail)
    invite_pin=$(sed -n 's/.*"pin":"\([0-9]*\)".*/\1/p' $W/invited)
}

# door [key=NAME] [from=ADDRESS] [out=FILE] [config=FILE] [option=SSH-OPTION]...: ssh adperm@SERVER on a terminal, where
# standard input is what to expect and type. What it printed is in $W/out (or FILE), how it ended in FILE.code.
door() {
    door_options="" door_config=$W/ssh_config door_out=$W/out
    for door_arg; do
        case $door_arg in
        key=*) door_options="$door_options -i $W/keys/${door_arg#*=}" ;;
        from=*) door_options="$door_options -b ${door_arg#*=}" ;;
        out=*) door_out=${door_arg#*=} ;;
        config=*) door_config=${door_arg#*=} ;;
        option=*) door_options="$door_options -o${door_arg#*=}" ;;
        esac
    done
    world_mark
    "$BUILD/tests/integration/onterminal" ssh -F $door_config -p 22 $door_options adperm@$SERVER \
        >$door_out 2>&1
    echo $? >$door_out.code
    ! grep -qx 125 $door_out.code || cat -v $door_out | sed 's/^/#   /'
}

# ended CODE: whether the last one did, by that exit status.
ended() {
    is_ended=$(cat $W/out.code)
    [ "$is_ended" = "$1" ] || {
        echo "#   ended with $is_ended"
        cat -v $W/out | grep -v '40;97m' | sed 's/^/#   /'
        return 1
    }
}

# stranger_steps EMAIL CODE PIN: what somebody without a key types first.
stranger_steps() {
    printf '%s\n' 'expect E-mail address:' "send $1\\r" 'expect Invitation code:' "send $2\\r" 'expect PIN' "send $3\\r"
}

# The person invited last, up to the question for a key.
invited_steps() {
    stranger_steps $invite_email $invite_code "$invite_pin"
    printf '%s\n' "expect Welcome to $SERVER, $invite_email" 'expect Public key'
}

give_key() {
    echo "send $(cat "$W/keys/$1.pub")\\r"
    echo 'expect SHA256:'
}

# factor_steps [EMAIL]: a new second factor, up to the end; its secret is kept as world_enrol does.
# To be piped into door: it reads what the terminal shows.
factor_steps() {
    factor_of=${1:-$invite_email}
    rm -f $W/seen
    printf '%s\n' 'expect Enter goes on' 'send \r' 'expect Code that' 'send t\r' 'expect 30 seconds' 'expect Code that' "keep $W/seen"
    world_wait "the secret" test -s $W/seen
    sed -n 's/^  key  *\([A-Z2-7 ]*\).*/\1/p' $W/seen | tr -d ' ' | tail -n 1 >"$W/secrets/$factor_of"
    rm -f $W/seen
    printf '%s\n' "send $(world_code $factor_of -1)\\r" 'expect Press Enter when they are written down' "keep $W/seen"
    world_wait "the recovery codes" test -s $W/seen
    grep -oE '\b([a-z2-7]{4}-){3}[a-z2-7]{4}' $W/seen >"$W/secrets/recovery"
    echo 'send \r'
}

# recovery NUMBER: one of the recovery codes that were shown last.
recovery() {
    sed -n "$1p" $W/secrets/recovery
}

# not_held EMAIL: until sshd has noticed that the session of that person is over.
not_held() {
    world_wait "the end of the session" sh -c '! pgrep -x adperm-self >/dev/null'
    sleep 0.3
}

says() {
    grep -q -e "$1" $W/out || {
        cat -v $W/out | sed 's/^/#   /'
        return 1
    }
}

# refused WHY: the last one was, for that reason (or hint) in the log, and was told nothing.
refused() {
    same_words $W/out && world_lines 'phase=auth' | tail -n 1 | grep -q -e "reason=$1" -e "hint=\"$1\"" || {
        world_lines | sed 's/^/#   /'
        return 1
    }
}

# What everybody is told whom that account does not let in.
same_words() {
    tr -d '\r' <$1 | sed 's/^([^)]*) //; s/^E-mail address: .*/E-mail address: .../' >$1.words
    printf '%s\n' 'E-mail address: ...' 'Invitation code: ' 'PIN (Enter if you were given none): ' \
        'adperm@127.0.0.1: Permission denied (publickey,keyboard-interactive).' | cmp -s - $1.words || {
        cat -v $1.words | sed 's/^/#   /'
        return 1
    }
}

# Behind whatever was secret there is what clears the terminal.
cleared() {
    awk '/\033\[3J/ { seen = 0 } /^  key  |([a-z2-7]{4}-){3}/ { seen = 1 } END { exit seen }' $W/out
}
