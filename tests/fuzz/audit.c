/* Lines of the system log, which anybody with logger(1) can write. No value can end a line. */
#include "cli/audit.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct audit_line line;

	memset(&line, 'x', sizeof line);
	if (!audit_parse(slice_of(data, size), &line))
		return 0;
	must(memchr(line.time, '\0', sizeof line.time) != NULL);
	for (size_t i = 0; i < AUDIT_FIELDS; i++) {
		size_t len = strnlen(line.value[i], AUDIT_VALUE);

		must(len < AUDIT_VALUE);
		for (size_t c = 0; c < len; c++)
			must((unsigned char)line.value[i][c] >= ' ' && line.value[i][c] != 0x7f);
	}
	return 0;
}
