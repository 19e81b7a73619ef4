/* Looks for something in memory; see memory.h. */
#include "memory.h"

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SHADOW (1ul << 28) /* what is larger belongs to a sanitizer */

/* Looks where AddressSanitizer would not. */
#define ANYWHERE __attribute__((no_sanitize("address")))

void memory_unveil(const char *veiled, char *into)
{
	while (*veiled != '\0')
		*into++ = (char)(*veiled++ + 1);
	*into = '\0';
}

ANYWHERE static bool stands_at(const char *at, const char *veiled)
{
	for (; *veiled != '\0'; at++, veiled++)
		if (*at != (char)(*veiled + 1))
			return false;
	return true;
}

ANYWHERE unsigned memory_holds(const char *veiled)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	size_t len = strlen(veiled);
	unsigned found = 0;
	char line[512];

	if (maps == NULL)
		err(2, "/proc/self/maps");
	while (fgets(line, sizeof line, maps) != NULL) {
		unsigned long from, to;
		char mode[8];

		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
			strncmp(mode, "rw", 2) != 0 || strstr(line, "[v") != NULL ||
			to - from > SHADOW)
			continue;
		for (; from + len <= to; from++)
			found += stands_at((const char *)(uintptr_t)from, veiled);
	}
	fclose(maps);
	return found;
}
