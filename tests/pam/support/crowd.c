/* Many people; see crowd.h. */
#include "crowd.h"

#include "base/base64.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SIZE 51 /* an ed25519 key in SSH's wire format */

static void make_key(unsigned person, char text[static BASE64_LEN(KEY_SIZE) + 1])
{
	uint8_t blob[KEY_SIZE];

	memcpy(blob, "\0\0\0\013ssh-ed25519\0\0\0\040", 19);
	memset(blob + 19, 'k', KEY_SIZE - 19);
	memcpy(blob + 19, &person, sizeof person);
	base64_encode(slice_of(blob, sizeof blob), text);
}

void crowd_email(unsigned person, char email[static CROWD_EMAIL])
{
	snprintf(email, CROWD_EMAIL, "r%u@acme.example", person);
}

void crowd_install(unsigned people)
{
	char key[BASE64_LEN(KEY_SIZE) + 1], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		err(125, "a policy");
	fputs("---\nadperm: 1\nprofiles:\n", out);
	for (unsigned i = 0; i < people; i++) {
		make_key(i, key);
		fprintf(out, "  r%u@acme.example: {login: r%u, ssh_keys: [\"ssh-ed25519 %s\"]}\n",
			i, i, key);
	}
	fputs("owners:\n  ops@acme.example:\n    servers: {" WORLD_SERVER ": {}}\n    grants:\n",
		out);
	for (unsigned i = 0; i < people; i++)
		fprintf(out,
			"      - {to: r%u@acme.example, servers: {" WORLD_SERVER ": [ssh_users]}, "
			"require_2fa: true}\n",
			i);
	fputs("...\n", out);
	if (fclose(out) != 0)
		err(125, "a policy");
	world_install_text(text);
	free(text);
}

pam_handle_t *crowd_begin(unsigned person, const struct pam_conv *conv)
{
	char user[16], env[200], key[BASE64_LEN(KEY_SIZE) + 1];
	pam_handle_t *pamh;

	snprintf(user, sizeof user, "r%u", person);
	make_key(person, key);
	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey ssh-ed25519 %s\n", key);
	pamh = world_begin("sshd", user, conv);
	pam_putenv(pamh, env);
	return pamh;
}
