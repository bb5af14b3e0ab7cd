/* What the calls of a migration to a serverless cache share. Nothing here was ever seen to be
 * answered by the service: the shapes are those of its documents of November 2026. */
#pragma once

#include "providers/elasticache/service.h"

void serverless_source_query(const struct serverless_source *source, struct query *out);
