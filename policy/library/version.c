/* Which library this is; see adperm.h. */
#include "adperm.h"

const char *adperm_version(void)
{
	return ADPERM_VERSION;
}
