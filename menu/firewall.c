/*
 * menu-firewall list|block|allow|remove|load [NETWORK [PORT]]: the rules that people make, kept in
 * a file and handed to nft(8) as one table, which touches no other. A change that would keep the
 * caller's own SSH connection out is refused, and in doubt it is.
 */
#include "firewall_rules.h"
#include "own_connections.h"

#include "base/file.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RULES_FILE "/var/lib/adperm/firewall.rules"
#define LOCK_FILE  "/run/adperm-firewall.lock"

enum { OK = 0, REFUSED = 1, FAILED = 2 };

static void read_rules(struct rules *rules)
{
	static uint8_t text[RULES_SIZE];
	unsigned line = 0;
	size_t len = 0;
	int ret = file_read(RULES_FILE, TRUST_ROOT, text, sizeof text, &len);

	if (ret != 0 && ret != -ENOENT)
		errx(FAILED, "%s: %s", RULES_FILE,
			ret == -EPERM ? "it, or a directory above it, is not root's alone"
				      : strerror(-ret));
	if (!rules_parse(rules, slice_of(text, len), &line))
		errx(FAILED, "%s:%u: this is no rule as `block 192.0.2.0/24 port 25`", RULES_FILE,
			line);
}

static void write_rules(const struct rules *rules)
{
	char line[RULE_SIZE], *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int ret;

	if (out == NULL)
		err(FAILED, "rules");
	for (unsigned i = 0; i < rules->n; i++) {
		rule_text(&rules->at[i], line);
		fprintf(out, "%s\n", line);
	}
	if (fclose(out) != 0)
		err(FAILED, "rules");
	ret = file_write(RULES_FILE, 0644, slice_of(text, len));
	if (ret != 0)
		errx(FAILED, "%s: %s. The rules hold until the next start", RULES_FILE,
			strerror(-ret));
	free(text);
}

/* Gives the kernel all rules at once; what is wrong with them is nft's to say. */
static void load_rules(const struct rules *rules)
{
	int status = -1, fd = memfd_create("rules", MFD_CLOEXEC), standard = dup(fd);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	pid_t child;

	if (out == NULL || standard < 0)
		err(FAILED, "rules");
	rules_nft(rules, out);
	if (fclose(out) != 0 || lseek(standard, 0, SEEK_SET) != 0)
		err(FAILED, "rules");
	child = fork();
	if (child < 0)
		err(FAILED, "fork");
	if (child == 0) {
		dup2(standard, STDIN_FILENO);
		execl("/usr/sbin/nft", "nft", "-f", "-", (char *)NULL);
		err(FAILED, "/usr/sbin/nft");
	}
	close(standard);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (status != 0)
		errx(FAILED, "nft did not take the rules; nothing was changed");
}

static uid_t caller(void)
{
	const char *text = getenv("SUDO_UID");

	return text != NULL ? (uid_t)strtoul(text, NULL, 10) : 0;
}

/* Ends the program if the change would cut off who makes it. */
static void spare_caller(const struct rules *before, const struct rules *after)
{
	static struct connections own;
	char line[RULE_SIZE], from[ADDRESS_TEXT_SIZE];

	if (!connections_find(getpid(), caller(), &own))
		errx(REFUSED, "refused: it cannot be seen from where your own connection comes");
	for (unsigned i = 0; i < own.n; i++) {
		const struct connection *one = &own.at[i];
		const struct rule *block = rules_block(after, &one->from, one->port);
		struct net net = { .family = one->from.family };

		net.bits = net.family == FAMILY_IPV4 ? 32 : 128;
		if (block == NULL || rules_block(before, &one->from, one->port) != NULL)
			continue;
		memcpy(net.octet, one->from.octet, sizeof net.octet);
		net_text(&net, from);
		rule_text(block, line);
		errx(REFUSED,
			"refused: \"%s\" would cut %s, from %s to port %u. Allow %s first, or "
			"block "
			"less",
			line,
			own.guessed ? "an SSH connection, which may be your own"
				    : "your own SSH connection",
			from, one->port, from);
	}
}

static void list(const struct rules *rules)
{
	char line[RULE_SIZE];

	for (unsigned i = 0; i < rules->n; i++) {
		rule_text(&rules->at[i], line);
		puts(line);
	}
	if (rules->n == 0)
		puts("There are no rules.");
}

static int change(const struct rules *before, const char *verb, const struct rule *rule)
{
	static struct rules after;
	unsigned found = rules_find(before, rule);
	bool removes = strcmp(verb, "remove") == 0;
	char line[RULE_SIZE];

	after = *before;
	if (removes && found == before->n)
		errx(REFUSED, "there is no rule for that; `list` shows those that there are");
	if (found < before->n && !removes && before->at[found].block == rule->block) {
		puts("That rule is there already.");
		return OK;
	}
	if (found < before->n)
		rules_remove(&after, found);
	if (!removes && !rules_add(&after, rule))
		errx(REFUSED, "there are %u rules already: remove some", before->n);
	spare_caller(before, &after);
	load_rules(&after);
	write_rules(&after);
	rule_text(removes ? &before->at[found] : rule, line);
	printf("%s: %s\n", removes ? "Removed" : "Done", line);
	return OK;
}

static int take_lock(void)
{
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		err(FAILED, LOCK_FILE);
	return fd;
}

int main(int argc, char **argv)
{
	static struct rules rules;
	const char *verb = argc > 1 ? argv[1] : "";
	bool block = strcmp(verb, "block") == 0;
	struct rule rule;
	int lock = take_lock(), status = OK;

	read_rules(&rules);
	if (strcmp(verb, "list") == 0 && argc == 2)
		list(&rules);
	else if (strcmp(verb, "load") == 0 && argc == 2)
		load_rules(&rules);
	else if ((block || strcmp(verb, "allow") == 0 || strcmp(verb, "remove") == 0) &&
		 (argc == 3 || argc == 4) && rule_make(&rule, block, argv[2], argv[3]))
		status = change(&rules, verb, &rule);
	else
		errx(FAILED, "usage: menu-firewall list|load|{block|allow|remove} NETWORK [PORT]");
	close(lock);
	return fflush(stdout) == 0 ? status : FAILED;
}
