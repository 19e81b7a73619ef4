/* When a policy that waits to be confirmed has waited long enough, by two clocks and over a boot.
 */
#include "cli/confirm.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HERE  "11111111-1111-1111-1111-111111111111"
#define LATER "22222222-2222-2222-2222-222222222222"
#define NOON  INT64_C(1800000000)

/* Installed an hour after the boot, at noon, for ten minutes. Ticks are given in seconds. */
static const struct {
	const char *name, *boot;
	uint64_t up;
	int64_t clock;
	bool over;
} cases[] = {
	{ "at once", HERE, 3600, NOON, false },
	{ "a second before", HERE, 4199, NOON + 599, false },
	{ "the second itself", HERE, 4200, NOON + 600, true },
	{ "long after", HERE, 90000, NOON + 86400, true },
	{ "the time of day is set forward", HERE, 3700, NOON + 100000000, false },
	{ "the time of day is set back", HERE, 3700, NOON - 100000000, false },
	{ "set back, and the time is over", HERE, 4200, NOON - 100000000, true },
	{ "the time of day is that of no battery", HERE, 3700, 0, false },
	{ "a boot, a minute later", LATER, 20, NOON + 60, false },
	{ "a boot, and by the time of day it is over", LATER, 20, NOON + 600, true },
	{ "a boot, and the time of day went back", LATER, 20, NOON - 1, true },
	{ "a boot without a battery", LATER, 20, 0, true },
	{ "a boot that is as old as it may be", LATER, 599, NOON + 599, false },
	{ "a boot that is older", LATER, 600, NOON + 1, true },
};

static struct moment moment_of(const char *boot, uint64_t up, int64_t clock)
{
	struct moment m = { .ticks = up * (uint64_t)sysconf(_SC_CLK_TCK), .clock = clock };

	snprintf(m.boot, sizeof m.boot, "%s", boot);
	return m;
}

static void test_deadline(void)
{
	const struct term term = { .since = moment_of(HERE, 3600, NOON), .seconds = 600 };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct moment now = moment_of(cases[i].boot, cases[i].up, cases[i].clock);

		ok(term_is_over(&term, &now) == cases[i].over, "t111: %s", cases[i].name);
	}
}

/* What is written is what is read; what could be written otherwise is no record. */
static void test_record(void)
{
	char directory[] = "/tmp/adperm-confirm.XXXXXX", path[PATH_MAX];
	struct pending pending = { .generation = UINT64_C(18446744073709551615),
		.term = { moment_of(HERE, 3600, NOON), 86400 } },
		       again;
	static const char *const wrong[] = { "", "adperm-confirm 2\n", "adperm-confirm 1\n",
		"adperm-confirm 1\ngeneration 7\nbefore nothing\nseconds 600\nboot " HERE
		"\nticks 1\nclock 2",
		"adperm-confirm 1\ngeneration 7\nbefore nothing\nseconds 600\nboot " HERE
		"\nticks 1\nclock 2\n\n",
		"adperm-confirm 1\ngeneration 07\nbefore nothing\nseconds 600\nboot " HERE
		"\nticks 1\nclock 2\n",
		"adperm-confirm 1\ngeneration 7\nbefore 00\nseconds 600\nboot " HERE
		"\nticks 1\nclock 2\n" };
	struct site site;

	if (mkdtemp(directory) == NULL)
		exit(2);
	snprintf(path, sizeof path, "%s/policy.cdb", directory);
	ok(site_at(&site, path, NULL) == 0, "a site");
	ok(pending_read(&site, &again) == -ENOENT, "nothing waits at first");
	for (size_t i = 0; i < sizeof pending.before; i++)
		pending.before[i] = (uint8_t)(i * 37);
	ok(pending_write(&site, &pending) == 0 && pending_read(&site, &again) == 0 &&
			memcmp(&pending, &again, sizeof again) == 0,
		"what has a policy before it");
	pending = (struct pending){
		.generation = 1, .term = { moment_of(LATER, 1, -5), 60 }, .is_first = true
	};
	ok(pending_write(&site, &pending) == 0 && pending_read(&site, &again) == 0 &&
			memcmp(&pending, &again, sizeof again) == 0,
		"the first one");
	site_path(&site, "policy.confirm", path);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ok(file_write(path, 0644, slice_str(wrong[i])) == 0 &&
				pending_read(&site, &again) == -EBADMSG,
			"no record: %zu", i);
	ok(pending_remove(&site) == 0 && pending_remove(&site) == 0, "taken away, also twice");
	ok(pending_read(&site, &again) == -ENOENT, "nothing waits any more");
	rmdir(directory);
}

static void test_moment(void)
{
	struct moment first, second;

	ok(moment_now(&first) == 0 && moment_now(&second) == 0, "now");
	is_str(first.boot, second.boot, "in this boot");
	ok(strlen(first.boot) == BOOT_SIZE - 1, "which has a name");
	ok(first.ticks <= second.ticks && first.clock <= second.clock, "goes forward");
}

int main(void)
{
	test_deadline();
	test_record();
	test_moment();
	return tap_done();
}
