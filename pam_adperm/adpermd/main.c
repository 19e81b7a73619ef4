/*
 * adpermd: the second factor. This file says in which order things happen: everything that needs
 * root or the file system first, then root is given up, then everything else but the state, then
 * the state is opened, then requests are read.
 */
#include "adpermd/confine.h"
#include "adpermd/listen.h"
#include "adpermd/lockdown.h"
#include "adpermd/log.h"
#include "adpermd/notify.h"
#include "adpermd/prepare.h"
#include "adpermd/server.h"
#include "base/conf.h"
#include <errno.h>
#include <getopt.h>
#include <liboath/oath.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_BAD_USAGE = 2 };

struct options {
	const char *socket, *state, *key, *config, *user;
	bool foreground, init, accept_state;
};

static const char usage[] =
	"usage: adpermd [--foreground] [--socket PATH] [--state DIR] [--key FILE] [--config FILE]\n"
	"               [--user NAME]\n"
	"       adpermd --init [--state DIR] [--key FILE] [--user NAME]\n"
	"       adpermd --accept-state [--state DIR]\n"
	"       adpermd --help | --version\n"
	"\n"
	"Keeps the secrets of the second factor and judges codes. systemd hands it its socket; "
	"where\n"
	"there is no systemd, root starts it with --foreground. See adpermd(8).\n"
	"\n"
	"  --foreground   make the socket here, give up root, stay in the foreground\n"
	"  --init         make the state directory and the key, if they are missing, and end\n"
	"  --accept-state take a state that was put back from a copy as it is, at the next start\n"
	"  --socket PATH  listen there (" PROTO_SOCKET ")\n"
	"  --state DIR    keep the state there (/var/lib/adperm/state)\n"
	"  --key FILE     the key that seals the secrets (" PROTO_KEY ")\n"
	"  --config FILE  who but root may ask what (/etc/adperm/adperm.conf)\n"
	"  --user NAME    work as this user (adpermd)\n";

/* Fills *o. -1: go on; else the exit status to end with. */
static int parse_options(int argc, char **argv, struct options *o)
{
	enum {
		FOREGROUND = 1,
		INIT,
		ACCEPT_STATE,
		SOCKET,
		STATE,
		KEY,
		CONFIG,
		USER,
		HELP,
		VERSION
	};
	static const struct option known[] = {
		{ "foreground", no_argument, NULL, FOREGROUND },
		{ "init", no_argument, NULL, INIT },
		{ "accept-state", no_argument, NULL, ACCEPT_STATE },
		{ "socket", required_argument, NULL, SOCKET },
		{ "state", required_argument, NULL, STATE },
		{ "key", required_argument, NULL, KEY },
		{ "config", required_argument, NULL, CONFIG },
		{ "user", required_argument, NULL, USER },
		{ "help", no_argument, NULL, HELP },
		{ "version", no_argument, NULL, VERSION },
		{ NULL, 0, NULL, 0 },
	};
	int found;

	while ((found = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (found) {
		case FOREGROUND: o->foreground = true; break;
		case INIT: o->init = true; break;
		case ACCEPT_STATE: o->accept_state = true; break;
		case SOCKET: o->socket = optarg; break;
		case STATE: o->state = optarg; break;
		case KEY: o->key = optarg; break;
		case CONFIG: o->config = optarg; break;
		case USER: o->user = optarg; break;
		case HELP: fputs(usage, stdout); return EXIT_GOOD;
		case VERSION: puts("adpermd " ADPERM_VERSION); return EXIT_GOOD;
		default: fputs(usage, stderr); return EXIT_BAD_USAGE;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return EXIT_BAD_USAGE;
	}
	return -1;
}

/* A name that is a number is that uid, so that a list can be written before its user exists. */
static bool find_uid(const char *name, uid_t *uid)
{
	const struct passwd *user;
	char *end;
	unsigned long long number;

	if (name[0] >= '0' && name[0] <= '9') {
		errno = 0;
		number = strtoull(name, &end, 10);
		*uid = (uid_t)number;
		return errno == 0 && *end == '\0' && number < UINT32_MAX;
	}
	user = getpwnam(name);
	if (user != NULL)
		*uid = user->pw_uid;
	return user != NULL;
}

static const struct passwd *own_user(const char *name)
{
	const struct passwd *user = getpwnam(name);

	if (user == NULL)
		log_line(LOG_ERR,
			"there is no user \"%s\"; make it: useradd --system --no-create-home "
			"--shell "
			"/usr/sbin/nologin %s",
			name, name);
	else if (user->pw_uid == 0 || user->pw_gid == 0) {
		log_line(LOG_ERR, "the daemon does not work as root; \"%s\" is root", name);
		user = NULL;
	}
	return user;
}

/* All that needs root: the key, the directory, the socket; then root is given up. */
static int start_as_root(const struct options *o, int *listener, struct keys *keys)
{
	const struct passwd *user = own_user(o->user);

	if (user == NULL || prepare_state(o->state, user->pw_uid, user->pw_gid) != 0 ||
		prepare_mark(o->state, user->pw_uid, user->pw_gid) != 0 ||
		prepare_key(o->key, o->state) != 0 || prepare_read_key(o->key, keys) != 0)
		return -1;
	if (*listener < 0)
		*listener = listen_make(o->socket);
	if (*listener < 0)
		return -1;
	return lockdown_become(user->pw_uid, user->pw_gid);
}

static int start_as_user(int listener, struct keys *keys)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");

	if (listener < 0) {
		log_line(LOG_ERR,
			"only root can make the socket: clients believe no other listener");
		return -1;
	}
	if (credentials == NULL) {
		log_line(LOG_ERR, "there is no key: the unit needs "
				  "LoadCredential=state.key:" PROTO_KEY);
		return -1;
	}
	return prepare_read_credential(credentials, keys);
}

static int prepare_only(const struct options *o)
{
	const struct passwd *user = own_user(o->user);

	return user == NULL || prepare_state(o->state, user->pw_uid, user->pw_gid) != 0 ||
			       prepare_mark(o->state, user->pw_uid, user->pw_gid) != 0 ||
			       prepare_key(o->key, o->state) != 0
		       ? EXIT_FAILED
		       : EXIT_GOOD;
}

/* Opens the state, and says so if it is an old copy: then it is kept as it is, and denies. */
static int open_state(const struct options *o, int mark, struct judge *judge)
{
	int err = store_open(o->state, &judge->store);

	if (err != 0) {
		log_line(LOG_ERR, "%s/" STORE_FILE ": %s", o->state,
			err == -EBUSY ? "another adpermd has it open; stop it first"
				      : store_error(judge->store));
		return -1;
	}
	err = mark >= 0 ? store_watch(judge->store, mark, time(NULL)) : 0;
	judge->stale = err != 0;
	if (err == -ESTALE || err == -EBADMSG)
		log_line(LOG_ERR,
			"%s: %s: nobody gets in with a code; if you have put back a copy: adpermd "
			"--accept-state, then start it again",
			o->state,
			err == -ESTALE ? "the state is older than it has been"
				       : "its watermark is damaged");
	else if (err != 0)
		log_line(LOG_ERR, "%s: %s", o->state, store_error(judge->store));
	return err == 0 || judge->stale ? 0 : -1;
}

/* Opens the state and serves, with no more than that takes. */
static int work(
	const struct options *o, int listener, struct seal_ring *ring, const struct peers *peers)
{
	struct judge judge = { .ring = ring, .peers = peers };
	int mark = prepare_open_mark(o->state);
	int ret = EXIT_FAILED;

	judge.secret = sodium_malloc(PROTO_SECRET_MAX);
	if (judge.secret == NULL) {
		log_line(LOG_ERR, "no memory for secrets");
		goto out;
	}
	sodium_memzero(judge.secret, PROTO_SECRET_MAX);
	if (confine_files(o->state) != 0 || confine_calls() != 0 ||
		open_state(o, mark, &judge) != 0)
		goto out;
	if (server_run(listener, &judge) == 0)
		ret = EXIT_GOOD;
out:
	sodium_free(judge.secret);
	store_close(judge.store);
	if (mark >= 0)
		close(mark);
	return ret;
}

static int fill_ring(struct keys *keys, struct seal_ring *ring)
{
	if (seal_key_init(&ring->now, keys->bytes[0]) == 0 &&
		(keys->count == 1 || seal_key_init(&ring->before, keys->bytes[1]) == 0))
		return 0;
	log_line(LOG_ERR, "no memory for the key");
	return -1;
}

/* From a clean process to the end of service, in the order that the head of this file names. */
static int run(const struct options *o, bool handed)
{
	static struct peers peers;
	struct keys keys = { .count = 0 };
	struct seal_ring ring = { .now = { .secret = NULL } };
	int listener = -1;
	int ret = EXIT_FAILED;

	if (sodium_init() < 0 || oath_init() != OATH_OK) {
		log_line(LOG_ERR, "libsodium or liboath does not start");
		return EXIT_FAILED;
	}
	if (handed && (listener = listen_take()) < 0)
		goto out;
	if (peers_read(o->config, find_uid, &peers) != 0)
		goto out;
	if ((geteuid() == 0 ? start_as_root(o, &listener, &keys)
			    : start_as_user(listener, &keys)) != 0)
		goto out;
	if (fill_ring(&keys, &ring) != 0 || lockdown_seal() != 0)
		goto out;
	ret = work(o, listener, &ring, &peers);
out:
	explicit_bzero(&keys, sizeof keys);
	seal_ring_done(&ring);
	if (listener >= 0)
		close(listener);
	return ret;
}

int main(int argc, char **argv)
{
	struct options o = {
		.socket = PROTO_SOCKET,
		.state = PROTO_STATE,
		.key = PROTO_KEY,
		.config = CONF_PATH,
		.user = "adpermd",
	};
	bool handed = listen_is_handed();
	int ret = argc < 1 ? EXIT_BAD_USAGE : parse_options(argc, argv, &o);

	if (ret >= 0)
		return ret;
	log_for_supervisor(handed);
	if (lockdown_inheritance(handed ? LISTEN_HANDED_FD : STDERR_FILENO) != 0)
		return EXIT_FAILED;
	if (o.init)
		return prepare_only(&o);
	if (o.accept_state)
		return prepare_accept(o.state) == 0 ? EXIT_GOOD : EXIT_FAILED;
	notify_init();
	if (!handed && !o.foreground) {
		log_line(LOG_ERR, "nobody handed over a socket; without systemd, start it with "
				  "--foreground");
		return EXIT_BAD_USAGE;
	}
	return run(&o, handed);
}
