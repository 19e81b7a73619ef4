/* switch.conf: what is understood, and where and why what is not. */
#include "switch/switch.h"

#include "tap.h"

static bool parse(const char *text, struct switch_conf *conf, struct switch_error *error)
{
	return switch_parse(slice_str(text), conf, error);
}

static void good(void)
{
	struct switch_conf conf;
	struct switch_error error;

	ok(parse("policy: db", &conf, &error) && conf.n == 1, "one source");
	is_str(conf.entry[0].name, "db", "its name");
	ok(!conf.entry[0].proceed[STATUS_SUCCESS] && conf.entry[0].proceed[STATUS_NOTFOUND] &&
			!conf.entry[0].proceed[STATUS_UNAVAIL] &&
			!conf.entry[0].proceed[STATUS_TRYAGAIN],
		"what happens unless told otherwise");
	ok(parse("# a comment\n\npolicy: db [notfound=return UNAVAIL=Continue] ldap # more\n",
		   &conf, &error) &&
			conf.n == 2,
		"two sources, actions, comments");
	ok(!conf.entry[0].proceed[STATUS_NOTFOUND] && conf.entry[0].proceed[STATUS_UNAVAIL],
		"actions belong to the source before them, in any case");
	ok(conf.entry[1].proceed[STATUS_NOTFOUND] && !conf.entry[1].proceed[STATUS_UNAVAIL],
		"and to no other");
	ok(parse("policy: db [!success=continue]", &conf, &error) &&
			!conf.entry[0].proceed[STATUS_SUCCESS] &&
			conf.entry[0].proceed[STATUS_UNAVAIL] &&
			conf.entry[0].proceed[STATUS_TRYAGAIN],
		"! is all the others");
}

static void bad(void)
{
	static const struct {
		const char *text;
		unsigned line;
	} table[] = { { "", 0 }, { "\n\n", 2 }, { "policy:", 1 }, { "passwd: files\n", 1 },
		{ "\npolicy db", 2 }, { "policy: db\npolicy: db", 2 },
		{ "policy: [notfound=return] db", 1 }, { "policy: db [notfound=return", 1 },
		{ "policy: db []", 1 }, { "policy: db [notfound]", 1 },
		{ "policy: db [missing=return]", 1 }, { "policy: db [notfound=merge]", 1 },
		{ "policy: ../db", 1 }, { "policy: DB", 1 }, { "policy: a b c d e f g h i", 1 },
		{ "policy: abcdefghijklmnopqrstuvwxyzabcdefg", 1 } };
	struct switch_conf conf;
	struct switch_error error;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		ok(!parse(table[i].text, &conf, &error) && error.what != NULL,
			"refused, number %zu: %s", i, error.what != NULL ? error.what : "?");
		is_int(error.line, table[i].line, "at its line");
	}
}

int main(void)
{
	good();
	bad();
	return tap_done();
}
