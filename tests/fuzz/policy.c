/*
 * The YAML front end. What it takes must come out the same by every way: compiled, read back,
 * printed and loaded again. What it does not take has an error to show.
 */
#include "../decide/rows.h"
#include "fuzz.h"
#include "lang/lint.h"

#define NOW INT64_C(1780000000)

static void same_text(const struct policy *p, const char *text)
{
	char *again;

	must(p != NULL);
	again = rows_text(p);
	must(strcmp(text, again) == 0);
	free(again);
}

static void round_trip(const struct policy *p)
{
	struct diags *diags = diags_new();
	char *text = rows_text(p);
	const char *database = fuzz_path("policy.cdb");
	struct policy *again;

	must(rows_emit(p, NO_INDEX, database));
	must(policy_db_check(database, TRUST_CALLER) == DB_FOUND);
	again = rows_read(database, diags);
	same_text(again, text);
	policy_free(again);
	again = rows_load(text, fuzz_path("printed.yaml"), diags);
	same_text(again, text);
	policy_free(again);
	free(text);
	diags_free(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file("policy.yaml", data, size);
	struct diags *diags = diags_new();
	struct policy *p = policy_load(&path, 1, diags);

	must((p == NULL) == (diags_errors(diags) > 0));
	if (p != NULL) {
		round_trip(p);
		must(policy_lint(p, NOW, diags));
	}
	fuzz_print(diags);
	policy_free(p);
	diags_free(diags);
	return 0;
}
