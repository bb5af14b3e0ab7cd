/* Certificates of the nodes: an authority of the endpoint's own in DIR/tls, and a certificate for
 * both addresses of a node in the node's folder. Made by the program openssl, from its version 3
 * on. */
#pragma once

#include "providers/local/state/endpoint.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

/* Makes DIR/tls/ca.pem unless it is there, and notes it in the state. */
MUST_CHECK bool authority_make(struct endpoint *endpoint, struct error *err);
/* Writes tls.pem and tls.key of the node. */
MUST_CHECK bool authority_certify(const struct endpoint *endpoint, const struct node *node,
                                  struct error *err);
/* DIR/tls/addresses: where TLS is spoken, HOST:PORT a line, for clients on this machine. */
MUST_CHECK bool authority_list_addresses(const struct endpoint *endpoint, struct error *err);
