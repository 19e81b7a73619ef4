/* What may be given to a menu, type by type; and that no type takes what a command could misread.
 */
#include "argument.h"
#include "base/diag.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *type, *good[5], *bad[8];
} rows[] = {
	{ "account", { "shop", "_x", "acme-shop_2" },
		{ "root", "Shop", "sh op", "9shop", "www-data", "adperm" } },
	{ "address", { "192.0.2.7", "2001:db8::7" }, { "192.0.2.0/24", "web1", "192.0.2", "1" } },
	{ "network", { "192.0.2.7", "192.0.2.0/24", "2001:db8::/32", "0.0.0.0/0" },
		{ "192.0.2.7/24", "192.0.2.0/33", "fe80::1%eth0", "010.0.0.1", "any" } },
	{ "host", { "example.org", "web1" }, { "Example.org", "a..b", "-a.b", "a_b" } },
	{ "port", { "1", "25", "65535" }, { "0", "65536", "025", "+25", "25x", "99999999999" } },
	{ "number", { "3", "7" }, { "2", "8", "-3", "3.0", "03", "0x3" } },
	{ "size", { "1K", "512M", "2G" }, { "512", "M", "0M", "1.5G", "-1M", "1GB" } },
	{ "word", { "a", "a.b-c_D9" }, { ".a", "_a", "a/b", "a;b", "a$b", "a{b}", "a=b" } },
	{ "queue_id", { "1F27A78B", "4WxZpL2sRz9", "1abCdE-0000xY-AB" },
		{ "ALL", "all", "A", "1F27A.8B", "1F27A_8B", "../../etc" } },
	{ "choice", { "on", "off" }, { "On", "o", "onoff", "on off" } },
};

static const char *const never[] = { "", " ", "-", "-x", "--", "--help", " a", "a ", "a b", "a\n",
	"a\tb", "\033[2J", "$(id)", "`id`", "a'b", "a\"b", "a\\b", "{x}", "*", "/etc/passwd",
	"\xc3\xa9" };

/* A file of menus, a menu for each type. */
static struct menus *load(struct diags *diags)
{
	char path[] = "/tmp/test_menu.XXXXXX.yaml";
	const char *const paths[] = { path };
	int fd = mkstemps(path, 5);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	struct menus *menus;

	if (out == NULL)
		return NULL;
	fputs("---\nadperm_menus: 1\nmenus:\n", out);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		fprintf(out,
			"  m-%s: {title: A, permission: consumption, command: [/bin/x, \"{a}\"], "
			"arguments: [{name: a, help: A, type: %s%s}]}\n",
			rows[i].type, rows[i].type,
			strcmp(rows[i].type, "number") == 0   ? ", min: 3, max: 7"
			: strcmp(rows[i].type, "choice") == 0 ? ", choices: [\"on\", \"off\"]"
							      : "");
	fputs("...\n", out);
	fclose(out);
	menus = menus_load(paths, 1, TRUST_CALLER, diags);
	unlink(path);
	return menus;
}

static void judge(const struct menus *menus, uint32_t i)
{
	const struct menu *menu = &menus->all.at[i];
	const struct menu_argument *a = menu_argument_at(menus, menu, 0);
	bool none = true;

	for (size_t n = 0; n < 5 && rows[i].good[n] != NULL; n++)
		ok(argument_good(menus, a, rows[i].good[n]), "%s: %s", rows[i].type,
			rows[i].good[n]);
	for (size_t n = 0; n < 8 && rows[i].bad[n] != NULL; n++)
		ok(!argument_good(menus, a, rows[i].bad[n]), "%s: not %s", rows[i].type,
			rows[i].bad[n]);
	for (size_t n = 0; n < sizeof never / sizeof never[0]; n++)
		none = none && !argument_good(menus, a, never[n]);
	ok(none, "%s: nothing that a command could misread", rows[i].type);
	ok(strstr(argument_kinds(), rows[i].type) != NULL, "%s is named in messages", rows[i].type);
}

int main(void)
{
	struct diags *diags = diags_new();
	struct menus *menus = load(diags);

	if (!ok(menus != NULL, "the menus can be read")) {
		diags_print(diags, stdout);
		return tap_done();
	}
	for (uint32_t i = 0; i < menus->all.n; i++)
		judge(menus, i);
	menus_free(menus);
	diags_free(diags);
	return tap_done();
}
