/* A network of loopback addresses for each endpoint, 127.1 to 127.254. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

MUST_CHECK bool network_parse(const char *string, int64_t *network); /* "127.7" */
/* Claims a network (0: the first free one) and a node port in it; *fd holds the claim as long as
 * any process has it open. ERROR_CONFLICT when the asked one is taken. */
MUST_CHECK bool network_claim(int64_t wanted, int64_t *network, int64_t *port, int *fd,
                              struct error *err);
