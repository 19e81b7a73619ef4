/* Edit distance with neighbours exchanged counting as one (optimal string alignment). */
#include "lang/nearest.h"

#include "base/text.h"

#define FAR 3 /* more than two mistakes is another word */

void nearest_start(struct nearest *n, struct slice wanted)
{
	n->wanted = wanted;
	/* In a word of three letters two mistakes leave nothing that could be meant. */
	n->distance = wanted.len < 4 ? 2 : FAR;
	n->best[0] = '\0';
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* ASCII only, whatever the locale. */
static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static unsigned distance(struct slice a, struct slice b)
{
	unsigned rows[3][NEAREST_MAX + 1];

	for (unsigned j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned same = lower(a.at[i - 1]) == lower(b.at[j - 1]) ? 0 : 1;

			row[j] = least(above[j - 1] + same, 1 + least(above[j], row[j - 1]));
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
				a.at[i - 2] == b.at[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}

void nearest_offer(struct nearest *n, struct slice known)
{
	size_t a = n->wanted.len, b = known.len;
	unsigned d;

	if (a > NEAREST_MAX || b > NEAREST_MAX || (a > b ? a - b : b - a) >= n->distance)
		return;
	d = distance(n->wanted, known);
	if (d >= n->distance || slice_equal(n->wanted, known))
		return;
	n->distance = d;
	memcpy(n->best, known.at, b);
	n->best[b] = '\0';
}

void nearest_offer_perms(struct nearest *n, enum scope scope, bool menus)
{
	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];

		if ((info->derived && !menus) || (scope != 0 && info->scope != scope))
			continue;
		nearest_offer(n, slice_str(info->id));
		nearest_offer(n, slice_str(info->full));
	}
}

const char *nearest_hint(struct nearest *n)
{
	struct text t = text_over(n->hint, sizeof n->hint);

	if (n->best[0] != '\0') {
		text_add(&t, " (did you mean \"");
		text_add_escaped(&t, slice_str(n->best), NEAREST_MAX);
		text_add(&t, "\"?)");
	}
	return n->hint;
}
