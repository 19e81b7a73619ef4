/*
 * test_threads [THREADS SWAPS]: threads ask on one handle while the policy is replaced under them.
 * Even generations say no, odd ones yes. Each answer must be that of its generation, and of none
 * that was replaced before the question or installed after it.
 */
#include "world.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { THREADS = 1000, SWAPS = 250 };

static struct world world;
static struct adperm *policy;
/* Generations: one that is certainly installed, and the newest that may be. */
static _Atomic uint64_t installed, installing;
static _Atomic bool over;
static _Atomic unsigned long asked, wrong, outdated, changed, threads;

static bool fits(const struct adperm_answer *a)
{
	if (a->generation % 2 == 1)
		return a->verdict == ADPERM_ALLOW && strstr(a->source, "yes.yaml:") != NULL;
	return a->verdict == ADPERM_DENY && a->reason == ADPERM_NO_GRANT && a->source[0] == '\0';
}

static void *ask(void *unused)
{
	/* So many threads that never rest would leave the one that installs no turn. */
	const struct timespec rest = { .tv_nsec = 10 * 1000 * 1000 };
	struct adperm_answer answer;
	uint64_t last = 0;

	(void)unused;
	atomic_fetch_add(&threads, 1);
	do {
		uint64_t before = atomic_load(&installed);

		world_ask(policy, &answer);
		asked++;
		wrong += !fits(&answer);
		outdated +=
			answer.generation < before || answer.generation > atomic_load(&installing);
		changed += answer.generation != last;
		last = answer.generation;
		nanosleep(&rest, NULL);
	} while (!atomic_load(&over));
	return NULL;
}

static void swap(unsigned swaps)
{
	for (uint64_t generation = 2; generation < swaps + 2; generation++) {
		unsigned long before = atomic_load(&asked);

		atomic_store(&installing, generation);
		world_install(&world, generation % 2 == 1 ? YES : NO, generation);
		atomic_store(&installed, generation);
		/* Somebody has to ask it, or nothing would be tried. */
		while (atomic_load(&asked) < before + 10)
			sched_yield();
	}
	atomic_store(&over, true);
}

static void race(unsigned total, unsigned swaps)
{
	pthread_t *thread = calloc(total, sizeof *thread);
	pthread_attr_t attributes;
	unsigned made = 0;

	if (thread == NULL)
		abort();
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 256 * 1024);
	while (made < total && pthread_create(&thread[made], &attributes, ask, NULL) == 0)
		made++;
	is_int(made, total, "there are %u threads", total);
	while (atomic_load(&threads) < made)
		sched_yield();
	swap(swaps);
	for (unsigned i = 0; i < made; i++)
		pthread_join(thread[i], NULL);
	pthread_attr_destroy(&attributes);
	free(thread);
}

static unsigned open_files(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1000; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int main(int argc, char **argv)
{
	unsigned total = argc > 2 ? (unsigned)atoi(argv[1]) : THREADS;
	unsigned swaps = argc > 2 ? (unsigned)atoi(argv[2]) : SWAPS;
	unsigned files;

	if (!world_begin(&world))
		return tap_done();
	files = open_files();
	world_install(&world, YES, 1);
	installed = installing = 1;
	if (!ok(world_open(&world, &policy) == ADPERM_OK, "the policy opens"))
		return tap_done();
	race(total, swaps);
	printf("# %lu questions; %lu times a thread saw the policy change\n", asked,
		changed - total);
	is_int(wrong, 0, "t21_each_answer_is_that_of_its_generation");
	is_int(outdated, 0, "which was installed at some time during the question");
	ok(changed - total >= swaps, "the changes were seen");
	is_int(adperm_generation(policy), swaps + 1, "the last one is there now");
	is_int(open_files(), files + 1, "and nothing else is open");
	adperm_close(policy);
	is_int(open_files(), files, "closed, nothing is");
	world_end(&world);
	return tap_done();
}
