/* What sudo makes of the files; see wire.h. */
#include "cli/wire.h"

#include "cli/sudoers.h"

static const char *drop_in_of(const struct wire *w)
{
	size_t i = 0;

	while (i < w->n - 1 && w->kinds[i] != WIRE_DROP_IN)
		i++;
	return w->changes[i].path;
}

int wire_check_sudo(const struct wire *w)
{
	const char *drop_in = drop_in_of(w);
	struct buf said = { .at = NULL };
	int code = EXIT_NO;

	switch (sudoers_judge(w->o->visudo, drop_in, &said)) {
	case SUDOERS_READ: code = EXIT_OK; break;
	case SUDOERS_WRONG:
		complain("wire: `%s -c` says of sudo's configuration: %s", w->o->visudo,
			said.failed ? "out of memory" : (const char *)said.at);
		break;
	case SUDOERS_NOT_READ:
		complain("wire: sudo does not read %s: put \"@includedir %s/sudoers.d\" at the end "
			 "of sudoers, with visudo",
			drop_in, w->o->etc);
		break;
	}
	buf_done(&said);
	return code;
}
