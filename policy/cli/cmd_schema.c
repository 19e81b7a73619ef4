/*
 * adperm schema: the JSON Schema (draft 2020-12) of a policy, made from the rows of the grammar and
 * the catalogue, so that editors complete and check while somebody types.
 */
#include "cli/cli.h"

#include "base/sshkey.h"
#include "base/text.h"
#include "cli/json.h"
#include "lang/schema.h"

#define HOST_LABEL  "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
#define LABEL       "[a-z][a-z0-9_-]{0,31}"
#define MAIL_WORD   "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
#define MAIL_LABEL  "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#define EMAIL       MAIL_WORD "(\\." MAIL_WORD ")*@" MAIL_LABEL "(\\." MAIL_LABEL ")*"
#define OCTET       "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
#define IPV4        OCTET "(\\." OCTET "){3}(/(3[0-2]|[12]?[0-9]))?"
#define IPV6        "[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?"
#define YEAR        "(19[7-9][0-9]|[2-9][0-9]{3})"
#define DATE        YEAR "-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
#define CLOCK       "([01][0-9]|2[0-3])(:[0-5][0-9]){2}"
#define MINUTES     "([1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)m"
#define HOURS       "([1-9]|1[0-9]|2[0-4])h"
#define KEY_DATA    "[ \\t]+[A-Za-z0-9+/]+={0,2}([ \\t\\n][\\s\\S]*)?$" /* behind its type */
#define DEFINITIONS "#/$defs/"
#define PATTERN_MAX 512

/* What an editor takes some plain words for that are texts here: an account called true. */
#define ALSO_BOOLEAN 1u
#define ALSO_NUMBER  2u

/* Scalars, by enum type. What a pattern cannot say is left to `adperm lint`. */
static const struct scalar {
	const char *name;    /* NULL: a mapping, or permissions */
	const char *pattern; /* of a text; NULL: it is no text */
	unsigned longest;    /* 0: as the pattern says */
	unsigned also;       /* ALSO_... */
} scalars[] = {
	[TYPE_VERSION] = { .name = "version" },
	[TYPE_BOOL] = { .name = "boolean" },
	[TYPE_LINE] = { "line", "^[^\\n]+$", SCALAR_MAX, ALSO_BOOLEAN | ALSO_NUMBER },
	[TYPE_EMAIL] = { "email", "^" EMAIL "$", EMAIL_MAX, 0 },
	[TYPE_LOGIN] = { "login", "^[a-z][a-z0-9-]{0,31}$", 0, ALSO_BOOLEAN },
	[TYPE_LABEL] = { "label", "^" LABEL "$", 0, 0 },
	[TYPE_HOST] = { "host", "^" HOST_LABEL "(\\." HOST_LABEL ")*$", HOST_MAX, 0 },
	[TYPE_ACCOUNT] = { "account", "^[a-z_][a-z0-9_-]{0,31}$", 0, ALSO_BOOLEAN },
	[TYPE_KIND] = { "kind", "^(person|machine)$", 0, 0 },
	[TYPE_KEY] = { "key", KEY_DATA, SCALAR_MAX, 0 },
	[TYPE_NET] = { "network", "^(" IPV4 "|" IPV6 ")$", 0, 0 },
	[TYPE_PERSON] = { "person", "^(group:" LABEL "|" EMAIL ")$", EMAIL_MAX, 0 },
	[TYPE_TIME] = { "time", "^" DATE "(T" CLOCK "Z)?$", 0, 0 },
	[TYPE_DURATION] = { "duration", "^(" MINUTES "|" HOURS ")$", 0, 0 },
};

#define SCALARS (sizeof scalars / sizeof scalars[0])

static const char *permissions_name(enum scope scope)
{
	switch (scope) {
	case SCOPE_OVERALL: return "overall_permission";
	case SCOPE_ACCOUNT: return "account_permission";
	case SCOPE_SERVER: return "server_permission";
	}
	return "permission";
}

/* "^(ssh-ed25519|...)" and what follows a type of key. */
static void put_key_pattern(struct json *j)
{
	char room[PATTERN_MAX];
	struct text pattern = text_over(room, sizeof room);
	const char *name;

	for (size_t i = 0; (name = sshkey_type_name(i)) != NULL; i++) {
		text_add(&pattern, i == 0 ? "^(" : "|");
		for (; *name != '\0'; name++) {
			text_add(&pattern, *name == '.' ? "\\" : "");
			text_add_slice(&pattern, slice_of(name, 1));
		}
	}
	text_add(&pattern, ")" KEY_DATA);
	json_string(j, "pattern", room);
}

static void put_type(struct json *j, const struct scalar *scalar)
{
	if (scalar->pattern == NULL || scalar->also == 0) {
		json_string(j, "type", scalar->pattern != NULL ? "string" : "boolean");
		return;
	}
	json_array(j, "type");
	json_string(j, NULL, "string");
	if ((scalar->also & ALSO_BOOLEAN) != 0)
		json_string(j, NULL, "boolean");
	if ((scalar->also & ALSO_NUMBER) != 0)
		json_string(j, NULL, "number");
	json_array_end(j);
}

static void put_definition(struct json *j, const struct scalar *scalar, enum type type)
{
	json_object(j, scalar->name);
	json_string(j, "description", type_words[type].one);
	if (type == TYPE_VERSION)
		json_number(j, "const", 1);
	else
		put_type(j, scalar);
	if (type == TYPE_KEY)
		put_key_pattern(j);
	else if (scalar->pattern != NULL)
		json_string(j, "pattern", scalar->pattern);
	if (scalar->longest > 0)
		json_number(j, "maxLength", scalar->longest);
	json_object_end(j);
}

static void put_choice(struct json *j, const char *key, const char *value, const char *meaning)
{
	json_object(j, NULL);
	json_string(j, key, value);
	json_string(j, "description", meaning);
	json_object_end(j);
}

/* What may stand in a list of that scope; 0: in a role. */
static void put_permissions(struct json *j, enum scope scope)
{
	json_object(j, permissions_name(scope));
	json_string(j, "description", type_words[TYPE_PERM].one);
	json_string(j, "type", "string");
	json_array(j, "anyOf");
	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];

		if (info->derived || (scope != 0 && info->scope != scope))
			continue;
		put_choice(j, "const", info->id, perm_meaning(info->perm));
		put_choice(j, "const", info->full, perm_meaning(info->perm));
	}
	if (scope != 0)
		put_choice(j, "pattern", "^role:" LABEL "$", "all permissions of a role");
	json_array_end(j);
	json_object_end(j);
}

static void put_definitions(struct json *j)
{
	json_object(j, "$defs");
	for (enum type type = TYPE_VERSION; type < SCALARS; type++)
		if (scalars[type].name != NULL)
			put_definition(j, &scalars[type], type);
	put_permissions(j, 0);
	for (enum scope scope = SCOPE_OVERALL; scope <= SCOPE_SERVER; scope++)
		put_permissions(j, scope);
	json_object_end(j);
}

static void put_value(struct json *j, const char *name, const struct field *f);

static void put_reference(struct json *j, const struct field *f)
{
	char to[64];

	snprintf(to, sizeof to, DEFINITIONS "%s",
		f->type == TYPE_PERM ? permissions_name(f->scope) : scalars[f->type].name);
	json_string(j, "$ref", to);
}

/* The members of a list of scalars or of mappings. */
static void put_list(struct json *j, const struct field *f)
{
	json_string(j, "type", "array");
	if ((f->flags & FIELD_EMPTY) == 0)
		json_number(j, "minItems", 1);
	if (f->shape == SHAPE_ENTRIES) {
		put_value(j, "items", f->inner);
		return;
	}
	json_object(j, "items");
	put_reference(j, f);
	json_object_end(j);
}

static void put_named(struct json *j, const struct field *f)
{
	json_string(j, "type", "object");
	if ((f->flags & FIELD_EMPTY) == 0)
		json_number(j, "minProperties", 1);
	json_object(j, "propertyNames");
	put_reference(j, f);
	json_object_end(j);
	put_value(j, "additionalProperties", f->inner);
}

/* The names of the keys that have one of these flags; nothing if none has. */
static void put_required(struct json *j, const struct field *keys, unsigned flags)
{
	bool any = false;

	for (const struct field *f = keys; f->key != NULL; f++) {
		if ((f->flags & flags) == 0)
			continue;
		if (!any)
			json_array(j, "required");
		json_string(j, NULL, f->key);
		any = true;
	}
	if (any)
		json_array_end(j);
}

/* At least one of those that are marked so; nothing if none is. */
static void put_some(struct json *j, const struct field *keys)
{
	bool any = false;

	for (const struct field *f = keys; f->key != NULL; f++) {
		const struct field one[] = { *f, { .key = NULL } };

		if ((f->flags & FIELD_SOME) == 0)
			continue;
		if (!any)
			json_array(j, "anyOf");
		json_object(j, NULL);
		put_required(j, one, FIELD_SOME);
		json_object_end(j);
		any = true;
	}
	if (any)
		json_array_end(j);
}

/* Keys that have no meaning unless another is true. */
static void put_with(struct json *j, const struct field *keys)
{
	bool any = false;

	for (const struct field *f = keys; f->key != NULL; f++) {
		const struct field with[] = { { .key = f->with, .flags = FIELD_REQUIRED },
			{ .key = NULL } };

		if (f->with == NULL)
			continue;
		if (!any)
			json_object(j, "dependentSchemas");
		json_object(j, f->key);
		json_object(j, "properties");
		json_object(j, f->with);
		json_bool(j, "const", true);
		json_object_end(j);
		json_object_end(j);
		put_required(j, with, FIELD_REQUIRED);
		json_object_end(j);
		any = true;
	}
	if (any)
		json_object_end(j);
}

static void put_keys(struct json *j, const struct field *keys)
{
	json_string(j, "type", "object");
	json_bool(j, "additionalProperties", false);
	json_object(j, "properties");
	for (const struct field *f = keys; f->key != NULL; f++)
		put_value(j, f->key, f);
	json_object_end(j);
	put_required(j, keys, FIELD_REQUIRED | FIELD_FIRST);
	put_some(j, keys);
	put_with(j, keys);
}

static void put_shape(struct json *j, const struct field *f)
{
	switch (f->shape) {
	case SHAPE_SCALAR: put_reference(j, f); break;
	case SHAPE_ONE_OR_LIST:
		json_array(j, "anyOf");
		json_object(j, NULL);
		put_reference(j, f);
		json_object_end(j);
		json_object(j, NULL);
		put_list(j, f);
		json_object_end(j);
		json_array_end(j);
		break;
	case SHAPE_LIST:
	case SHAPE_ENTRIES: put_list(j, f); break;
	case SHAPE_KEYS: put_keys(j, f->keys); break;
	case SHAPE_NAMED: put_named(j, f); break;
	}
}

static void put_value(struct json *j, const char *name, const struct field *f)
{
	json_object(j, name);
	if (f->help != NULL)
		json_string(j, "description", f->help);
	put_shape(j, f);
	json_object_end(j);
}

static int run(int argc, char **argv)
{
	struct json j = json_to(stdout);
	int first, code;

	if (!arguments_parse(&cmd_schema, NULL, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain(
			"schema: \"%s\" is not an option, and it takes no arguments", argv[first]);
	j.lines = true;
	json_object(&j, NULL);
	json_string(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_string(&j, "title", "adperm policy");
	json_string(&j, "description", "Who may use which permission; see adperm.policy(5)");
	put_shape(&j, &schema_root);
	put_definitions(&j);
	json_object_end(&j);
	return EXIT_OK;
}

const struct command cmd_schema = {
	.name = "schema",
	.synopsis = "",
	.summary = "Print the JSON Schema of a policy, for editors",
	.run = run,
};
