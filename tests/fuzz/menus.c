/* The other two YAML languages: menus.d, and tests of a policy. The first byte says which. */
#include "menus.h"
#include "argument.h"
#include "fuzz.h"
#include "lang/tests.h"

#define NOW INT64_C(1780000000)

static const char *const given[] = { "", "-x", "1", "365", "192.0.2.0/24", "web1.acme.example",
	"acme", "/etc/passwd", "a b", "a\nb", "../..", "%s%n", "{NAME}" };

static void read_menus(const char *path, struct diags *diags)
{
	struct menus *menus = menus_load(&path, 1, TRUST_CALLER, diags);

	must((menus == NULL) == (diags_errors(diags) > 0));
	if (menus == NULL)
		return;
	for (uint32_t m = 0; m < menus->all.n; m++) {
		const struct menu *menu = &menus->all.at[m];

		must(menus_find(menus, menu_text(menus, menu->name)) == menu);
		for (uint32_t i = 0; i < menu->arguments.n; i++)
			for (size_t g = 0; g < sizeof given / sizeof given[0]; g++) {
				bool good = argument_good(
					menus, menu_argument_at(menus, menu, i), given[g]);

				must(!good || (given[g][0] != '\0' && given[g][0] != '-' &&
						      strpbrk(given[g], " \n") == NULL));
			}
	}
	menus_free(menus);
}

static void read_tests(const char *path, struct diags *diags)
{
	struct tests *tests = tests_load(&path, 1, diags);

	must((tests == NULL) == (diags_errors(diags) > 0));
	for (uint32_t i = 0; tests != NULL && i < tests->all.n; i++)
		must(test_question(tests, &tests->all.at[i], NOW).permission != NULL);
	tests_free(tests);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diags *diags;
	const char *path;

	if (size == 0)
		return 0;
	diags = diags_new();
	path = fuzz_file("file.yaml", data + 1, size - 1);
	if (data[0] == 'm')
		read_menus(path, diags);
	else
		read_tests(path, diags);
	fuzz_print(diags);
	diags_free(diags);
	return 0;
}
