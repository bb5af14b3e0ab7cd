/* Coming back after a down, or after the endpoint was killed. */
#pragma once

#include <stdbool.h>

#include "providers/local/state/endpoint.h"

/* Starts what does not run, with the data saved; what runs is adopted. */
MUST_CHECK bool nodes_resume(struct endpoint *endpoint, struct error *err);
