/* The resource that a tag action is about. */
#pragma once

#include "providers/local/actions/action.h"

MUST_CHECK bool tagged_group(struct request *request, struct group **out);
