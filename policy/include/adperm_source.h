/*
 * adperm_source.h - be a source of policy.
 *
 * A source answers look-ups: whose is this login or key, is there such a server or account, what
 * does this person hold there? It never judges; adperm does, by the same rules for every source.
 * It is a shared object source_NAME.so that exports one symbol:
 *
 *	const struct adperm_source adperm_source = {
 *		.abi = ADPERM_SOURCE_ABI,
 *		.size = sizeof(struct adperm_source),
 *		.open = ..., .login = ..., ... .close = ...,
 *	};
 *
 * and it is asked once /etc/adperm/switch.conf names it ("policy: db NAME"). adperm_source(3)
 * explains, and has a whole source of a hundred lines.
 *
 * What a look-up finds it says through the functions of the record it is given, and what it says
 * is copied at once. Each value is checked, and then the whole: a record that is too long, is not
 * terminated, contradicts itself or lacks what was announced makes the look-up "unavailable", and
 * nothing of it counts.
 */
#ifndef ADPERM_SOURCE_H
#define ADPERM_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ADPERM_SOURCE_ABI 1

/*
 * How long a look-up may take, connecting included. A source keeps this itself; what it says later
 * does not count, and it is then not asked for ADPERM_SOURCE_REST seconds. Whoever waits for it
 * is somebody who logs in.
 */
#define ADPERM_SOURCE_SECONDS 3
#define ADPERM_SOURCE_REST    10

/* Until when something holds that has no end. */
#define ADPERM_SOURCE_NEVER INT64_MAX

/* What a look-up came to; the words of switch.conf. Zero is never yes. */
enum adperm_source_status {
	ADPERM_SOURCE_UNAVAIL = 0, /* it could not be looked up, or not all of it */
	ADPERM_SOURCE_SUCCESS,     /* it is there, and the record says it all */
	ADPERM_SOURCE_NOTFOUND,    /* it certainly is not there; the record is empty */
	ADPERM_SOURCE_TRYAGAIN,    /* not now: out of memory, or being changed at this moment */
};

/* Texts, each ended by NUL. */
struct adperm_source_list {
	const char *const *at;
	size_t n;
};

/* Where something is written, for the log: "acme.yaml", 31. A line of 0 is none. */
struct adperm_source_place {
	const char *file; /* at most 255 bytes, none of them a control character */
	uint32_t line;
};

/* What is true of a profile on one server, before its grants. */
struct adperm_source_profile {
	const char *email; /* the one that was asked for, in lower case */
	const char *owner; /* the e-mail of the server's owner, in lower case */
	int suspended;
	int machine;                          /* a robot: no grant of its may require 2FA */
	struct adperm_source_list allow_from; /* "192.0.2.0/24"; none: from anywhere */
	struct adperm_source_place place;
	size_t grants; /* how many follow: a lost one is noticed */
};

/* One thing that the profile holds there, directly, through a group, or by owning the server. */
struct adperm_source_grant {
	/* "server.ssh_users", "overall.billing"; with an account "account.ssh", and no others. */
	struct adperm_source_list permissions;
	const char *account; /* the one account it is about, or NULL */
	int ownership;       /* everything, of the owner alone: neither permissions nor account */
	int require_2fa;
	uint32_t grace;                       /* seconds, at most a day; only with require_2fa */
	int64_t until;                        /* seconds since 1970, or ADPERM_SOURCE_NEVER */
	struct adperm_source_list allow_from; /* none: from anywhere */
	struct adperm_source_place place;     /* the log cites it as what decided */
};

/*
 * The record of one look-up. It is adperm's, and is gone when the look-up returns. Call what the
 * look-up is described to give, and nothing else; the order of grants decides which one is cited.
 */
struct adperm_record {
	void (*person)(struct adperm_record *record, const char *email);
	void (*account)(struct adperm_record *record, int ssh_2fa);
	void (*profile)(struct adperm_record *record, const struct adperm_source_profile *profile);
	void (*grant)(struct adperm_record *record, const struct adperm_source_grant *grant);
	/* Why it is unavailable, for the administrator: one line without secrets, cut at 200 bytes.
	 */
	void (*trouble)(struct adperm_record *record, const char *words);
};

/*
 * A source. Whoever calls may be sshd: print nothing, change nothing of the process (signals,
 * environment, locale, working directory), leave no descriptor open but close-on-exec ones above 2,
 * read no environment. One state is used by one thread at a time, and perhaps by a forked child.
 */
struct adperm_source {
	uint32_t abi;  /* ADPERM_SOURCE_ABI */
	uint32_t size; /* of this struct */

	/*
	 * Reads the configuration and makes the state. `config` is the path of source_NAME.conf
	 * beside switch.conf; whether it is there and can be trusted is for the source to see.
	 * Better not connect here: the first look-up may be answered by another source.
	 */
	enum adperm_source_status (*open)(
		const char *config, struct adperm_record *record, void **state);

	/* Gives the person of a login. This, key and account may be NULL: it is never found. */
	enum adperm_source_status (*login)(
		void *state, const char *login, struct adperm_record *record);

	/*
	 * Gives the person of an SSH key: by its fingerprint ("SHA256:..."), and unless blob is
	 * NULL only if it is this key, byte by byte (SSH wire format).
	 */
	enum adperm_source_status (*key)(void *state, const char *fingerprint, const void *blob,
		size_t blob_len, struct adperm_record *record);

	/* Success gives nothing: the policy has such a server. */
	enum adperm_source_status (*server)(
		void *state, const char *server, struct adperm_record *record);

	/*
	 * Gives the account, if it is one of that server. ssh_2fa: some grant or ownership that
	 * gives account.ssh there carries the flag, whoever's it is and whether or not it counts
	 * today. Who cannot tell says 1.
	 */
	enum adperm_source_status (*account)(
		void *state, const char *account, const char *server, struct adperm_record *record);

	/*
	 * Gives the profile, and then all that it holds on that server, and by its overall
	 * permissions there: a grant that is left out can turn "with 2FA" into "without".
	 * Not found: there is no such profile.
	 */
	enum adperm_source_status (*holding)(
		void *state, const char *email, const char *server, struct adperm_record *record);

	/* Only after an open that was a success. */
	void (*close)(void *state);
};

/* What a source defines; all else in it is better hidden. */
extern const struct adperm_source adperm_source __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif

#endif
