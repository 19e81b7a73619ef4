/* Where somebody comes from; see source.h. */
#include "adpermd/source.h"

#include <arpa/inet.h>
#include <string.h>

bool source_exact(const char address[static SOURCE_SIZE], char source[static SOURCE_SIZE])
{
	struct in6_addr six;
	struct in_addr four;

	memset(source, 0, SOURCE_SIZE);
	if (inet_pton(AF_INET, address, &four) == 1)
		return inet_ntop(AF_INET, &four, source, SOURCE_SIZE) != NULL;
	if (inet_pton(AF_INET6, address, &six) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return inet_ntop(AF_INET, &six.s6_addr[12], source, SOURCE_SIZE) != NULL;
	return inet_ntop(AF_INET6, &six, source, SOURCE_SIZE) != NULL;
}

void source_of(const char address[static SOURCE_SIZE], char source[static SOURCE_SIZE])
{
	struct in6_addr six;

	memcpy(source, address, SOURCE_SIZE);
	if (inet_pton(AF_INET6, address, &six) != 1)
		return;
	memset(source, 0, SOURCE_SIZE);
	if (IN6_IS_ADDR_V4MAPPED(&six)) {
		inet_ntop(AF_INET, &six.s6_addr[12], source, SOURCE_SIZE);
		return;
	}
	memset(&six.s6_addr[8], 0, 8);
	inet_ntop(AF_INET6, &six, source, SOURCE_SIZE);
}
