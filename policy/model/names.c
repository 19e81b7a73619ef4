/* What names look like and which are taken; see names.h. */
#include "model/names.h"

#include "model/address.h"

#define LABEL_MAX 63 /* one part of a host name, RFC 1123 */
#define LOCAL_MAX 64 /* before the @, RFC 5321 section 4.5.3.1.1 */

static bool is_lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* NUL is in no set. */
static bool is_in(const char *set, uint8_t c)
{
	while (*set != '\0' && (uint8_t)*set != c)
		set++;
	return *set != '\0';
}

/* [a-z first][a-z0-9 and more]{0,31} */
static bool is_unix_name(struct slice text, const char *first, const char *more)
{
	if (text.len == 0 || text.len > UNIX_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (is_lower(c) || (i > 0 && is_digit(c)))
			continue;
		if (!is_in(i > 0 ? more : first, c))
			return false;
	}
	return true;
}

bool name_is_login(struct slice text)
{
	return is_unix_name(text, "", "-");
}

bool name_is_account(struct slice text)
{
	return is_unix_name(text, "_", "_-");
}

bool name_is_label(struct slice text)
{
	return is_unix_name(text, "", "_-");
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* What looks like an address is none, RFC 1123 section 2.1. */
static bool is_host(struct slice text, bool any_case)
{
	struct address address;
	size_t part = 0;

	if (text.len == 0 || text.len > HOST_MAX)
		return false;
	for (size_t i = 0; i <= text.len; i++) {
		uint8_t c = i < text.len ? text.at[i] : '.';

		if (any_case)
			c = lower(c);
		if (c == '.') {
			if (part == 0 || part > LABEL_MAX || text.at[i - 1] == '-')
				return false;
			part = 0;
		} else if (is_lower(c) || is_digit(c) || (c == '-' && part > 0)) {
			part++;
		} else {
			return false;
		}
	}
	return !address_parse(text, &address);
}

bool name_is_host(struct slice text)
{
	return is_host(text, false);
}

/* atext of RFC 5322, without quoting and comments. */
static bool is_atext(uint8_t c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) ||
	       is_in("!#$%&'*+-/=?^_`{|}~", c);
}

bool name_is_email(struct slice text)
{
	const uint8_t *at = text.len > 0 ? memchr(text.at, '@', text.len) : NULL;
	size_t local = at != NULL ? (size_t)(at - text.at) : 0;

	if (local == 0 || local > LOCAL_MAX || text.len > EMAIL_MAX)
		return false;
	for (size_t i = 0; i < local; i++) {
		bool dot = text.at[i] == '.';

		if (!dot && !is_atext(text.at[i]))
			return false;
		if (dot && (i == 0 || i == local - 1 || text.at[i - 1] == '.'))
			return false;
	}
	return is_host(slice_of(at + 1, text.len - local - 1), true);
}

bool name_lower(struct slice text, char *out, size_t room)
{
	if (text.len >= room)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (c == '\0')
			return false;
		out[i] = (char)lower(c);
	}
	out[text.len] = '\0';
	return true;
}

/*
 * Unix names that no login and no account may have. Debian: base-passwd and the packages of
 * servers; Fedora: setup(-2.14)'s uidgid list and the same packages.
 */
static const struct {
	const char *who;
	const char *names; /* each between two spaces */
} reserved[] = {
	{ "the superuser", " root toor " },
	{ "adperm itself", " adperm adpermd adperm-keys adperm-people adperm-clients " },
	{ "the break-glass user", " " BREAKGLASS " " },
	{ "a database server's user", " postgres mysql mariadb redis valkey mongodb mongod "
				      "memcache memcached pgbouncer " },
	{ "a system user of Debian and Fedora",
		" daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc "
		"gnats "
		"nobody _apt systemd-network systemd-resolve systemd-timesync "
		"systemd-journal systemd-coredump systemd-oom systemd-bus-proxy messagebus dbus "
		"polkitd "
		"sshd adm shutdown halt operator ftp vsftpd apache nginx named bind unbound ntp "
		"chrony "
		"_chrony postfix postdrop exim exim4 debian-exim dovecot dovenull vmail smtpd "
		"smtpq "
		"opensmtpd avahi colord tss rpc rpcuser statd nfsnobody squid tcpdump rtkit pulse "
		"saned usbmux uuidd sssd clamav amavis spamd opendkim fail2ban cockpit-ws "
		"cockpit-wsinstance libvirt-qemu qemu "
		"_rpc usbmuxd systemd-journal-remote systemd-journal-gateway "
		"systemd-journal-upload gdm geoclue setroubleshoot abrt rpm nscd nslcd dhcpcd "
		"dhcpd dnsmasq radvd openldap ldap saslauth mailman mailnull smmsp cyrus proftpd "
		"haproxy tomcat " },
};

const char *name_reserved(struct slice text)
{
	char word[UNIX_MAX + 3] = " ";

	if (text.len > UNIX_MAX)
		return NULL;
	memcpy(word + 1, text.at, text.len);
	memcpy(word + 1 + text.len, " ", 2);
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
		if (strstr(reserved[i].names, word) != NULL)
			return reserved[i].who;
	return NULL;
}
