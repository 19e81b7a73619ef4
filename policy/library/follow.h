/* What the rest of the library knows of the policy that a question holds. */
#ifndef ADPERM_LIBRARY_FOLLOW_H
#define ADPERM_LIBRARY_FOLLOW_H

#include "switch/source_db.h"

/* The database among its sources, NULL if it is none of them or not available. */
struct db *follow_database(const struct adperm *now);

#endif
