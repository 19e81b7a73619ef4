/*
 * menu-held: which menus whoever runs it through sudo holds here. sudo lets everybody run it, as a
 * user who may read the policy and nothing else, and it takes no argument: it tells people about
 * themselves alone. What it prints is shown and decides nothing.
 */
#include "held.h"

#include "db/reader.h"
#include "db/written.h"

#include <err.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { FAILED = 2 };

/* sudo sets the variable, whatever its caller had in it. */
static const char *caller(void)
{
	const char *text = getenv("SUDO_UID");
	const struct passwd *entry;
	char *end;
	unsigned long uid;

	if (text == NULL || text[0] == '\0')
		errx(FAILED, "this is run by adperm-menu(1), through sudo");
	errno = 0;
	uid = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || (uid_t)uid != uid)
		errx(FAILED, "SUDO_UID is no number");
	entry = getpwuid((uid_t)uid);
	if (entry == NULL)
		errx(FAILED, "there is no user %lu", uid);
	return entry->pw_name;
}

static void print_menus(struct adperm *policy, const char *login)
{
	for (size_t i = 0; i < perm_rows; i++) {
		struct adperm_question q = {
			.who = ADPERM_LOGIN,
			.name = login,
			.permission = perm_table[i].full,
			.time = time(NULL),
		};
		struct adperm_answer a;

		if (!perm_is_menu(perm_table[i].perm))
			continue;
		switch (adperm_ask(policy, &q, &a)) {
		case ADPERM_ALLOW: printf("allow %s\n", perm_table[i].full); break;
		case ADPERM_ALLOW_2FA: printf("allow_2fa %s\n", perm_table[i].full); break;
		case ADPERM_DENY:
		case ADPERM_ERROR: break;
		}
	}
}

/* What the policy calls them. The address will do where it calls them nothing, or at length. */
static void print_name(const char *person)
{
	uint8_t key[RECORD_KEY_MAX];
	struct written_before before = { .there = 0 };
	struct written_profile profile;
	struct db_value value;
	struct db db;

	if (db_open(&db, ADPERM_DB, TRUST_ROOT) != DB_FOUND)
		return;
	if (db_find(&db, record_key(key, RECORD_WRITTEN_PROFILE, slice_str(person)), &value) ==
		DB_FOUND) {
		struct cursor c = cursor_of(value.payload);

		written_take(&c, &before, WRITTEN_PROFILE, &profile);
		if (!c.short_of && profile.name.len > 0 && profile.name.len < NAME_SIZE)
			printf("name %.*s\n", (int)profile.name.len, (const char *)profile.name.at);
	}
	db_value_done(&value);
	db_close(&db);
}

int main(void)
{
	char person[ADPERM_EMAIL_SIZE];
	const char *login = caller();
	enum adperm_reason why;
	struct adperm *policy;

	why = adperm_open(NULL, &policy);
	if (why != ADPERM_OK)
		errx(FAILED, "the policy: %s (%s)", adperm_reason_text(why),
			adperm_reason_word(why));
	printf("server %s\n", adperm_server(policy));
	if (adperm_person(policy, ADPERM_LOGIN, login, NULL, 0, person) == ADPERM_OK) {
		printf("person %s\n", person);
		print_name(person);
		print_menus(policy, login);
	}
	adperm_close(policy);
	return fflush(stdout) == 0 ? 0 : FAILED;
}
