/* A directory of root's; see private_dir.h. */
#include "cli/private_dir.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

int private_dir_open(struct private_dir *dir, const char *path)
{
	struct stat state;
	int ret;

	*dir = (struct private_dir){ path, -1 };
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return -errno;
	ret = file_trusted_dir(path);
	if (ret != 0)
		return ret;
	dir->lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir->lock < 0)
		return -errno;
	if (fstat(dir->lock, &state) != 0 || flock(dir->lock, LOCK_EX) != 0)
		ret = -errno;
	else if ((state.st_mode & 077) != 0)
		ret = -EPERM;
	if (ret != 0)
		private_dir_close(dir);
	return ret;
}

void private_dir_close(struct private_dir *dir)
{
	if (dir->lock >= 0)
		close(dir->lock);
	dir->lock = -1;
}
