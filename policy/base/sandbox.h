/*
 * What a process forbids itself once it has opened what it needs, with or without a supervisor that
 * does the same: files other than those it names (Landlock), and system calls other than those it
 * makes (seccomp). For programs, never for what lives in somebody else's process.
 */
#ifndef ADPERM_BASE_SANDBOX_H
#define ADPERM_BASE_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

/* A file, or a directory and all below it, and what may be done there: LANDLOCK_ACCESS_FS_*. */
struct sandbox_file {
	const char *path;
	uint64_t rights;
};
#define SANDBOX_FS_REFER    (1ULL << 13) /* rights that later kernels than the headers know */
#define SANDBOX_FS_TRUNCATE (1ULL << 14)

/*
 * Only these files may be opened from now on; needs no_new_privs. 0 or a negative errno; -ENOSYS:
 * this kernel has no Landlock, and nothing is forbidden.
 */
int sandbox_files(const struct sandbox_file *files, size_t n);

struct sandbox_call {
	int number;
	int argument;       /* of which ... */
	uint32_t forbidden; /* ... these bits must not be set; 0: any */
};
#define SANDBOX_CALLS_MAX 128

/*
 * Only these calls may be made from now on; needs no_new_privs. Another fails with EPERM, and
 * `refused`, which runs as a signal handler does, is told its number. 0 or a negative errno.
 */
int sandbox_calls(const struct sandbox_call *calls, size_t n, void (*refused)(int number));

#endif
