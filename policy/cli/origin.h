/* As whom whoever runs this came in to the machine, whoever they have become since. */
#ifndef ADPERM_CLI_ORIGIN_H
#define ADPERM_CLI_ORIGIN_H

#define ORIGINS     2
#define ORIGIN_SIZE 64

/*
 * Unix users, "" where nothing is known, for root, and for one that is told twice; escaped. `said`
 * is who somebody says it is, NULL: whom sudo names.
 */
void origin_find(const char *said, char logins[static ORIGINS][ORIGIN_SIZE]);

#endif
