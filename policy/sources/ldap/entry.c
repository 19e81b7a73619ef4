/* Values out of an entry; see entry.h. */
#include "sources/ldap/entry.h"

#include "model/names.h"
#include "sources/ldap/schema.h"

struct values entry_values(struct connection *c, LDAPMessage *entry, const char *attribute)
{
	struct berval **at = ldap_get_values_len(c->ld, entry, attribute);

	return (struct values){ at, at != NULL ? (size_t)ldap_count_values_len(at) : 0 };
}

void entry_values_done(struct values *v)
{
	if (v->at != NULL)
		ldap_value_free_len(v->at);
	*v = (struct values){ NULL, 0 };
}

bool entry_has(struct connection *c, LDAPMessage *entry, const char *attribute, struct slice text)
{
	struct values v = entry_values(c, entry, attribute);
	bool found = false;

	for (size_t i = 0; i < v.n; i++)
		found |= slice_equal(value_at(&v, i), text);
	entry_values_done(&v);
	return found;
}

bool value_is_email(struct slice value, const char *email)
{
	char lower[ADPERM_EMAIL_SIZE];

	return name_lower(value, lower, sizeof lower) && strcmp(lower, email) == 0;
}

bool entry_has_email(
	struct connection *c, LDAPMessage *entry, const char *attribute, const char *email)
{
	struct values v = entry_values(c, entry, attribute);
	bool found = false;

	for (size_t i = 0; i < v.n; i++)
		found |= value_is_email(value_at(&v, i), email);
	entry_values_done(&v);
	return found;
}

bool entry_wrong(struct connection *c, LDAPMessage *entry, const char *attribute, const char *what)
{
	char *dn = ldap_get_dn(c->ld, entry);

	text_add(&c->trouble, dn != NULL ? dn : "an entry");
	text_add(&c->trouble, ": ");
	text_add(&c->trouble, attribute);
	text_add(&c->trouble, " ");
	text_add(&c->trouble, what);
	ldap_memfree(dn);
	return false;
}

bool entry_text(struct connection *c, LDAPMessage *entry, const char *attribute, bool needed,
	char *out, size_t room)
{
	struct values v = entry_values(c, entry, attribute);
	struct text t = text_over(out, room);
	const char *wrong = NULL;

	if (v.n > 1 || (needed && v.n == 0))
		wrong = v.n > 1 ? "has several values" : "is not there";
	if (v.n == 1) {
		text_add_slice(&t, value_at(&v, 0));
		if (t.cut || strlen(out) != t.len)
			wrong = "is too long, or no text";
	}
	entry_values_done(&v);
	return wrong == NULL || entry_wrong(c, entry, attribute, wrong);
}

bool entry_email(struct connection *c, LDAPMessage *entry, const char *attribute,
	char out[static ADPERM_EMAIL_SIZE])
{
	char text[ADPERM_EMAIL_SIZE];

	return entry_text(c, entry, attribute, true, text, sizeof text) &&
	       (name_lower(slice_str(text), out, ADPERM_EMAIL_SIZE) ||
		       entry_wrong(c, entry, attribute, "is too long"));
}

bool entry_bool(struct connection *c, LDAPMessage *entry, const char *attribute, bool *out)
{
	char word[sizeof WORD_FALSE];

	if (!entry_text(c, entry, attribute, true, word, sizeof word))
		return false;
	*out = strcmp(word, WORD_TRUE) == 0;
	return *out || strcmp(word, WORD_FALSE) == 0 ||
	       entry_wrong(c, entry, attribute, "is neither TRUE nor FALSE");
}

/* "acme.yaml:31" into its two parts. */
static bool split_place(char *text, uint32_t *line)
{
	char *colon = strrchr(text, ':');
	uint64_t number = 0;

	if (colon == NULL || colon == text || colon[1] == '\0')
		return false;
	for (const char *at = colon + 1; *at != '\0' && number <= UINT32_MAX; at++) {
		if (*at < '0' || *at > '9')
			return false;
		number = number * 10 + (uint64_t)(*at - '0');
	}
	*colon = '\0';
	*line = (uint32_t)number;
	return number <= UINT32_MAX;
}

bool entry_place(struct connection *c, LDAPMessage *entry, const char *attribute,
	char file[static ENTRY_FILE_SIZE], uint32_t *line)
{
	struct text t = text_over(file, ENTRY_FILE_SIZE);
	char text[ENTRY_FILE_SIZE + 11], *dn;

	*line = 0;
	if (!entry_text(c, entry, attribute, false, text, sizeof text))
		return false;
	if (text[0] == '\0') {
		dn = ldap_get_dn(c->ld, entry);
		text_add_escaped(&t, slice_str(dn != NULL ? dn : "?"), ENTRY_FILE_SIZE - 1);
		ldap_memfree(dn);
		return true;
	}
	if (!split_place(text, line))
		return entry_wrong(c, entry, attribute, "is no file:line");
	text_add(&t, text);
	return !t.cut || entry_wrong(c, entry, attribute, "is too long");
}
