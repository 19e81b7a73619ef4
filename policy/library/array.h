/* Arrays that are given out: they grow while they are made, and adperm_free() frees them. */
#ifndef ADPERM_LIBRARY_ARRAY_H
#define ADPERM_LIBRARY_ARRAY_H

#include <stdlib.h>
#include <string.h>

struct array {
	void *at;
	size_t n, room; /* elements */
};

/* A new element behind the last, all zero; NULL if memory is short. */
static inline void *array_add(struct array *a, size_t size)
{
	size_t room = a->room > 0 ? 2 * a->room : 8;
	void *element;

	if (a->n == a->room) {
		void *at = reallocarray(a->at, room, size);

		if (at == NULL)
			return NULL;
		a->at = at;
		a->room = room;
	}
	element = (char *)a->at + a->n++ * size;
	memset(element, 0, size);
	return element;
}

#endif
