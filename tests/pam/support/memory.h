/*
 * Looks for something in the memory of this process. What is looked for is given veiled, each byte
 * one less than it is, so that it stands nowhere but where the tested code has left it.
 */
#ifndef ADPERM_TESTS_PAM_MEMORY_H
#define ADPERM_TESTS_PAM_MEMORY_H

/* Writes what it is, with a NUL; there must be room. */
void memory_unveil(const char *veiled, char *into);

/* How often it stands in memory that this process can write. */
unsigned memory_holds(const char *veiled);

#endif
