/* The lines of SSH_AUTH_INFO_0. */
#include "authinfo.h"

#include "tap.h"

/* The same key, plain and in a certificate. */
#define PLAIN "AAAAC3NzaC1lZDI1NTE5AAAAICrvOeSv8t5m3YztwHjFGSwXedW+IFwl6GflZLCiUP7R"
#define CERT                                                                                       \
	"AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIB5mRGmjed0gE/HseNyp"                 \
	"X0k3OieI7gT08MgKfHtKxTShAAAAICrvOeSv8t5m3YztwHjFGSwXedW+IFwl6GflZLCiUP7R"                 \
	"AAAAAAAAAAAAAAABAAAACmFsaWNlLWNlcnQAAAAIAAAABGFjbWUAAAAAAAAAAP//////////"                 \
	"AAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQt"                 \
	"Zm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0"                 \
	"LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkA"                 \
	"AAAg3hh7VVMsxODu7nzXzSvK+HvoJi10VHUnAfhKel42FsgAAABTAAAAC3NzaC1lZDI1NTE5"                 \
	"AAAAQNx04u4AsISy6pnAI12sWyrmw17iWfvWnNlzLlat8SZ9B1wAtq+F0vnd6ZAfKui0l1qA"                 \
	"vd4nhB1E9KgiABkPXQs="

static struct authinfo_key key;

static struct slice rest_of(const char *text)
{
	return slice_str(text);
}

static void lines(void)
{
	struct slice rest = rest_of("publickey ssh-ed25519 " PLAIN "\n"
				    "keyboard-interactive/pam\n"
				    "password\n");

	is_int(authinfo_next(&rest, &key), AUTHINFO_KEY, "a key");
	is_int(key.plain.len, 51, "as a blob");
	is_int(authinfo_next(&rest, &key), AUTHINFO_KBDINT, "keyboard-interactive by PAM");
	is_int(authinfo_next(&rest, &key), AUTHINFO_OTHER, "another method");
	is_int(authinfo_next(&rest, &key), AUTHINFO_END, "the end");
	is_int(authinfo_next(&rest, &key), AUTHINFO_END, "and nothing behind it");
	rest = rest_of("");
	is_int(authinfo_next(&rest, &key), AUTHINFO_END, "the account phase of sshd: empty");
}

static void certificates(void)
{
	struct slice rest = rest_of("publickey ssh-ed25519 " PLAIN "\n");
	uint8_t plain[64];

	authinfo_next(&rest, &key);
	memcpy(plain, key.plain.at, 51);
	rest = rest_of("publickey ssh-ed25519-cert-v01@openssh.com " CERT "\n");
	is_int(authinfo_next(&rest, &key), AUTHINFO_KEY, "a certificate");
	ok(slice_equal(key.plain, slice_of(plain, 51)), "is the key inside it");
}

static void one(const char *line, enum authinfo expected)
{
	struct slice rest = rest_of(line);

	is_int(authinfo_next(&rest, &key), expected, "\"%.*s\"", (int)strcspn(line, "\r\n"), line);
	is_int(authinfo_next(&rest, &key), AUTHINFO_END, "is one line");
}

static void oddities(void)
{
	one("publickey ssh-ed25519 " PLAIN, AUTHINFO_KEY);
	one("publickey\n", AUTHINFO_BAD_KEY);
	one("publickey ssh-ed25519\n", AUTHINFO_BAD_KEY);
	one("publickey ssh-ed25519 \n", AUTHINFO_BAD_KEY);
	one("publickey ssh-ed25519 " PLAIN " comment\n", AUTHINFO_BAD_KEY);
	one("publickey ssh-ed25519 " PLAIN "=\n", AUTHINFO_BAD_KEY);
	one("publickey ssh-ed25519 AAA\n", AUTHINFO_BAD_KEY);
	one("publickey ssh-ed25519 AAAA\n", AUTHINFO_BAD_KEY);
	one("publickey  " PLAIN "\n", AUTHINFO_KEY);
	one(" publickey ssh-ed25519 " PLAIN "\n", AUTHINFO_OTHER);
	one("publickeys ssh-ed25519 " PLAIN "\n", AUTHINFO_OTHER);
	one("hostbased ssh-ed25519 " PLAIN "\n", AUTHINFO_OTHER);
	one("keyboard-interactive/pam\r\n", AUTHINFO_OTHER);
	one("keyboard-interactive/pam \n", AUTHINFO_OTHER);
	one("keyboard-interactive\n", AUTHINFO_OTHER);
	one("Keyboard-Interactive/pam\n", AUTHINFO_OTHER);
	one("\n", AUTHINFO_OTHER);
}

static void sizes(void)
{
	static char text[20000];

	memset(text, 'A', sizeof text - 1);
	memcpy(text, "publickey ssh-rsa ", 18);
	one(text, AUTHINFO_BAD_KEY);
}

int main(void)
{
	lines();
	certificates();
	oddities();
	sizes();
	return tap_done();
}
