/* The table of services: wiring/services.h; and that what it names is shipped. */
#include "tap.h"
#include "wiring/services.h"

#include <string.h>
#include <unistd.h>

static bool is_shipped(const char *directory, const char *name)
{
	char path[200];

	snprintf(path, sizeof path, "conf/%s%s", directory, name);
	return access(path, R_OK) == 0;
}

static void test_rows(void)
{
	for (const struct service *s = services; s->name != NULL; s++) {
		const char *stack = s->stack != NULL ? s->stack : s->name;

		ok(service_find(s->name) == s, "%s: is found", s->name);
		ok(service_never(s->name) == NULL, "%s: nothing is against it", s->name);
		if (s->all == NULL) {
			ok(is_shipped("pam.d/", stack), "%s: its stack is shipped", s->name);
			ok(service_of_stack(stack) == s, "%s: is found by it", s->name);
		}
		ok(s->also == NULL || service_of_stack(s->also) == s,
			"%s: is found by its second stack", s->name);
		ok((s->drop_in == NULL) == (s->drop_in_target == NULL) &&
				(s->drop_in == NULL || is_shipped("", s->drop_in)),
			"%s: its drop-in is shipped, and goes somewhere", s->name);
		ok(!s->sudoers || s->drop_in != NULL, "%s: sudo is told by a file", s->name);
	}
}

static void test_found(void)
{
	ok(service_find("telnetd") == NULL, "what is no service is not found");
	ok(service_of_stack("adperm-firewall_rules") == service_find("menus"),
		"a door of the menus is theirs");
	ok(service_of_stack("sshd-other") == NULL, "nor is half a name");
	ok(service_tells_sshd(service_find("sshd")) && !service_tells_sshd(service_find("sudo")) &&
			!service_tells_sshd(service_find("su")),
		"sshd alone is told");
}

static void test_never(void)
{
	static const char *const everybodys[] = { "common-auth", "common-account", "system-auth",
		"password-auth", "other", "cron", "crond" };

	for (size_t i = 0; i < sizeof everybodys / sizeof everybodys[0]; i++)
		ok(service_never(everybodys[i]) != NULL && service_is_everybodys(everybodys[i]),
			"%s: never, and everybody's", everybodys[i]);
	ok(service_never("login") != NULL && !service_is_everybodys("login"),
		"login: never, and nobody else's");
	ok(service_never("uncommon-auth") == NULL, "another name: why not");
}

int main(void)
{
	test_rows();
	test_found();
	test_never();
	return tap_done();
}
