/* Broken on purpose: every analyzer has to notice (tests/ci/analyze). */
#include <stdio.h>
#include <stdlib.h>

int broken(unsigned n);

int broken(unsigned n)
{
	int *numbers = malloc(n * sizeof *numbers), first;

	if (numbers == NULL)
		return -1;
	free(numbers);
	first = numbers[0];
	rename("old", "new");
	return first;
}
