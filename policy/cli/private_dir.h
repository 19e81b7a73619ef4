/* A directory that root keeps something in, which nobody else may see, and its lock. */
#ifndef ADPERM_CLI_PRIVATE_DIR_H
#define ADPERM_CLI_PRIVATE_DIR_H

struct private_dir {
	const char *path;
	int lock;
};

/*
 * Makes the directory, mode 0700, if it is absent, and waits for its lock. 0 or a negative errno;
 * -EPERM: others may write to it or to a directory above it, or read it.
 */
int private_dir_open(struct private_dir *dir, const char *path);
void private_dir_close(struct private_dir *dir);

#endif
