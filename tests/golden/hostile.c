/*
 * hostile POLICY.yaml OUT.cdb: compiles a policy after each "qqqqqqq" in its texts has become a
 * terminal's escape sequence and a line break: what no policy can say, and a forged database can.
 */
#include "lang/emit.h"

#include <err.h>
#include <fcntl.h>
#include <unistd.h>

#define MARK   "qqqqqqq"
#define ESCAPE "\033[31m\r\n"

int main(int argc, char **argv)
{
	const struct emit_options options = { .server = NO_INDEX, .not_after = WHEN_NEVER };
	struct diags *diags = diags_new();
	const char *path = argc == 3 ? argv[1] : "";
	struct policy *p = policy_load(&path, 1, diags);
	char *at;
	int fd;

	if (p == NULL)
		errx(2, "usage: hostile POLICY.yaml OUT.cdb");
	while ((at = memmem(p->pool, p->pool_len, MARK, sizeof MARK - 1)) != NULL)
		memcpy(at, ESCAPE, sizeof ESCAPE - 1);
	unlink(argv[2]);
	fd = open(argv[2], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || policy_emit(p, &options, fd) != 0)
		err(2, "%s", argv[2]);
	close(fd);
	policy_free(p);
	diags_free(diags);
	return 0;
}
