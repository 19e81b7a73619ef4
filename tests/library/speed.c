/*
 * What a question costs on an open handle. Of many batches the quickest counts: what else this
 * machine does can only make them slower. If all of them were slow, it is asked for a while.
 */
#include "world.h"

#include <pthread.h>
#include <time.h>

enum { BATCHES = 200, BATCH = 1000, TRIES = 20, THREADS = 4, MOST = 3000 /* ns */ };

static struct adperm *policy;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Nanoseconds for a question, in the quickest batch; 0 if there was a wrong answer. */
static int64_t quickest(unsigned batches)
{
	struct adperm_answer answer;
	int64_t best = INT64_MAX;

	for (unsigned i = 0; i < batches; i++) {
		int64_t begin = now(), took;

		for (unsigned n = 0; n < BATCH; n++)
			if (world_ask(policy, &answer) != ADPERM_ALLOW)
				return 0;
		took = (now() - begin) / BATCH;
		best = took < best ? took : best;
	}
	return best;
}

static void *ask(void *result)
{
	*(int64_t *)result = quickest(BATCHES);
	return NULL;
}

int main(void)
{
	pthread_t thread[THREADS];
	int64_t alone, together[THREADS], sum = 0;
	struct world world;

	if (!world_begin(&world))
		return tap_done();
	world_install(&world, YES, 1);
	if (!ok(world_open(&world, &policy) == ADPERM_OK, "the policy opens"))
		return tap_done();
	alone = quickest(BATCHES);
	for (int i = 1; i < TRIES && alone >= MOST; i++) {
		sleep(1);
		alone = quickest(BATCHES);
	}
	ok(alone > 0 && alone < MOST, "a question costs %lld ns, less than %d", (long long)alone,
		MOST);
	for (unsigned i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, ask, &together[i]) != 0)
			abort();
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		sum += together[i] / THREADS;
	}
	printf("# with %d threads on one handle: %lld ns\n", THREADS, (long long)sum);
	adperm_close(policy);
	world_end(&world);
	return tap_done();
}
