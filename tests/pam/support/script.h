/* A script that is being run: what it has set, and what has happened in its transaction. */
#ifndef ADPERM_TESTS_PAM_SCRIPT_H
#define ADPERM_TESTS_PAM_SCRIPT_H

#include "world.h"

enum { SCRIPT_PASSED = 0, SCRIPT_FAILED = 1, SCRIPT_SKIPPED = 77 };
enum { ANSWERS = 16 };

struct script {
	const char *file;
	unsigned line;
	bool failed;

	char options[2048], before[512], service[300], authinfo[8192];
	char *user, *rhost; /* NULL: not set */
	int flags;
	char *answers[ANSWERS]; /* of the person, to the questions for a code */
	unsigned answer_first, answer_count;
	char *password;             /* the answer to "Password: "; NULL: "secret" */
	char code[WORLD_CODE_SIZE]; /* the last one made */

	pam_handle_t *pamh; /* NULL: not begun */
	unsigned passwords, prompts, texts;
	char said[256]; /* the last message */
};

extern struct script script;

/* Reports what is not as the script wants it. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The person: answers the questions of the module. */
extern const struct pam_conv script_person;

/* The words of scripts: argv[0] is the word itself. */
typedef void script_word(int argc, char **argv);

script_word set_install, set_install_whole, set_options, set_only_options, set_before, set_service,
	set_user, set_empty_user, set_rhost, set_empty_rhost, set_key, set_method, set_no_keys,
	set_flags, set_answer, set_enroll, set_code, set_wrong_code, set_same_code, set_daemon,
	set_file, set_mode, set_remove, set_directory, set_split, type_password, type_code,
	type_recovery, set_recovery;

script_word run_phase, run_unlogged_phase, run_environment, run_end, run_fork, run_later, run_clock;

/* Sets an item of the transaction, if it has begun; NULL unsets it. */
void script_item(int type, const char *value);
/* Gives PAM what sshd would say of the methods that are done. */
void script_authinfo(void);

#endif
