/* At which address the service is given a server of the source.
 *
 * It is decided here and nowhere else: the observation records it, the plan carries it, and the
 * code that calls the service or checks whom the target follows reads it there. The executor
 * decides by the same function for a server that the plan does not know, as one that was added
 * since. */
#pragma once

/* The service speaks no TLS: it is given the plaintext port, which CONFIG GET port tells; that is
 * NULL where it is not told. NULL where the address is `address` itself; the caller frees. */
char *service_address_of(const char *address, const char *plain_port);
