/*
 * The tool: one row a subcommand (commands.c), one file each. What all of them share: exit codes,
 * options as rows, opening a policy whatever its form.
 */
#ifndef ADPERM_CLI_CLI_H
#define ADPERM_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define POLICY_DIRECTORY "/etc/adperm/policy.d" /* where a policy is written */

enum exit_code {
	EXIT_OK = 0,       /* done; allowed; enrolled */
	EXIT_NO = 1,       /* denied; not enrolled; not good; not installed; warnings */
	EXIT_ERROR = 2,    /* wrong usage, or an error: nothing was done */
	EXIT_WITH_2FA = 3, /* allowed with a second factor */
};

/*
 * An option. With a value, its text goes to the `const char *` that stands `at` bytes into the
 * command's own `struct arguments`, or, if what the value is called ends with OPTION_AGAIN, to the
 * next of OPTION_TIMES of them; without one (value NULL) the bool there becomes true. What is not
 * given is as if its usual value were; it stays NULL only where there is none.
 */
#define OPTION_AGAIN " ..."
#define OPTION_TIMES 256

struct command_option {
	const char *name;
	char letter;       /* short form, 0: none */
	const char *value; /* what to call it in the help, NULL: a flag */
	size_t at;         /* offsetof() */
	const char *help;
	const char *usual; /* value if it is not given, NULL: none; the help tells it in brackets */
};

/* Its rows, for a `struct arguments`. A member of another type does not compile. */
#define OPTION_FLAG(arguments, member, name, letter, help)                                         \
	{                                                                                          \
		name, letter, NULL, OPTION_OFFSET(arguments, member, bool : 0), help, NULL         \
	}
#define OPTION_USUAL(arguments, member, name, letter, value, help, usual)                          \
	{                                                                                          \
		name, letter, value,                                                               \
			OPTION_OFFSET(arguments, member, const char * : 0, const char ** : 0),     \
			help, usual                                                                \
	}
#define OPTION_VALUE(arguments, member, name, letter, value, help)                                 \
	OPTION_USUAL(arguments, member, name, letter, value, help, NULL)
#define OPTION_OFFSET(arguments, member, ...)                                                      \
	(offsetof(arguments, member) + _Generic(((arguments *)0)->member, __VA_ARGS__))

/* What an option does, with its usual value: for the help and the shells. */
#define OPTION_SAYS 256
const char *option_says(const struct command_option *row, char room[static OPTION_SAYS]);

/* Rows that several commands have; the header of what is usual is theirs to include. */
#define OPTION_DB(arguments)                                                                       \
	OPTION_USUAL(arguments, db, "db", 0, "FILE", "the installed database", ADPERM_DB)
#define OPTION_PEOPLE_DIR(arguments)                                                               \
	OPTION_USUAL(arguments, people, "people", 0, "DIR", "what people changed", ADPERM_PEOPLE)
#define OPTION_SOCKET(arguments)                                                                   \
	OPTION_USUAL(arguments, socket, "socket", 0, "PATH", "of adpermd", PROTO_SOCKET)
#define OPTION_TRUSTED_KEYS(arguments)                                                             \
	OPTION_USUAL(                                                                              \
		arguments, trusted_keys, "trusted-keys", 0, "DIR", "who may sign", TRUSTED_KEYS)
#define OPTION_BREAK_GLASS(arguments)                                                              \
	OPTION_USUAL(arguments, break_glass, "break-glass", 0, "USER",                             \
		"gets in whatever is broken", BLOCK_BREAK_GLASS)
#define OPTION_SSHD(arguments)                                                                     \
	OPTION_USUAL(arguments, sshd, "sshd", 0, "FILE", "the program", SSHD_PROGRAM)
#define OPTION_REHEARSE(arguments)                                                                 \
	OPTION_USUAL(arguments, rehearse, "rehearse", 0, "FILE", "the program", WIRING_REHEARSE)
#define OPTION_PID_FILE(arguments)                                                                 \
	OPTION_USUAL(arguments, pid_file, "pid-file", 0, "FILE", "of the running sshd",            \
		WIRING_SSHD_PID)

/* Rows that several commands have, for a `struct arguments` with such a member. */
#define OPTION_POLICY(arguments, member)                                                           \
	OPTION_VALUE(arguments, member, "policy", 0, "PATH",                                       \
		"YAML file, directory, or database (" ADPERM_DB ")")
#define OPTION_AT(arguments, member)                                                               \
	OPTION_VALUE(arguments, member, "at", 0, "TIME", "at this time (now)")
#define OPTION_PEOPLE(arguments, member)                                                           \
	OPTION_VALUE(arguments, member, "people", 0, "DIR", "and count what people changed there")

/* The help, the shell completions and the tests of the manual page are made from these rows. */
struct command {
	const char *name;
	const char *synopsis; /* what follows the name */
	const char *summary;
	int (*run)(int argc, char **argv);    /* argv[0] is the name; returns an exit code */
	const struct command_option *options; /* ends with a NULL name; NULL: none */
	const struct command *const *parts;   /* "totp enroll" of "totp"; likewise */
	const char *operand; /* what its arguments are, as the values of options are called */
};

/* All of them, in the order of the help; ends with NULL. A new one is a row in commands.c. */
extern const struct command *const commands[];

extern const struct command cmd_compile, cmd_check, cmd_totp;
extern const struct command cmd_lint, cmd_errors, cmd_schema;
extern const struct command cmd_completion;
extern const struct command cmd_apply, cmd_confirm, cmd_keygen, cmd_trust, cmd_verify;
extern const struct command cmd_explain, cmd_who, cmd_show, cmd_diff, cmd_contacts, cmd_test;
extern const struct command cmd_notify, cmd_alert;
extern const struct command cmd_dump, cmd_perms;
extern const struct command cmd_self, cmd_renounce, cmd_readmit, cmd_profile, cmd_invite;
extern const struct command cmd_wire, cmd_unwire, cmd_doctor, cmd_status, cmd_log;

/*
 * Reads the options of a command into its zeroed `struct arguments`. Options and operands may be
 * mixed. True: argv + *first are the operands. False: --help was answered or a complaint was
 * printed, and *code is what to exit with.
 */
bool arguments_parse(const struct command *command, void *arguments, int argc, char **argv,
	int *first, int *code);

/* "adperm: ..." on stderr, one line whatever is in it; always EXIT_ERROR. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line for the system log: what has been done here, for who looks later. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An argument that the command does not take; always EXIT_ERROR. */
int complain_surplus(const struct command *command, const char *word);

/*
 * Run by root, gives an open database to the group that may read an installed one, where that group
 * exists.
 */
void give_to_clients(int fd);

struct adperm;
struct adperm_options;
struct policy;
struct diags;

/* Prints diagnostics: for people on stderr, or for programs, as JSON on stdout. */
void report_diags(struct diags *diags, bool json);

/* A policy opened for questions, from YAML or from a database. */
struct opened {
	struct adperm *handle;
	struct policy *policy; /* NULL for a database */
	struct diags *diags;
};

/* The policy that is meant: the one named, or the installed one. */
const char *policy_meant(const char *policy);

/*
 * The directory of what people changed that is meant: the one named, or, of the installed policy
 * (`policy` NULL), the usual one; else NULL.
 */
const char *people_meant(const char *people, const char *policy);

/* By its name, or by what it begins with. */
bool path_is_database(const char *path);

/*
 * Opens a YAML file, a directory of them, or a database, with no more than the caller's rights.
 * `people` and `server` may be NULL. False: the complaint is printed.
 */
bool open_policy(const char *path, const char *people, const char *server, struct opened *out);
/*
 * Opens the policy of this server as every other program does: what switch.conf says, of files that
 * are root's alone. What people changed counts.
 */
bool open_installed(const struct adperm_options *options, struct opened *out);
/* As open_policy(), but for the rows alone: `policy` is there, `handle` is not. */
bool open_rows(const char *path, struct opened *out);
void close_policy(struct opened *opened);

/*
 * What a report without operands begins with: reads the options, and opens the rows of the policy
 * that *policy names then, or of the installed one. False: *code is what to exit with.
 */
bool report_begin(const struct command *command, void *arguments, const char *const *policy,
	int argc, char **argv, struct opened *opened, int *code);

#endif
