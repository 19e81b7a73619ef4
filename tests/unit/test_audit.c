/* Lines of the log of decisions, read back: cli/audit.h. */
#include "cli/audit.h"
#include "tap.h"

#define HEAD "Nov 22 05:12:33 web1 "

static const char *value_of(const char *text, enum audit_field field)
{
	static struct audit_line line;

	return audit_parse(slice_str(text), &line) ? line.value[field] : "(none of ours)";
}

static void test_lines(void)
{
	static const char whole[] = HEAD
		"adperm[12]: v=1 phase=auth dec=deny reason=replay svc=\"sshd\" user=\"acme\" "
		"profile=\"alice@acme.example\" perm=\"account.ssh\" account=\"acme\" "
		"server=\"web1\" rhost=\"203.0.113.5\" key=\"SHA256:x\" src=\"10-acme.yaml:31\" "
		"gen=418 rid=9f31c2aa\n";
	static const struct {
		enum audit_field field;
		const char *value;
	} rows[] = {
		{ AUDIT_PHASE, "auth" },
		{ AUDIT_DEC, "deny" },
		{ AUDIT_REASON, "replay" },
		{ AUDIT_SVC, "sshd" },
		{ AUDIT_USER, "acme" },
		{ AUDIT_PROFILE, "alice@acme.example" },
		{ AUDIT_PERM, "account.ssh" },
		{ AUDIT_ACCOUNT, "acme" },
		{ AUDIT_SERVER, "web1" },
		{ AUDIT_RHOST, "203.0.113.5" },
		{ AUDIT_KEY, "SHA256:x" },
		{ AUDIT_SRC, "10-acme.yaml:31" },
		{ AUDIT_GEN, "418" },
		{ AUDIT_RID, "9f31c2aa" },
		{ AUDIT_HINT, "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_str(value_of(whole, rows[i].field), rows[i].value, "%s",
			audit_names[rows[i].field]);
}

static void test_times(void)
{
	static const struct {
		const char *head, *time;
	} rows[] = {
		{ "Nov 22 05:12:33", "Nov 22 05:12:33" },
		{ "Nov  2 05:12:33", "Nov  2 05:12:33" },
		{ "2026-11-22T05:12:33+0000", "2026-11-22T05:12:33+0000" },
		{ "2026-11-22T05:12:33.123456+01:00", "2026-11-22T05:12:33.123456+01:00" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct audit_line line = { .time = "" };
		char text[200];

		snprintf(text, sizeof text, "%s web1 adperm[1]: v=1 phase=auth dec=allow",
			rows[i].head);
		audit_parse(slice_str(text), &line);
		is_str(line.time, rows[i].time, "time %s", rows[i].head);
	}
}

static void test_others(void)
{
	static const char *const lines[] = {
		"",
		"\n",
		HEAD,
		HEAD "sshd[1]: Accepted publickey for acme",
		HEAD "adperm[1]: apply: generation 3 of web1 is installed",
		HEAD "adperm[1]: v=1 debug phase=auth",
		HEAD "adperm[1]: v=2 phase=auth dec=allow",
		HEAD "adperm[1]: v=1 phase=auth",
		HEAD "adperm[1]: v=1 phase=auth dec=allow user=\"a",
		HEAD "adperm[1]: v=1 phase=auth dec=allow user=\"a\"b\"",
		HEAD "adperm[1]: v=1 phase=auth dec=allow rubbish",
		HEAD "adperm[x]: v=1 phase=auth dec=allow",
		HEAD "adpermd[1]: v=1 phase=auth dec=allow",
		/* A name that somebody chose, in the line of another program. */
		HEAD
		"sshd[1]: Invalid user x adperm[1]: v=1 phase=session dec=allow reason=ok from",
		HEAD
		"sshd[1]: Invalid user Nov 22 05:12:33 web1 adperm[1]: v=1 phase=session dec=allow",
	};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		is_str(value_of(lines[i], AUDIT_DEC), "(none of ours)", "other line %zu", i);
}

static void test_values(void)
{
	static const char head[] = HEAD "adperm[1]: v=1 phase=auth dec=allow ";
	static const struct {
		const char *field, *value, *what;
	} rows[] = {
		{ "user=\"a\\x22b\"", "a\"b", "an escaped quote" },
		{ "user=\"a\\x1b[31m\"", "a\\x1b[31m", "an escape for a terminal stays escaped" },
		{ "user=\"\\xc3\\xbc\"", "\\xc3\\xbc", "and so do other letters than ASCII" },
		{ "user=\"\"", "", "an empty value" },
		{ "later=\"x y\" user=\"a\"", "a", "a field of a later version before it" },
		{ "user=\"a\" later=3", "a", "and one behind it" },
		{ "user=\"a b\"", "a b", "a blank" },
		{ "user=\"\\x4\"", "(none of ours)", "half an escape" },
		{ "user=\"a\x1b\"", "(none of ours)", "a raw control character" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[400];

		snprintf(text, sizeof text, "%s%s", head, rows[i].field);
		is_str(value_of(text, AUDIT_USER), rows[i].value, "%s", rows[i].what);
	}
}

int main(void)
{
	test_lines();
	test_times();
	test_others();
	test_values();
	return tap_done();
}
