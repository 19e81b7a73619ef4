/*
 * Handles and questions beyond the decision: which server this is, keys and certificates, offered
 * keys, what people changed, a database that is not to be trusted.
 */
#include "../decide/engines.h"
#include "tap.h"

#include "base/sshkey.h"
#include "db/people.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOW INT64_C(1795000000) /* 2026-11-18 */

static char dir[] = "/run/adperm-ask-XXXXXX";
static struct policy *policy;
static struct diags *diags;

static const char *in_dir(const char *name)
{
	static char path[4][128];
	static unsigned turn;
	char *at = path[turn++ % 4];

	snprintf(at, sizeof path[0], "%s/%s", dir, name);
	return at;
}

static void write_file(const char *path, struct slice bytes, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes.at, bytes.len) != (ssize_t)bytes.len || fchmod(fd, mode) != 0)
		abort();
	close(fd);
}

static void emit(const char *path, uint32_t server, int64_t not_after)
{
	const struct emit_options options = {
		.server = server, .generation = 418, .not_after = not_after
	};
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || policy_emit(policy, &options, fd) != 0 || fchmod(fd, 0640) != 0)
		abort();
	close(fd);
}

static enum adperm_reason open_db(const char *db, const char *server, struct adperm **handle)
{
	const struct adperm_options options = { .db = db,
		.switch_conf = in_dir("switch.conf"),
		.people = in_dir("people"),
		.server = server };

	return adperm_open(&options, handle);
}

static void which_server(void)
{
	struct adperm_question q = {
		.who = ADPERM_LOGIN, .name = "plain", .permission = "ssh_users", .time = NOW
	};
	struct adperm_answer answer;
	struct adperm *h;
	int flagged = 0;

	is_int(open_db(in_dir("slice.cdb"), NULL, &h), ADPERM_OK, "a slice opens");
	is_str(adperm_server(h), "web1.x.example", "and says which server it is");
	is_int(adperm_generation(h), 418, "and its generation");
	is_int(adperm_ask(h, &q, &answer), ADPERM_ALLOW,
		"a question without a server is about this one");
	is_str(answer.permission, "server.ssh_users", "the permission in full");
	q.server = "db1.x.example";
	adperm_ask(h, &q, &answer);
	is_int(answer.reason, ADPERM_UNKNOWN_SERVER, "a slice knows no other server");
	adperm_close(h);
	is_int(open_db(in_dir("slice.cdb"), "web2.x.example", &h), ADPERM_POLICY_WRONG_SERVER,
		"t25_another_servers_slice_is_refused");
	ok(h == NULL, "without a handle");
	is_int(open_db(in_dir("whole.cdb"), NULL, &h), ADPERM_OK, "a whole database opens");
	q.server = NULL;
	is_int(adperm_ask(h, &q, &answer), ADPERM_ERROR, "but has no answer for no server");
	is_int(answer.reason, ADPERM_POLICY_WRONG_SERVER, "and says why");
	is_int(adperm_account(h, "acme", &flagged), ADPERM_POLICY_WRONG_SERVER, "nor any account");
	adperm_close(h);
	is_int(open_db(in_dir("whole.cdb"), "web2.x.example", &h), ADPERM_OK,
		"told which server, it does");
	is_int(adperm_account(h, "blog", &flagged), ADPERM_OK, "an account of it");
	ok(flagged == 0, "on which nobody needs a second factor for SSH");
	is_int(adperm_account(h, "acme", &flagged), ADPERM_UNKNOWN_ACCOUNT,
		"and one of another server");
	adperm_close(h);
	is_int(open_db(in_dir("ended.cdb"), NULL, &h), ADPERM_OK, "a database past its time opens");
	adperm_ask(h, &q, &answer);
	is_int(answer.reason, ADPERM_POLICY_EXPIRED, "t24_and_answers_nothing");
	adperm_close(h);
	is_int(open_db(in_dir("nosuch.cdb"), NULL, &h), ADPERM_POLICY_MISSING, "no database");
	adperm_close(NULL);
}

/* The blob of a key of the policy, by its comment-less text. */
static struct slice blob_of(const char *profile)
{
	uint32_t found = policy_find(policy, NAME_PROFILE, slice_str(profile));
	const struct key *key =
		&policy->keys.at[profile_access(policy, &policy->profiles.at[found])->keys.first];

	return slice_of(policy->pool + key->blob, key->len);
}

/* An OpenSSH certificate over an ed25519 key, as far as the key (what follows is not looked at). */
static size_t make_certificate(struct slice plain, uint8_t *out)
{
	static const uint8_t head[] = "\0\0\0\040ssh-ed25519-cert-v01@openssh.com\0\0\0\003abc";
	size_t fields = 4 + 11; /* the type of the plain blob */

	memcpy(out, head, sizeof head - 1);
	memcpy(out + sizeof head - 1, plain.at + fields, plain.len - fields);
	memset(out + sizeof head - 1 + plain.len - fields, 7, 20);
	return sizeof head - 1 + plain.len - fields + 20;
}

static void keys(void)
{
	struct slice blob = blob_of("plain@x.example");
	uint8_t other[256], cert[512];
	char profile[ADPERM_EMAIL_SIZE];
	struct adperm *h;
	size_t len;

	open_db(in_dir("slice.cdb"), NULL, &h);
	is_int(adperm_person(h, ADPERM_KEY, NULL, blob.at, blob.len, profile), ADPERM_OK,
		"a key's person");
	is_str(profile, "plain@x.example", "is found");
	memcpy(other, blob.at, blob.len);
	other[blob.len - 1] ^= 1;
	is_int(adperm_person(h, ADPERM_KEY, NULL, other, blob.len, profile), ADPERM_UNKNOWN_PERSON,
		"a key that differs in its last bit is nobody's");
	is_int(adperm_person(h, ADPERM_KEY, NULL, blob.at, blob.len - 1, profile),
		ADPERM_UNKNOWN_PERSON, "a key cut short too");
	is_int(adperm_person(h, ADPERM_KEY, NULL, "", 0, profile), ADPERM_UNKNOWN_PERSON,
		"and no key at all");
	len = make_certificate(blob, cert);
	is_int(adperm_person(h, ADPERM_KEY, NULL, cert, len, profile), ADPERM_OK,
		"a certificate's person");
	is_str(profile, "plain@x.example", "is that of the key inside");
	is_int(adperm_person(h, ADPERM_KEY, NULL, cert, 60, profile), ADPERM_UNKNOWN_PERSON,
		"a certificate cut short is nobody's");
	adperm_close(h);
}

static enum adperm_reason offer(struct adperm *h, const char *user, const char *who, char line[256])
{
	struct slice blob = blob_of(who);

	return adperm_offered_key(h, user, blob.at, blob.len, NOW, line, 256);
}

static void offered(void)
{
	struct adperm *h;
	char line[256];

	open_db(in_dir("slice.cdb"), NULL, &h);
	is_int(offer(h, "plain", "plain@x.example", line), ADPERM_OK, "one's own login");
	is_str(line,
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG4i6+2a3LFd/EI2OaE/niR+QAyGcHGi5YW+WwdEwBHn",
		"prints the key");
	is_int(offer(h, "acme", "plain@x.example", line), ADPERM_OK, "an account it opens");
	is_int(offer(h, "flagged", "flagged@x.example", line), ADPERM_OK,
		"the second factor is not judged here");
	is_int(offer(h, "flagged", "plain@x.example", line), ADPERM_FOREIGN_KEY,
		"somebody else's login");
	is_str(line, "", "prints nothing");
	is_int(offer(h, "shop", "robot@x.example", line), ADPERM_NO_GRANT,
		"an account without a grant");
	is_int(offer(h, "acme", "robot@x.example", line), ADPERM_OK, "and with one");
	is_int(offer(h, "blog", "plain@x.example", line), ADPERM_UNKNOWN_PERSON,
		"another server's account");
	is_int(offer(h, "root", "plain@x.example", line), ADPERM_UNKNOWN_PERSON, "root");
	is_int(offer(h, "near", "near@x.example", line), ADPERM_OK,
		"somebody who may come from some address of a network");
	is_int(offer(h, "apart", "apart@x.example", line), ADPERM_ADDRESS,
		"t102_and_not_who_is_kept_to_networks_that_have_none_in_common");
	is_int(offer(h, NULL, "robot@x.example", line), ADPERM_OK,
		"nobody's login: whoever holds anything");
	is_int(offer(h, NULL, "near@x.example", line), ADPERM_OK, "from some address");
	is_int(offer(h, NULL, "apart@x.example", line), ADPERM_ADDRESS, "but not from none");
	is_int(adperm_offered_key(h, "plain", blob_of("plain@x.example").at, 51, NOW, line, 20),
		ADPERM_NOMEM, "a line that is too short stays empty");
	is_str(line, "", "and is");
	adperm_close(h);
}

static void people(void)
{
	struct adperm_question q = {
		.who = ADPERM_LOGIN, .name = "plain", .permission = "ssh_users", .time = NOW
	};
	const struct slice owners[] = { slice_str("other@x.example"), slice_str("own@x.example") };
	struct adperm_answer answer;
	char name[PEOPLE_NAME_SIZE], path[256], line[256], profile[ADPERM_EMAIL_SIZE];
	uint8_t digest[SHA256_SIZE], blob[51];
	struct buf file = { .at = NULL };
	struct adperm *h;

	open_db(in_dir("slice.cdb"), NULL, &h);
	is_int(adperm_ask(h, &q, &answer), ADPERM_ALLOW,
		"without a directory nobody has changed anything");
	mkdir(in_dir("people"), 0755);
	is_int(adperm_ask(h, &q, &answer), ADPERM_ALLOW, "nor in an empty one");
	sha256_of(slice_str("plain@x.example"), digest);
	people_name('p', digest, name);
	snprintf(path, sizeof path, "%s/%s", in_dir("people"), name);
	people_put_profile(&file, slice_str("plain@x.example"), owners, 1, NULL, 0, 0);
	write_file(path, buf_slice(&file), 0640);
	is_int(adperm_ask(h, &q, &answer), ADPERM_ALLOW,
		"renouncing another owner changes nothing here");
	people_put_profile(&file, slice_str("plain@x.example"), owners, 2, NULL, 0, 0);
	write_file(path, buf_slice(&file), 0640);
	adperm_ask(h, &q, &answer);
	is_int(answer.reason, ADPERM_RENOUNCED, "a renunciation counts at once, without a compile");
	ok(answer.source[0] != '\0', "and the grant that was given back is named");
	is_int(offer(h, "plain", "plain@x.example", line), ADPERM_RENOUNCED,
		"for the offered key too");
	snprintf(path, sizeof path, "%s/%s", in_dir("people"), name);
	chmod(path, 0666);
	adperm_ask(h, &q, &answer);
	is_int(answer.reason, ADPERM_PEOPLE_UNSAFE_PATH,
		"a file that others may write is an error");
	file.at[file.len - 12] ^= 1;
	write_file(path, buf_slice(&file), 0640);
	adperm_ask(h, &q, &answer);
	is_int(answer.reason, ADPERM_PEOPLE_CORRUPT, "and so is one that is damaged");
	write_file(path, slice_of(NULL, 0), 0640);
	adperm_ask(h, &q, &answer);
	is_int(answer.reason, ADPERM_PEOPLE_CORRUPT, "or empty");
	unlink(path);
	memcpy(blob, "\0\0\0\013ssh-ed25519\0\0\0\040", 19);
	memset(blob + 19, 0x77, 32);
	sha256_of(slice_of(blob, sizeof blob), digest);
	people_name('k', digest, name);
	snprintf(path, sizeof path, "%s/%s", in_dir("people"), name);
	is_int(adperm_person(h, ADPERM_KEY, NULL, blob, sizeof blob, profile),
		ADPERM_UNKNOWN_PERSON, "a key that is registered nowhere");
	people_put_key(&file, slice_str("plain@x.example"), slice_of(blob, sizeof blob));
	write_file(path, buf_slice(&file), 0640);
	is_int(adperm_person(h, ADPERM_KEY, NULL, blob, sizeof blob, profile), ADPERM_OK,
		"a registered key");
	is_str(profile, "plain@x.example", "is its profile's");
	people_put_key(&file, slice_str("stranger@x.example"), slice_of(blob, sizeof blob));
	write_file(path, buf_slice(&file), 0640);
	q.who = ADPERM_KEY;
	q.key = blob;
	q.key_len = sizeof blob;
	adperm_ask(h, &q, &answer);
	is_int(answer.reason, ADPERM_UNKNOWN_PERSON,
		"but not of a profile that the policy does not name");
	unlink(path);
	buf_done(&file);
	adperm_close(h);
}

static void unsafe_paths(void)
{
	char sub[128], db[256];
	struct adperm *h = NULL;

	snprintf(sub, sizeof sub, "%s", in_dir("sub"));
	snprintf(db, sizeof db, "%s/slice.cdb", sub);
	mkdir(sub, 0755);
	emit(db, policy_find(policy, NAME_SERVER, slice_str("web1.x.example")), WHEN_NEVER);
	is_int(open_db(db, NULL, &h), ADPERM_OK, "t26_a_trusted_path_opens");
	adperm_close(h);
	chmod(db, 0660);
	is_int(open_db(db, NULL, &h), ADPERM_POLICY_UNSAFE_PATH, "t26_group_writable");
	chmod(db, 0642);
	is_int(open_db(db, NULL, &h), ADPERM_POLICY_UNSAFE_PATH, "t26_writable_by_others");
	chmod(db, 0640);
	if (chown(db, 1000, 0) == 0)
		is_int(open_db(db, NULL, &h), ADPERM_POLICY_UNSAFE_PATH,
			"t26_owned_by_somebody_else");
	if (chown(db, 0, 0) != 0 || chmod(sub, 0775) != 0)
		abort();
	is_int(open_db(db, NULL, &h), ADPERM_POLICY_UNSAFE_PATH,
		"t26_below_a_group_writable_directory");
	chmod(sub, 0755);
	if (symlink(db, in_dir("link.cdb")) != 0 || symlink(sub, in_dir("linked")) != 0)
		abort();
	is_int(open_db(in_dir("link.cdb"), NULL, &h), ADPERM_POLICY_UNSAFE_PATH,
		"t26_a_symbolic_link");
	is_int(open_db(in_dir("linked/slice.cdb"), NULL, &h), ADPERM_POLICY_UNSAFE_PATH,
		"t26_below_a_symbolic_link");
	is_int(open_db(sub, NULL, &h), ADPERM_POLICY_UNSAFE_PATH, "t26_a_directory");
	is_int(open_db("slice.cdb", NULL, &h), ADPERM_POLICY_MISSING,
		"t26_a_relative_path_is_not_found");
}

static void switches(void)
{
	struct adperm *h;

	write_file(in_dir("switch.conf"), slice_str("policy: db\n"), 0644);
	is_int(open_db(in_dir("slice.cdb"), NULL, &h), ADPERM_OK, "policy: db");
	adperm_close(h);
	write_file(in_dir("switch.conf"), slice_str("policy: nosuch db\n"), 0644);
	is_int(open_db(in_dir("slice.cdb"), NULL, &h), ADPERM_POLICY_SOURCE_MISSING,
		"a source that is not there");
	write_file(
		in_dir("switch.conf"), slice_str("policy: nosuch [unavail=continue] db\n"), 0644);
	is_int(open_db(in_dir("slice.cdb"), NULL, &h), ADPERM_OK,
		"may be passed over if the file says so");
	adperm_close(h);
	write_file(in_dir("switch.conf"), slice_str("policies: db\n"), 0644);
	is_int(open_db(in_dir("slice.cdb"), NULL, &h), ADPERM_POLICY_SWITCH,
		"a file that is not understood");
	write_file(in_dir("switch.conf"), slice_str("policy: db\n"), 0666);
	is_int(open_db(in_dir("slice.cdb"), NULL, &h), ADPERM_POLICY_SWITCH,
		"or that anybody may write");
	unlink(in_dir("switch.conf"));
}

static void clean_up(void)
{
	pid_t child = fork();

	if (child == 0) {
		execl("/bin/rm", "rm", "-rf", dir, (char *)NULL);
		_exit(1);
	}
	waitpid(child, NULL, 0);
}

int main(void)
{
	const char *const paths[] = { "tests/unit/ask.yaml" };

	diags = diags_new();
	policy = policy_load(paths, 1, diags);
	diags_print(diags, stdout);
	if (geteuid() != 0 || mkdtemp(dir) == NULL || chmod(dir, 0755) != 0) {
		tap_skip("needs root", "trusted files");
		return tap_done();
	}
	if (!ok(policy != NULL, "the policy loads"))
		return tap_done();
	emit(in_dir("whole.cdb"), NO_INDEX, WHEN_NEVER);
	emit(in_dir("slice.cdb"), policy_find(policy, NAME_SERVER, slice_str("web1.x.example")),
		WHEN_NEVER);
	emit(in_dir("ended.cdb"), policy_find(policy, NAME_SERVER, slice_str("web1.x.example")),
		NOW);
	which_server();
	keys();
	offered();
	people();
	unsafe_paths();
	switches();
	clean_up();
	policy_free(policy);
	diags_free(diags);
	return tap_done();
}
