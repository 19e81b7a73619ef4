/*
 * Making a system call of a traced process fail: at its entry it becomes one that there is not, at
 * its exit it has the error for a result. A tracer that cannot trace ends with 125.
 */
#ifndef ADPERM_TESTS_STRIKE_H
#define ADPERM_TESTS_STRIKE_H

#include "sanitized.h"

#include <elf.h>
#include <err.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

enum { STRIKE_FAILED = 125 };

#if defined __aarch64__
#define NUMBER regs[8]
#define RESULT regs[0]
#else
#define NUMBER orig_rax
#define RESULT rax
#endif

static inline void registers(
	pid_t child, enum __ptrace_request request, struct user_regs_struct *regs)
{
	struct iovec at = { regs, sizeof *regs };

	if (ptrace(request, child, NT_PRSTATUS, &at) != 0)
		err(STRIKE_FAILED, "ptrace");
}

/* The kernel has no error for these, and libc knows none; the sanitizer needs its memory. */
static inline int cannot_fail(unsigned long long number)
{
	return number == SYS_exit_group || number == SYS_futex || number == SYS_brk ||
	       (SANITIZED && number == SYS_mmap);
}

/* Makes the call that is about to be made one that there is not; 0 if it cannot fail. */
static inline int drop_call(pid_t child)
{
	struct user_regs_struct regs;

	registers(child, PTRACE_GETREGSET, &regs);
	if (cannot_fail(regs.NUMBER))
		return 0;
#if defined __aarch64__
	int number = -1;
	struct iovec at = { &number, sizeof number };

	if (ptrace(PTRACE_SETREGSET, child, NT_ARM_SYSTEM_CALL, &at) != 0)
		err(STRIKE_FAILED, "ptrace");
#else
	regs.NUMBER = (unsigned long long)-1;
	registers(child, PTRACE_SETREGSET, &regs);
#endif
	return 1;
}

/* What the call that has just been made returns. */
static inline void set_result(pid_t child, int error)
{
	struct user_regs_struct regs;

	registers(child, PTRACE_GETREGSET, &regs);
	regs.RESULT = (unsigned long long)-(long long)error;
	registers(child, PTRACE_SETREGSET, &regs);
}

#endif
