/*
 * Second factors as other programs keep them. Nothing that cannot be a secret comes through, and no
 * message has any of the file's secrets in it.
 */
#include "cli/foreign.h"
#include "fuzz.h"

static void judge(const struct foreign *one)
{
	must(one->secret_len > 0 && one->secret_len <= sizeof one->secret);
	must(one->digits == 6 || one->digits == 8);
	must(one->period == 30 || one->period == 60);
	must(one->spent >= 0);
	must(memchr(one->user, '\0', sizeof one->user) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct foreigners all = { .at = NULL };
	foreign_reader *read = size > 0 && data[0] == 'g' ? google_read : oath_read;
	struct diags *diags;

	if (size == 0)
		return 0;
	diags = diags_new();
	if (read(slice_of(data + 1, size - 1), diags_file(diags, "file"), diags, &all)) {
		must(all.n <= all.room || all.room == 0);
		for (uint32_t i = 0; i < all.n; i++)
			judge(&all.at[i]);
	} else {
		must(diags_errors(diags) > 0);
	}
	fuzz_print(diags);
	foreigners_done(&all);
	diags_free(diags);
	return 0;
}
