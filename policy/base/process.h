/*
 * What the kernel says of a process. A number alone names none: it is given away again. With the
 * time at which the process began it does, until the machine boots anew.
 */
#ifndef ADPERM_BASE_PROCESS_H
#define ADPERM_BASE_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t pid, parent;
	uint64_t start; /* clock ticks (sysconf _SC_CLK_TCK) since the machine booted */
	char name[64];  /* of its program, cut by the kernel; may hold any bytes */
};

/* Reads /proc/PID/stat (proc(5)). 0 or a negative errno; -ENOENT: there is no such process. */
int process_read(pid_t pid, struct process *out);

#endif
