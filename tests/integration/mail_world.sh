# shellcheck shell=sh disable=SC2154 # W and top are world.sh's
# What stands in a mail that arrived. To be read after world.sh.

# mail_reads GOLDEN FILE: whether the message reads as tests/golden/mails/GOLDEN does, to the letter, but for
# its code, times and dates.
mail_reads() {
    /usr/bin/python3 -c 'import email, email.policy, sys
m = email.message_from_string(open(sys.argv[1]).read().split("\n", 1)[1], policy=email.policy.default)
print("Subject:", m["subject"], end="\n\n" + m.get_content())' "$2" |
        sed -E 's/[a-z2-7]{4}(-[a-z2-7]{4}){6}/CODE/; s/20[0-9-]{8}T[0-9:]{8}Z/TIME/; s/20[0-9]{2}-[0-9]{2}-[0-9]{2}/DATE/' >$W/reads
    diff -u "$top/tests/golden/mails/$1" $W/reads >$W/reads.diff || {
        sed 's/^/# /' $W/reads.diff
        return 1
    }
}
