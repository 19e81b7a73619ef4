/*
 * The door behind which the policy is to count: whether somebody gets past adperm in the stack of
 * sshd, and whether somebody gets in by it, tried in a copy of the stack that has the staged
 * database in the place of the installed one; see apply.h.
 */
#include "cli/apply.h"

#include "base/base64.h"
#include "cli/place.h"
#include "cli/run_program.h"
#include "cli/sshd_config.h"
#include "cli/stack_lint.h"
#include "wiring/stage.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#define SERVICE   "sshd"
#define OTHERS    "other" /* libpam reads it with every service */
#define STAGE     "policy.rehearsal"
#define TRIED_MAX 20
#define TRIED_FOR 5 /* seconds: a module may wait for a directory that does not answer */

/* --- what is wrong with it */

/* A finding of stack_lint(), or of the same kind. */
static void tell(void *context, bool grave, const char *advice, const char *finding)
{
	struct apply *a = context;

	if (!a->o->json) {
		fprintf(stderr, "warning: %s: %s\n", finding, advice);
		return;
	}
	json_object(&a->json, NULL);
	json_bool(&a->json, "grave", grave);
	json_string(&a->json, "finding", finding);
	json_string(&a->json, "advice", advice);
	json_object_end(&a->json);
}

/* False: sshd leaves a way around PAM, or around its auth phase. */
static bool sshd_is_well(struct apply *a)
{
	struct buf out = { .at = NULL };
	bool good = true;

	if (!sshd_effective(a->o->sshd, SSHD_ANYBODY, &out)) {
		tell(a, false, "`sshd -t` says more", "sshd does not take its configuration");
		buf_done(&out);
		return true;
	}
	for (const struct sshd_wanted *wanted = sshd_wanted; wanted->line != NULL; wanted++)
		if (!sshd_says(&out, wanted->line)) {
			tell(a, true, SSHD_SHOWS, wanted->otherwise);
			good = false;
		}
	buf_done(&out);
	return good;
}

/* --- whether somebody gets in */

static int put_files(const struct apply *a, const struct stacks *stacks, const char *stage)
{
	const char *people = strcmp(a->o->people, ADPERM_PEOPLE) != 0 ? a->o->people : NULL;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < stacks->n; i++) {
		struct buf text = { .at = NULL };

		ret = stage_rehearsal(&text, &stacks->files[i].stack, a->staged.path, people)
			      ? stage_put(stage, stacks->files[i].name, buf_slice(&text))
			      : -EINVAL;
		buf_done(&text);
	}
	return ret;
}

/* Without the file for all other services libpam does without, too. */
static int stage_stacks(const struct apply *a, const struct stacks *stacks, const char *stage)
{
	struct stacks others;
	int ret = stage_make(stage);

	if (ret == 0)
		ret = put_files(a, stacks, stage);
	if (ret == 0) {
		if (stacks_read(&others, stacks->directory, OTHERS) == 0)
			ret = put_files(a, &others, stage);
		stacks_done(&others);
	}
	return ret;
}

/* "ssh-ed25519 AAAA...", the first key that is theirs, NUL-terminated. False: out of memory. */
static bool find_key(const struct apply *a, uint32_t profile, struct buf *out)
{
	const struct policy *p = a->after.policy;
	const struct span keys = profile_access(p, &p->profiles.at[profile])->keys;
	struct place_people people = { .directory = a->o->people };
	struct registered registered;
	struct slice blob = { NULL, 0 }, type;
	uint32_t number = 0;

	if (keys.n > 0)
		blob = slice_of(p->pool + p->keys.at[keys.first].blob, p->keys.at[keys.first].len);
	else if (place_registered(&people, p, profile, &number, &registered))
		blob = slice_of(registered.blob, registered.len);
	type = sshkey_type(blob);
	buf_bytes(out, type.at, type.len);
	buf_u8(out, ' ');
	if (!buf_grow(out, BASE64_LEN(blob.len) + 1))
		return false;
	base64_encode(blob, (char *)out->at + out->len);
	return true;
}

/* What adperm-rehearse ends with, or a negative errno; `said` is its line. */
static int rehearse(
	const struct apply *a, const char *stage, const struct entry *e, struct buf *said)
{
	const struct policy *p = a->after.policy;
	struct net from = { .family = e->from.family,
		.bits = e->from.family == FAMILY_IPV4 ? 32 : 128 };
	char address[ADDRESS_TEXT_SIZE] = "";
	struct buf key = { .at = NULL };
	int status = -ENOMEM;

	memcpy(from.octet, e->from.octet, sizeof from.octet);
	if (from.family != FAMILY_UNKNOWN)
		net_text(&from, address);
	if (find_key(a, e->profile, &key)) {
		const char *const argv[] = { a->o->rehearse, "--service", SERVICE, "--user",
			policy_text(p, p->profiles.at[e->profile].login), "--confdir", stage,
			"--key", (const char *)key.at, address[0] != '\0' ? "--rhost" : NULL,
			address, NULL };

		status = run_program(argv, RUN_QUIET, said);
	}
	buf_done(&key);
	return status;
}

static void cannot(struct door *door, const char *what, const char *why)
{
	snprintf(door->why_not, sizeof door->why_not, "%s: %s", what, why);
	door->tried = 0;
}

static time_t now(void)
{
	struct timespec ts = { .tv_sec = 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* One after the other, until somebody gets in. */
static void try_people(
	const struct apply *a, const struct guard *guard, const char *stage, struct door *door)
{
	const struct policy *p = a->after.policy;
	time_t end = now() + TRIED_FOR;

	for (uint32_t i = 0; i < p->profiles.n && door->tried < TRIED_MAX; i++) {
		const struct entry *e = &guard->entries[i];
		const char *email = policy_text(p, p->profiles.at[i].email);
		struct buf said = { .at = NULL };
		int status;

		if (e->obstacle != OBSTACLE_NONE || !e->codeless)
			continue;
		status = rehearse(a, stage, e, &said);
		if (status == 0)
			door->passed = email;
		if (door->tried++ == 0)
			snprintf(door->said, sizeof door->said, "%s: %.*s", email,
				said.len > 0 ? (int)strcspn((const char *)said.at, "\n") : 0,
				said.len > 0 ? (const char *)said.at : "");
		buf_done(&said);
		if (status < 0 || status > 1)
			cannot(door, a->o->rehearse,
				status < 0 ? strerror(-status) : "could not try");
		if (status != 1 || now() > end)
			return;
	}
	if (door->tried == 0)
		snprintf(door->why_not, sizeof door->why_not, "%s",
			guard->open > 0 ? "whoever could log in is asked for a code"
					: "nobody could log in");
}

static void rehearse_all(
	const struct apply *a, struct guard *guard, const struct stacks *stacks, const char *stage)
{
	struct door *door = &guard->door;
	int ret;

	if (access(a->o->rehearse, X_OK) != 0) {
		cannot(door, a->o->rehearse, strerror(errno));
		return;
	}
	ret = stage_stacks(a, stacks, stage);
	if (ret == 0)
		try_people(a, guard, stage, door);
	else if (ret == -EINVAL)
		cannot(door, a->staged.path, "a line of pam.d cannot hold such a path");
	else
		cannot(door, stage, strerror(-ret));
	stage_remove(stage);
}

/* --- both */

static void print(struct apply *a, const struct guard *guard)
{
	const struct door *door = &guard->door;
	struct json *j = &a->json;

	if (a->o->json) {
		json_number(j, "rehearsed", door->tried);
		json_string(j, "passed", door->passed);
		json_string(j, "said", door->tried > 0 ? door->said : NULL);
		json_string(j, "not_rehearsed", door->why_not[0] != '\0' ? door->why_not : NULL);
	} else if (door->passed != NULL) {
		printf("Rehearsed on %s/pam.d/" SERVICE ": %s gets in.\n", a->o->etc, door->passed);
	} else if (door->why_not[0] != '\0' && guard->open > 0) {
		printf("No login was rehearsed: %s\n", door->why_not);
	}
}

void door_look(struct apply *a, struct guard *guard)
{
	struct door *door = &guard->door;
	char directory[PATH_MAX], stage[PATH_MAX] = "";
	struct stacks stacks;
	int ret;

	/* One whose apply was killed may be there. */
	if (site_path(&a->site, STAGE, stage) == 0)
		stage_remove(stage);
	if (a->o->json) {
		json_object(&a->json, "door");
		json_array(&a->json, "findings");
	}
	snprintf(directory, sizeof directory, "%s/pam.d", a->o->etc);
	ret = stacks_read(&stacks, directory, SERVICE);
	door->asks = stacks_ask(&stacks);
	if (door->asks && ret != 0)
		stack_lint_unread(&stacks, ret, tell, a);
	else if (door->asks)
		door->lax = !stack_lint(&stacks, a->o->etc, a->o->break_glass, tell, a);
	if (door->asks && !sshd_is_well(a))
		door->lax = true;
	if (a->o->json)
		json_array_end(&a->json);
	if (!door->asks)
		cannot(door, directory, "sshd does not ask adperm; see `adperm wire sshd`");
	else if (ret != 0)
		cannot(door, directory, "the stack of sshd is not understood");
	else
		rehearse_all(a, guard, &stacks, stage);
	stacks_done(&stacks);
	print(a, guard);
	if (a->o->json) {
		json_bool(&a->json, "asks", door->asks);
		json_object_end(&a->json);
	}
}
