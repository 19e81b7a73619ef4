/* Read before every file of a build that counts what runs: what ends by _exit(2) writes its counts.
 */
#ifndef ADPERM_TESTS_COUNTED_H
#define ADPERM_TESTS_COUNTED_H

#define _exit counted_exit

extern _Noreturn void _Exit(int status);
extern void __gcov_dump(void);
_Noreturn void counted_exit(int status);

__attribute__((weak)) void counted_exit(int status)
{
	__gcov_dump();
	_Exit(status);
}

#endif
