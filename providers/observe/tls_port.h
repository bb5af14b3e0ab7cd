/* Servers that are named by their plaintext port where clients use another one over TLS: replicas
 * that follow in plaintext, what a Sentinel watches so, a cluster without tls-cluster. The file
 * then says which port is that of TLS; what it names itself is taken as it is. */
#pragma once

#include "providers/redis/topology.h"
#include "schemas/config/config.h"

/* HOST:PORT as ecmig connects to it; the caller frees. */
char *tls_port_address(const struct config_source *source, const char *address);
void tls_port_addresses(const struct config_source *source, struct strings *addresses);
void tls_port_topology(const struct config_source *source, struct topology *topology);
