/* The proof that auth leaves: bound to one login, good for 120 seconds. */
#include "proof.h"

#include "tap.h"

static struct call login(void)
{
	struct call c = { .has_user = true, .has_rhost = true, .keys = 1 };

	memcpy(c.user, "bob", 4);
	memcpy(c.service, "sshd", 5);
	memcpy(c.profile, "bob@acme.example", 17);
	memcpy(c.rhost, "192.0.2.7", 10);
	memset(c.key_digest, 7, sizeof c.key_digest);
	return c;
}

static enum proof_state compare(const struct call *left, const struct call *here, int64_t age)
{
	struct proof before, now;

	proof_make(&before, left, true, 1000);
	proof_make(&now, here, true, 1000 + age);
	return proof_compare(&before, &now);
}

static void ages(void)
{
	static const struct {
		int64_t age;
		enum proof_state state;
	} rows[] = { { 0, PROOF_GOOD }, { 1, PROOF_GOOD }, { 120, PROOF_GOOD }, { 121, PROOF_OLD },
		{ 1000000, PROOF_OLD }, { -1, PROOF_OLD }, { -1000, PROOF_OLD } };
	struct call c = login();

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(compare(&c, &c, rows[i].age), rows[i].state, "t43_age of %lld seconds",
			(long long)rows[i].age);
}

static void bonds(void)
{
	const struct call left = login();
	struct call here = login();

	memcpy(here.user, "eve", 4);
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_another user");
	here = login();
	here.has_user = false;
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_no user");
	here = login();
	memcpy(here.service, "sudo", 5);
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_another service");
	here = login();
	memcpy(here.profile, "eve@acme.example", 17);
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_another profile");
	here = login();
	memcpy(here.rhost, "192.0.2.8", 10);
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_another host");
	here = login();
	here.has_rhost = false;
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_no host");
	here = login();
	here.key_digest[31]++;
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_another key");
	here = login();
	here.keys = 0;
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_no key any more");
	is_int(compare(&here, &left, 0), PROOF_GOOD, "a key that sshd tells late");
}

/* Texts that are one string when put together. */
static void borders(void)
{
	struct call left = login(), here = login();

	memcpy(left.user, "ab", 3);
	memcpy(left.service, "c", 2);
	memcpy(here.user, "a", 2);
	memcpy(here.service, "bc", 3);
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_the border between two texts counts");
	left = here = login();
	left.has_rhost = here.has_rhost = false;
	left.rhost[0] = here.rhost[0] = '\0';
	here.has_rhost = true;
	is_int(compare(&left, &here, 0), PROOF_OTHER, "t43_an empty host is another than none");
}

int main(void)
{
	ages();
	bonds();
	borders();
	return tap_done();
}
