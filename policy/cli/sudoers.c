/* What visudo says; see sudoers.h. */
#include "cli/sudoers.h"

#include "cli/run_program.h"

#include <limits.h>
#include <stdio.h>

enum sudoers_result sudoers_judge(const char *visudo, const char *file, struct buf *said)
{
	const char *const argv[] = { visudo, "-c", NULL };
	char line[PATH_MAX + sizeof ": parsed OK"];
	int status = run_program(argv, 0, said);

	if (status < 0)
		buf_bytes(said, strerror(-status), strlen(strerror(-status)) + 1);
	if (status != 0 || said->failed)
		return SUDOERS_WRONG;
	/* It names every file that it has read. */
	snprintf(line, sizeof line, "%s: parsed OK", file);
	return strstr((const char *)said->at, line) != NULL ? SUDOERS_READ : SUDOERS_NOT_READ;
}
