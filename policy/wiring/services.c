/* The table of services; see services.h. */
#include "wiring/services.h"

#include <stddef.h>
#include <string.h>

const struct service services[] = {
	{ "sshd", "logins by SSH", true, "sshd_config.d/50-adperm.conf",
		"ssh/sshd_config.d/50-adperm.conf" },
	{ "su", "su to hosting accounts", true, NULL, NULL },
	{ .name = NULL },
};

const struct service *service_find(const char *name)
{
	for (const struct service *s = services; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}
