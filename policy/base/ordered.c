/* A ring of slots between threads that make steps and the one that takes them; see ordered.h. */
#include "base/ordered.h"

#include <stdbool.h>

struct ring {
	const struct ordered *o;
	pthread_mutex_t lock;
	pthread_cond_t made_next; /* the step that is to be taken */
	pthread_cond_t took_one;  /* so that there is room */
	unsigned slots;
	uint32_t next, taken; /* step to be made; steps taken */
	unsigned threads;     /* that have begun */
	bool stop;
	struct made {
		bool done;
		int ret;
	} made[ORDERED_SLOTS];
};

static void *make_steps(void *data)
{
	struct ring *ring = data;
	unsigned thread;

	pthread_mutex_lock(&ring->lock);
	thread = ring->threads++;
	while (!ring->stop && ring->next < ring->o->steps) {
		uint32_t step = ring->next;
		struct made made = { .done = true };

		if (step - ring->taken >= ring->slots) {
			pthread_cond_wait(&ring->took_one, &ring->lock);
			continue;
		}
		ring->next++;
		pthread_mutex_unlock(&ring->lock);
		made.ret = ring->o->make(ring->o->data, step, step % ring->slots, thread);
		pthread_mutex_lock(&ring->lock);
		ring->made[step % ring->slots] = made;
		if (step == ring->taken)
			pthread_cond_signal(&ring->made_next);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

static int take_steps(struct ring *ring)
{
	int ret = 0;

	for (uint32_t step = 0; ret == 0 && step < ring->o->steps; step++) {
		struct made *made = &ring->made[step % ring->slots];

		pthread_mutex_lock(&ring->lock);
		while (!made->done)
			pthread_cond_wait(&ring->made_next, &ring->lock);
		ret = made->ret;
		pthread_mutex_unlock(&ring->lock);
		if (ret == 0)
			ret = ring->o->take(ring->o->data, step, step % ring->slots);
		pthread_mutex_lock(&ring->lock);
		made->done = false;
		ring->taken++;
		pthread_cond_signal(&ring->took_one);
		pthread_mutex_unlock(&ring->lock);
	}
	return ret;
}

static int run_alone(const struct ordered *o)
{
	int ret = 0;

	for (uint32_t step = 0; ret == 0 && step < o->steps; step++) {
		ret = o->make(o->data, step, 0, 0);
		if (ret == 0)
			ret = o->take(o->data, step, 0);
	}
	return ret;
}

int ordered_run(const struct ordered *o)
{
	struct ring ring = {
		.o = o,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.made_next = PTHREAD_COND_INITIALIZER,
		.took_one = PTHREAD_COND_INITIALIZER,
		.slots = 2 * o->threads + 2,
	};
	pthread_t threads[THREADS_MAX];
	unsigned n = threads_start(
		threads, o->steps < o->threads ? o->steps : o->threads, make_steps, &ring);
	int ret;

	if (n == 0)
		return run_alone(o);
	ret = take_steps(&ring);
	pthread_mutex_lock(&ring.lock);
	ring.stop = true;
	pthread_cond_broadcast(&ring.took_one);
	pthread_mutex_unlock(&ring.lock);
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&ring.made_next);
	pthread_cond_destroy(&ring.took_one);
	pthread_mutex_destroy(&ring.lock);
	return ret;
}
