/* Faults that the endpoint injects at once: in its nodes, and in what its groups show. */
#pragma once

#include "providers/local/state/endpoint.h"

/* Begins and ends those that are due. */
void faults_advance(struct endpoint *endpoint);
