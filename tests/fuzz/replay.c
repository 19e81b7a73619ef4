/*
 * Goes through the inputs that are kept for a target: tests/fuzz/seeds/TARGET, where TARGET is the
 * name of the program. A TAP program of one check: each of them is survived.
 */
#include "../unit/tap.h"
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

#pragma weak LLVMFuzzerInitialize

static void replay(const char *path)
{
	FILE *in = fopen(path, "re");
	uint8_t *bytes;
	struct stat state;
	size_t size;

	must(in != NULL && fstat(fileno(in), &state) == 0);
	/* Of exactly that size, so that the sanitizers see who reads behind it. */
	bytes = malloc((size_t)state.st_size + (state.st_size == 0));
	must(bytes != NULL);
	size = fread(bytes, 1, (size_t)state.st_size, in);
	fclose(in);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash != NULL ? slash + 1 : argv[0];
	char path[512], file[1024];
	unsigned n = 0;
	DIR *dir;

	if (LLVMFuzzerInitialize != NULL && LLVMFuzzerInitialize(&argc, &argv) != 0) {
		tap_skip("needs root", name);
		return tap_done();
	}
	snprintf(path, sizeof path, "tests/fuzz/seeds/%s", name);
	dir = opendir(path);
	for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		replay(file);
		n++;
	}
	if (dir != NULL)
		closedir(dir);
	ok(n > 0, "%s: %u inputs are survived", name, n);
	return tap_done();
}
