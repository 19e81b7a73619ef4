/* Diagnostics of a policy, for people or for programs; see cli.h. */
#include "cli/cli.h"

#include "base/diag.h"
#include "cli/json.h"

static void put_place(struct json *j, const struct diags *d, struct mark at)
{
	json_string(j, "file", diags_file_name(d, at.file));
	json_number(j, "line", at.line);
	json_number(j, "column", at.col);
}

static void put_one(struct json *j, const struct diags *d, const struct diag_view *m)
{
	char code[16];

	snprintf(code, sizeof code, "AP%03d", (int)m->id);
	put_place(j, d, m->at);
	json_string(j, "severity", severity_name(m->severity));
	json_string(j, "code", code);
	json_string(j, "message", m->words);
}

static void put_note(struct json *j, const struct diags *d, const struct diag_view *m)
{
	json_object(j, NULL);
	put_place(j, d, m->at);
	json_string(j, "message", m->words);
	json_object_end(j);
}

static void put_all(struct diags *d)
{
	struct json j = json_to(stdout);
	size_t n = diags_sort(d);

	json_array(&j, NULL);
	for (size_t i = 0; i < n;) {
		struct diag_view m = diags_at(d, i++);

		json_object(&j, NULL);
		put_one(&j, d, &m);
		json_array(&j, "notes");
		for (; i < n && (m = diags_at(d, i)).id == DIAG_NONE; i++)
			put_note(&j, d, &m);
		json_array_end(&j);
		json_object_end(&j);
	}
	json_array_end(&j);
}

void report_diags(struct diags *diags, bool json)
{
	if (json)
		put_all(diags);
	else
		diags_print(diags, stderr);
}
