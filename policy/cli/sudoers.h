/* Whether sudo reads a file of sudoers.d, as visudo(8) says. */
#ifndef ADPERM_CLI_SUDOERS_H
#define ADPERM_CLI_SUDOERS_H

#include "base/buf.h"

#define VISUDO_PROGRAM "/usr/sbin/visudo"

enum sudoers_result {
	SUDOERS_READ,
	SUDOERS_WRONG,    /* it takes something amiss, here or in another file */
	SUDOERS_NOT_READ, /* all is well, but no line includes this file */
};

/* Judges the sudoers of this machine; `said` is what visudo says, with a NUL behind it. */
enum sudoers_result sudoers_judge(const char *visudo, const char *file, struct buf *said);

#endif
