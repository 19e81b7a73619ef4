/* What the options of a report name: a server, an account, a person, a time; found, or complained
 * of.
 */
#ifndef ADPERM_CLI_PLACE_H
#define ADPERM_CLI_PLACE_H

#include "base/sshkey.h"
#include "lang/policy.h"

struct place_found {
	uint32_t server;
	uint32_t account; /* NO_INDEX: none was named */
};

/*
 * The server of that name; without a name the account's, or the only one there is. False: the
 * complaint is printed, as by `command`.
 */
bool place_find(const char *command, const struct policy *p, const char *server,
	const char *account, struct place_found *out);

/* The profile, or owner, of that e-mail address in any case; NO_INDEX with the complaint printed.
 */
uint32_t place_profile(const char *command, const struct policy *p, const char *email);
uint32_t place_owner(const char *command, const struct policy *p, const char *email);

/* The time that --at names, or now. False: the complaint is printed. */
bool place_time(const char *command, const char *at, int64_t *when);

/* What people changed, below a directory; NULL: nobody has. */
struct place_people {
	const char *directory;
	bool bad;      /* something could not be read, which was complained of */
	uint32_t last; /* the profile that was complained of last */
};

/*
 * Has the profile given back what this owner has granted? What cannot be read counts as given back.
 */
bool place_renounced(
	struct place_people *people, const struct policy *p, uint32_t profile, uint32_t owner);

/*
 * The next key, from *number on, that the profile has registered and that counts: the policy gives
 * it to nobody. False behind the last.
 */
struct registered {
	uint8_t blob[SSHKEY_MAX], digest[SHA256_SIZE];
	size_t len;
};
bool place_registered(struct place_people *people, const struct policy *p, uint32_t profile,
	uint32_t *number, struct registered *out);

#endif
