/*
 * A judge over a real state in a directory of its own, for tests: asked in transactions as the
 * server does, at any time of any clock.
 */
#ifndef ADPERM_TESTS_JUDGING_H
#define ADPERM_TESTS_JUDGING_H

#include "adpermd/judge.h"
#include "tap.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

/* Everything below is used by some of the tests only. */
#define TESTS_OWN __attribute__((unused)) static

#define NOON 1800000000 /* a multiple of 30 and 60 */

TESTS_OWN char dir[32];
TESTS_OWN struct judge judge;
TESTS_OWN struct seal_ring ring;
TESTS_OWN struct peers peers;
TESTS_OWN const char alice[] = "alice@acme.example";

TESTS_OWN struct proto_request question(unsigned op, const char *profile, const char *code)
{
	struct proto_request request = { .magic = PROTO_MAGIC,
		.version = PROTO_VERSION,
		.op = (uint16_t)op,
		.generation = 418,
		.service = "sshd" };

	snprintf(request.profile, sizeof request.profile, "%s", profile);
	snprintf(request.code, sizeof request.code, "%s", code);
	return request;
}

/* Asks in a transaction of its own, as the server does. */
TESTS_OWN uint32_t answer(
	const struct proto_request *request, uid_t peer, int64_t now, struct proto_reply *reply)
{
	int ret = store_begin(judge.store);

	if (ret == 0)
		ret = judge_request(&judge, peer, request, now, reply);
	if (ret == 0)
		ret = store_commit(judge.store);
	if (ret != 0)
		store_rollback(judge.store);
	return ret == 0 ? reply->result : PROTO_STORE_FAILED;
}

TESTS_OWN uint32_t verify(const char *profile, const char *code, int64_t now)
{
	struct proto_request request = question(PROTO_VERIFY, profile, code);
	struct proto_reply reply;

	return answer(&request, 0, now, &reply);
}

struct secret {
	char *bytes;
	size_t len;
};

TESTS_OWN struct secret enroll(const char *profile, int64_t now)
{
	struct proto_request request = question(PROTO_ENROLL, profile, "");
	struct proto_reply reply;
	struct secret secret = { NULL, 0 };

	request.replace = 1;
	if (answer(&request, 0, now, &reply) != PROTO_YES ||
		oath_base32_decode(reply.secret, strlen(reply.secret), &secret.bytes,
			&secret.len) != OATH_OK) {
		printf("Bail out! cannot enrol\n");
		exit(1);
	}
	return secret;
}

TESTS_OWN const char *code_at(const struct secret *secret, int64_t when)
{
	static char code[9];

	oath_totp_generate(secret->bytes, secret->len, (time_t)when, 30, 0, 6, code);
	return code;
}

/* Again from what is on the disk. */
TESTS_OWN void judging_open(void)
{
	int err = store_open(dir, &judge.store);

	if (err == 0)
		return;
	printf("Bail out! the state does not open: %s\n", store_error(judge.store));
	exit(1);
}

TESTS_OWN void judging_begin(void)
{
	uint8_t bytes[SEAL_KEY_SIZE] = { 42 };

	/* In memory, if that is to be had: no power fails between two operations of a test. */
	snprintf(dir, sizeof dir, "%s/adperm-test.XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (sodium_init() < 0 || oath_init() != OATH_OK || mkdtemp(dir) == NULL ||
		seal_key_init(&ring.now, bytes) != 0)
		exit(1);
	judge = (struct judge){ .ring = &ring, .peers = &peers };
	judge.secret = sodium_malloc(PROTO_SECRET_MAX);
	sodium_memzero(judge.secret, PROTO_SECRET_MAX);
	judging_open();
}

TESTS_OWN bool judging_remove(void)
{
	char path[64];

	store_close(judge.store);
	sodium_free(judge.secret);
	seal_ring_done(&ring);
	snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
	unlink(path);
	return rmdir(dir) == 0;
}

TESTS_OWN void judging_end(void)
{
	ok(judging_remove(), "nothing is left");
}

#endif
