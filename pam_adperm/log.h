/* The line in the system log that says what one phase decided, and why. */
#ifndef ADPERM_PAM_LOG_H
#define ADPERM_PAM_LOG_H

#include "call.h"

/* `code` is what PAM is told. */
void log_decision(const struct call *c, enum adperm_reason reason, int code);

/* With the option `debug`: what the decision was made from. */
void log_debug(const struct call *c);

#endif
