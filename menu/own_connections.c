/* The caller's SSH connections; see own_connections.h. */
#include "own_connections.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROCESSES_MAX 32768
#define SOCKETS_MAX   1024
#define ESTABLISHED   1 /* include/net/tcp_states.h of the kernel */

struct process {
	pid_t pid, parent;
	uid_t uid; /* effective */
	bool is_sshd;
};

struct processes {
	struct process *at;
	unsigned n;
};

/* By the file it runs, whose name it cannot choose; " (deleted)" stands behind it after an upgrade.
 */
static bool runs_sshd(pid_t pid)
{
	static const char *const names[] = { "sshd", "sshd-session" };
	char path[64], file[PATH_MAX], *name, *end;
	ssize_t len;

	snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
	len = readlink(path, file, sizeof file - 1);
	if (len <= 0)
		return false;
	file[len] = '\0';
	end = strstr(file, " (deleted)");
	if (end != NULL)
		*end = '\0';
	name = strrchr(file, '/');
	for (size_t i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name + 1, names[i]) == 0)
			return true;
	return false;
}

/* False: it has ended meanwhile. */
static bool read_process(pid_t pid, struct process *out)
{
	char path[64], line[256];
	int parent = -1;
	unsigned uid = 0;
	bool has_uid = false;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (fgets(line, sizeof line, f) != NULL) {
		sscanf(line, "PPid: %d", &parent);
		has_uid = has_uid || sscanf(line, "Uid: %*u %u", &uid) == 1;
	}
	fclose(f);
	*out = (struct process){ pid, parent, uid, runs_sshd(pid) };
	return parent >= 0 && has_uid;
}

static bool read_processes(struct processes *all)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;

	all->at = calloc(PROCESSES_MAX, sizeof *all->at);
	while (dir != NULL && all->at != NULL && (entry = readdir(dir)) != NULL) {
		int pid = atoi(entry->d_name);

		if (pid <= 0)
			continue;
		if (all->n == PROCESSES_MAX)
			break;
		if (read_process(pid, &all->at[all->n]))
			all->n++;
	}
	if (dir != NULL)
		closedir(dir);
	return all->n > 0 && all->n < PROCESSES_MAX;
}

static const struct process *find(const struct processes *all, pid_t pid)
{
	for (unsigned i = 0; i < all->n; i++)
		if (all->at[i].pid == pid)
			return &all->at[i];
	return NULL;
}

/* An sshd of root's: the one that a connection belongs to. The caller may have one, too. */
static bool is_monitor(const struct process *p)
{
	return p != NULL && p->is_sshd && p->uid == 0;
}

bool connection_parse(const char *line, struct connection *out, unsigned long *inode)
{
	char local[33], remote[33], text[ADDRESS_TEXT_SIZE];
	unsigned local_port, remote_port, state, word[4];
	struct net net = { .family = FAMILY_IPV4, .bits = 32 };
	size_t words;

	if (sscanf(line, " %*d: %32[0-9A-F]:%4X %32[0-9A-F]:%4X %2X %*s %*s %*s %*s %*s %lu", local,
		    &local_port, remote, &remote_port, &state, inode) != 6 ||
		state != ESTABLISHED)
		return false;
	words = strlen(remote) / 8;
	if (strlen(remote) % 8 != 0 || (words != 1 && words != 4))
		return false;
	for (size_t i = 0; i < words; i++)
		if (sscanf(remote + 8 * i, "%8X", &word[i]) != 1)
			return false;
	/* Each word stands there as this machine has it in memory. */
	memcpy(net.octet, word, 4 * words);
	if (words == 4) {
		net.family = FAMILY_IPV6;
		net.bits = 128;
	}
	net_text(&net, text);
	out->port = (uint16_t)local_port;
	return address_parse(slice_str(text), &out->from);
}

/* The numbers of a process's sockets. */
static bool read_sockets(pid_t pid, unsigned long inodes[static SOCKETS_MAX], unsigned *n)
{
	char path[64], target[64];
	const struct dirent *entry;
	DIR *dir;

	*n = 0;
	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (dir == NULL)
		return errno == ENOENT;
	while ((entry = readdir(dir)) != NULL && *n < SOCKETS_MAX) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1);

		target[len > 0 ? len : 0] = '\0';
		if (sscanf(target, "socket:[%lu]", &inodes[*n]) == 1)
			++*n;
	}
	closedir(dir);
	return *n < SOCKETS_MAX;
}

static bool has_socket(const unsigned long *inodes, unsigned n, unsigned long inode)
{
	for (unsigned i = 0; i < n; i++)
		if (inodes[i] == inode)
			return true;
	return false;
}

/* The connections of one process, from one table of its network. */
static bool add_from(pid_t pid, const char *table, const unsigned long *inodes, unsigned n,
	struct connections *out)
{
	char path[64], line[512];
	bool good = true;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, table);
	f = fopen(path, "re");
	/* A machine without IPv6 has no tcp6. */
	if (f == NULL)
		return errno == ENOENT;
	while (good && fgets(line, sizeof line, f) != NULL) {
		struct connection found;
		unsigned long inode;

		if (!connection_parse(line, &found, &inode) || !has_socket(inodes, n, inode))
			continue;
		good = out->n < CONNECTIONS_MAX;
		if (good)
			out->at[out->n++] = found;
	}
	good = good && ferror(f) == 0;
	fclose(f);
	return good;
}

static bool add_connections(pid_t monitor, struct connections *out)
{
	unsigned long inodes[SOCKETS_MAX];
	unsigned n;

	return read_sockets(monitor, inodes, &n) && add_from(monitor, "tcp", inodes, n, out) &&
	       add_from(monitor, "tcp6", inodes, n, out);
}

/* Is this sshd above the process, or has it a child that works for the caller? */
static bool serves(
	const struct processes *all, const struct process *monitor, pid_t self, uid_t caller)
{
	const struct process *above = find(all, self);

	for (unsigned depth = 0; above != NULL && depth < PROCESSES_MAX; depth++) {
		if (above->pid == monitor->pid)
			return true;
		above = find(all, above->parent);
	}
	for (unsigned i = 0; i < all->n; i++)
		if (all->at[i].parent == monitor->pid && all->at[i].is_sshd &&
			all->at[i].uid == caller && caller != 0)
			return true;
	return false;
}

bool connections_find(pid_t self, uid_t caller, struct connections *out)
{
	struct processes all = { .n = 0 };
	bool good = read_processes(&all);

	*out = (struct connections){ .n = 0 };
	for (unsigned i = 0; good && i < all.n; i++)
		if (is_monitor(&all.at[i]) && serves(&all, &all.at[i], self, caller))
			good = add_connections(all.at[i].pid, out);
	out->guessed = out->n == 0;
	for (unsigned i = 0; good && out->guessed && i < all.n; i++)
		if (is_monitor(&all.at[i]))
			good = add_connections(all.at[i].pid, out);
	free(all.at);
	return good;
}
