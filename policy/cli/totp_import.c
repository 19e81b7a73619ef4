/*
 * adperm totp import: secrets that people have already in their phones, taken over from
 * pam_google_authenticator or pam_oath. A file is read and judged whole before the first secret of
 * it is handed to adpermd, which spends all codes that may have been used.
 */
#include "cli/foreign.h"
#include "cli/totp.h"

#include "adperm.h"
#include "base/file.h"
#include "model/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX (1 << 20) /* bytes; google-authenticator itself reads no more than 64 KiB */

struct arguments {
	const char *socket, *google, *oath, *profile, *policy;
	const char *map[OPTION_TIMES];
	bool replace;
};

static const struct command_option options[] = {
	OPTION_VALUE(struct arguments, google, "google-authenticator", 0, "FILE",
		"a person's .google_authenticator ..."),
	OPTION_VALUE(struct arguments, profile, "profile", 0, "EMAIL", "... whose it is"),
	OPTION_VALUE(struct arguments, oath, "oath-usersfile", 0, "FILE",
		"the file of pam_oath, of many people"),
	OPTION_VALUE(struct arguments, map, "map", 0, "USER=EMAIL" OPTION_AGAIN,
		"whose a line of it is, if not that login's"),
	OPTION_VALUE(struct arguments, policy, "policy", 0, "PATH",
		"that knows the logins (" ADPERM_DB ")"),
	OPTION_FLAG(struct arguments, replace, "replace", 0,
		"also if enrolled: the old secret is void"),
	TOTP_SOCKET(struct arguments),
	{ .name = NULL },
};

/* One who is to be enrolled, and the question that does it. */
struct newcomer {
	const struct foreign *from;
	char profile[ADPERM_EMAIL_SIZE];
};

struct import {
	const struct arguments *a;
	struct diags *diags;
	struct foreigners found;
	struct opened logins; /* opened when the first login is to be looked up */
	struct newcomer *people;
	uint32_t n;
	struct totp_question q;
};

/* --- the file -----------------------------------------------------------------------------------
 */

static bool complain_file(const char *path, const char *what)
{
	complain("%s: %s", path, what);
	return false;
}

/* Who else could have read the secrets, or written them? */
static bool judge_mode(struct import *i, const char *path, uint32_t file, mode_t mode)
{
	if ((mode & (S_IWGRP | S_IWOTH)) != 0)
		return complain_file(path,
			"others than its owner may write it, so the secrets may be "
			"anybody's; nothing was imported");
	if ((mode & (S_IRGRP | S_IROTH)) != 0)
		diag(i->diags, (struct mark){ .file = file }, DIAG_IMPORT_READABLE,
			"others than the owner may read this file");
	return true;
}

static bool read_file(struct import *i, const char *path, foreign_reader *reader)
{
	uint32_t file = diags_file(i->diags, path);
	struct stat state = { .st_size = 0 };
	uint8_t *bytes = NULL;
	size_t len = 0;
	bool good = false;
	int fd = -1, ret = file_open(path, TRUST_CALLER, &fd, &state);

	if (ret != 0) {
		complain_file(path, ret == -EPERM ? "is no regular file" : strerror(-ret));
		goto out;
	}
	if (!judge_mode(i, path, file, state.st_mode))
		goto out;
	if (state.st_size > FILE_MAX) {
		complain_file(path, "is longer than a mebibyte; nothing was imported");
		goto out;
	}
	len = (size_t)state.st_size;
	bytes = malloc(len + 1);
	ret = bytes == NULL ? -ENOMEM : file_read_at(fd, 0, bytes, len);
	if (ret == 0 && !foreigners_room(&i->found, slice_of(bytes, len)))
		ret = -ENOMEM;
	if (ret != 0)
		complain_file(path, strerror(-ret));
	else
		good = reader(slice_of(bytes, len), file, i->diags, &i->found);
out:
	if (bytes != NULL)
		explicit_bzero(bytes, len);
	free(bytes);
	if (fd >= 0)
		close(fd);
	return good;
}

/* --- whose it is --------------------------------------------------------------------------------
 */

/* "USER=EMAIL", of that user; NULL if --map says nothing of it. */
static const char *mapped(const struct arguments *a, const char *user)
{
	size_t len = strlen(user);

	for (int i = 0; i < OPTION_TIMES && a->map[i] != NULL; i++)
		if (strncmp(a->map[i], user, len) == 0 && a->map[i][len] == '=')
			return a->map[i] + len + 1;
	return NULL;
}

static bool is_found(const struct import *i, const char *map)
{
	size_t len = strcspn(map, "=");

	for (uint32_t n = 0; n < i->found.n; n++)
		if (strlen(i->found.at[n].user) == len &&
			memcmp(i->found.at[n].user, map, len) == 0)
			return true;
	return false;
}

/* A map that maps nothing is a misspelt name. */
static bool judge_maps(const struct import *i)
{
	for (int n = 0; n < OPTION_TIMES && i->a->map[n] != NULL; n++) {
		if (strchr(i->a->map[n], '=') == NULL) {
			complain("%s: --map takes USER=EMAIL", totp_import.name);
			return false;
		}
		if (!is_found(i, i->a->map[n])) {
			complain("%s: --map %s: the file has no secret of that user to take over",
				totp_import.name, i->a->map[n]);
			return false;
		}
	}
	return true;
}

/* The profile whose login that is, in the policy. False: it cannot be asked. */
static bool look_up(struct import *i, const char *login, char email[static ADPERM_EMAIL_SIZE])
{
	const char *path = policy_meant(i->a->policy);
	enum adperm_reason reason;

	email[0] = '\0';
	if (i->logins.handle == NULL && !open_policy(path, NULL, NULL, &i->logins))
		return false;
	reason = adperm_person(i->logins.handle, ADPERM_LOGIN, login, NULL, 0, email);
	if (reason == ADPERM_OK || reason == ADPERM_UNKNOWN_PERSON)
		return true;
	return complain_file(path, adperm_reason_text(reason));
}

/* *email is "" if it is nobody's. */
static bool whose(struct import *i, const struct foreign *f, char email[static ADPERM_EMAIL_SIZE])
{
	const char *named = i->a->google != NULL ? i->a->profile : mapped(i->a, f->user);

	if (named == NULL)
		return look_up(i, f->user, email);
	if (name_is_email(slice_str(named)) &&
		name_lower(slice_str(named), email, ADPERM_EMAIL_SIZE))
		return true;
	complain("%s: \"%s\" is no e-mail address", totp_import.name, named);
	return false;
}

static int by_profile(const void *left, const void *right)
{
	const struct newcomer *a = left, *b = right;
	int order = strcmp(a->profile, b->profile);

	return order != 0 ? order : (a->from > b->from) - (a->from < b->from);
}

/* Two secrets for one person: of which one is the phone's? */
static void judge_twice(const struct import *i)
{
	for (uint32_t n = 1; n < i->n; n++) {
		const struct newcomer *one = &i->people[n - 1], *two = &i->people[n];

		if (strcmp(one->profile, two->profile) != 0)
			continue;
		diag(i->diags, two->from->mark, DIAG_IMPORT_TWICE, "%s has two secrets",
			two->profile);
		diag_note(i->diags, one->from->mark, "the other one is here");
	}
}

/* Names everybody. False: something cannot be asked; the complaint is printed. */
static bool name_people(struct import *i)
{
	i->people = calloc(i->found.n + 1, sizeof *i->people);
	if (i->people == NULL)
		return complain_file(totp_import.name, "out of memory");
	for (uint32_t n = 0; n < i->found.n; n++) {
		const struct foreign *f = &i->found.at[n];
		struct newcomer *one = &i->people[i->n];

		if (!whose(i, f, one->profile))
			return false;
		one->from = f;
		i->n += one->profile[0] != '\0';
		i->found.left_out += one->profile[0] == '\0';
		if (one->profile[0] == '\0')
			diag(i->diags, f->mark, DIAG_IMPORT_NOBODY,
				"%s is no profile's login: this person is left out",
				diag_quote(i->diags, slice_str(f->user)));
	}
	qsort(i->people, i->n, sizeof *i->people, by_profile);
	judge_twice(i);
	return true;
}

/* --- adpermd ------------------------------------------------------------------------------------
 */

static void about(struct import *i, enum proto_op op, const struct newcomer *one)
{
	totp_begin(&i->q, i->a->socket, op);
	memcpy(i->q.request.profile, one->profile, sizeof one->profile);
}

/* Who has a secret already keeps it, unless --replace was said. False: adpermd does not say. */
static bool judge_enrolled(struct import *i)
{
	for (uint32_t n = 0; n < i->n && !i->a->replace; n++) {
		const struct newcomer *one = &i->people[n];

		about(i, PROTO_STATUS, one);
		if (totp_ask(&i->q))
			diag(i->diags, one->from->mark, DIAG_IMPORT_ENROLLED,
				"%s is enrolled already", one->profile);
		else if (i->q.problem != CLIENT_OK || i->q.reply.result != PROTO_NOT_ENROLLED)
			return false;
	}
	return true;
}

/*
 * No code of this moment is taken, nor of the steps that the file tells of: any of them may have
 * let somebody in before.
 */
static int64_t spent(const struct foreign *f, int64_t now)
{
	int64_t step = now / f->period;

	return f->spent > step ? f->spent : step;
}

static bool enroll(struct import *i, const struct newcomer *one, int64_t now)
{
	const struct foreign *f = one->from;
	struct proto_request *request = &i->q.request;

	about(i, PROTO_ENROLL, one);
	memcpy(request->secret, f->secret, f->secret_len);
	request->secret_len = f->secret_len;
	request->digits = f->digits;
	request->algorithm = PROTO_SHA1;
	request->period = f->period;
	request->mark = spent(f, now);
	request->replace = i->a->replace;
	return totp_ask(&i->q);
}

static int enroll_all(struct import *i)
{
	int64_t now = time(NULL);

	for (uint32_t n = 0; n < i->n; n++) {
		if (!enroll(i, &i->people[n], now)) {
			int code = totp_failed(&i->q);

			complain("%s: stopped after %u of %u people, those named above; --replace "
				 "goes on with the same file",
				totp_import.name, n, i->n);
			return code;
		}
		printf("%s: enrolled%s%s\n", i->people[n].profile,
			i->people[n].from->user[0] != '\0' ? ", was " : "",
			i->people[n].from->user);
	}
	printf("%u imported, %u left out\n", i->n, i->found.left_out);
	return i->found.left_out > 0 ? EXIT_NO : EXIT_OK;
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static int import(struct import *i)
{
	const char *path = i->a->google != NULL ? i->a->google : i->a->oath;
	bool read = read_file(i, path, i->a->google != NULL ? google_read : oath_read);
	bool good = read && judge_maps(i) && name_people(i);
	int code = EXIT_ERROR;

	if (good && diags_errors(i->diags) == 0 && !judge_enrolled(i))
		code = totp_failed(&i->q);
	else if (good && diags_errors(i->diags) == 0)
		code = EXIT_OK;
	diags_print(i->diags, stderr);
	return code == EXIT_OK ? enroll_all(i) : code;
}

/* EXIT_OK, or the complaint is printed. */
static int judge_arguments(const struct arguments *a)
{
	if ((a->google == NULL) == (a->oath == NULL))
		return complain("%s: say what: --google-authenticator FILE --profile EMAIL, or "
				"--oath-usersfile FILE",
			totp_import.name);
	if (a->google != NULL && a->profile == NULL)
		return complain("%s: say whose file it is: --profile EMAIL", totp_import.name);
	if (a->google != NULL ? a->map[0] != NULL || a->policy != NULL : a->profile != NULL)
		return complain(
			"%s: --profile goes with --google-authenticator, --map and --policy "
			"with --oath-usersfile",
			totp_import.name);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct arguments a = { .socket = NULL };
	struct import i = { .a = &a };
	int first, code;

	if (!arguments_parse(&totp_import, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&totp_import, argv[first]);
	code = judge_arguments(&a);
	if (code != EXIT_OK)
		return code;
	i.diags = diags_new();
	code = i.diags != NULL ? import(&i) : complain("out of memory");
	close_policy(&i.logins);
	foreigners_done(&i.found);
	free(i.people);
	diags_free(i.diags);
	explicit_bzero(&i.q, sizeof i.q);
	return code;
}

const struct command totp_import = {
	.name = "totp import",
	.synopsis = "--google-authenticator FILE --profile EMAIL | --oath-usersfile FILE "
		    "[OPTION...]",
	.summary = "takes secrets over from other programs",
	.run = run,
	.options = options,
};
