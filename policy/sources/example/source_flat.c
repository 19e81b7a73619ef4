/*
 * A source of policy to copy from: reads source_flat.conf beside switch.conf, a line a fact.
 *
 *	server  web1.acme.example   ops@acme.example         # a server and its owner
 *	person  alice@acme.example  alice                    # a profile and its login
 *	grant   alice@acme.example  web1.acme.example  server.ssh_users  2fa
 *
 * It knows server permissions only, and neither keys nor accounts. See adperm_source(3).
 */
#include "adperm_source.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct line {
	char kind[8], a[255], b[255], c[40], flag[8];
	uint32_t number;
};

/* What is looked for, NULL: anything; and what to do with each line that is it. */
struct search {
	const char *kind, *a, *b;
	void (*found)(const struct line *line, void *context);
	void *context;
};

/* How many lines there are; -1 if not all of the file was read, understood, and root's alone. */
static int search(const char *path, const struct search *s)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), found = 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	struct line line = { .number = 0 };
	struct stat state;
	char text[640];
	bool good = file != NULL && fstat(fd, &state) == 0 && S_ISREG(state.st_mode) &&
		    state.st_uid == 0 && (state.st_mode & (S_IWGRP | S_IWOTH)) == 0;

	while (good && fgets(text, sizeof text, file) != NULL) {
		int words = sscanf(text, "%7s %254s %254s %39s %7s", line.kind, line.a, line.b,
			line.c, line.flag);
		bool grant = words > 0 && strcmp(line.kind, "grant") == 0;
		bool flagged = words == 5 && strcmp(line.flag, "2fa") == 0;

		line.number++;
		if (words <= 0 || line.kind[0] == '#')
			continue;
		/* A line cut short might have lost its "2fa": rather nothing than half of it. */
		good = strchr(text, '\n') != NULL && (grant ? words == 4 || flagged : words == 3);
		if (words < 5)
			line.flag[0] = '\0';
		if (!good || strcmp(line.kind, s->kind) != 0 ||
			(s->a != NULL && strcmp(line.a, s->a) != 0) ||
			(s->b != NULL && strcmp(line.b, s->b) != 0))
			continue;
		found++;
		if (s->found != NULL)
			s->found(&line, s->context);
	}
	good = good && !ferror(file);
	if (file != NULL)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	return good ? found : -1;
}

static enum adperm_source_status status_of(int found, struct adperm_record *record)
{
	if (found < 0)
		record->trouble(record, "the file cannot be read, understood or trusted");
	return found < 0 ? ADPERM_SOURCE_UNAVAIL
			 : (found > 0 ? ADPERM_SOURCE_SUCCESS : ADPERM_SOURCE_NOTFOUND);
}

static enum adperm_source_status open_flat(
	const char *config, struct adperm_record *record, void **state)
{
	(void)record;
	*state = strdup(config);
	return *state != NULL ? ADPERM_SOURCE_SUCCESS : ADPERM_SOURCE_TRYAGAIN;
}

static void give_person(const struct line *line, void *record)
{
	((struct adperm_record *)record)->person(record, line->a);
}

static enum adperm_source_status find_login(
	void *state, const char *login, struct adperm_record *record)
{
	const struct search s = { "person", NULL, login, give_person, record };

	return status_of(search(state, &s), record);
}

static enum adperm_source_status find_server(
	void *state, const char *server, struct adperm_record *record)
{
	const struct search s = { "server", server, NULL, NULL, NULL };

	return status_of(search(state, &s), record);
}

static void keep(const struct line *line, void *kept)
{
	memcpy(kept, line, sizeof *line);
}

static void give_grant(const struct line *line, void *record)
{
	const char *const permission = line->c;
	const struct adperm_source_grant grant = {
		.permissions = { &permission, 1 },
		.require_2fa = line->flag[0] != '\0',
		.until = ADPERM_SOURCE_NEVER,
		.place = { "source_flat.conf", line->number },
	};

	((struct adperm_record *)record)->grant(record, &grant);
}

static enum adperm_source_status find_holding(
	void *state, const char *email, const char *server, struct adperm_record *record)
{
	struct line person, host;
	const struct search find_person = { "person", email, NULL, keep, &person };
	const struct search find_host = { "server", server, NULL, keep, &host };
	const struct search count = { "grant", email, server, NULL, NULL };
	const struct search give = { "grant", email, server, give_grant, record };
	int people = search(state, &find_person), hosts = search(state, &find_host);
	int grants = search(state, &count);
	struct adperm_source_profile profile = { .email = email, .grants = (size_t)grants };
	struct adperm_source_grant owned = { .ownership = 1, .until = ADPERM_SOURCE_NEVER };

	if (people == 0)
		return ADPERM_SOURCE_NOTFOUND;
	if (people != 1 || hosts != 1 || grants < 0)
		return status_of(-1, record);
	profile.owner = host.b;
	profile.place = (struct adperm_source_place){ "source_flat.conf", person.number };
	owned.place = (struct adperm_source_place){ "source_flat.conf", host.number };
	profile.grants += strcmp(email, host.b) == 0;
	record->profile(record, &profile);
	if (strcmp(email, host.b) == 0)
		record->grant(record, &owned);
	return search(state, &give) == grants ? ADPERM_SOURCE_SUCCESS : status_of(-1, record);
}

static void close_flat(void *state)
{
	free(state);
}

const struct adperm_source adperm_source = {
	.abi = ADPERM_SOURCE_ABI,
	.size = sizeof(struct adperm_source),
	.open = open_flat,
	.login = find_login,
	.server = find_server,
	.holding = find_holding,
	.close = close_flat,
};
