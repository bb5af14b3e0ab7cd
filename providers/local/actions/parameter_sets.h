/* Parameter groups: the families' defaults, and those that were made. */
#pragma once

#include "providers/local/actions/request.h"

#define CLUSTER_ON ".cluster.on" /* a default's name ends so with cluster mode */

struct parameter_set {
    const char *name, *family;
    bool cluster; /* cluster mode */
    char *default_name, *default_family;
    const struct parameter_group *own; /* NULL for a default */
};
MUST_CHECK bool parameter_set_find(struct request *request, const char *name,
                                   struct parameter_set *out);
const char *parameter_value(const struct parameter_set *set, const struct parameter *parameter);
void parameter_set_clear(struct parameter_set *set);
AUTO_VALUE(struct parameter_set, parameter_set_clear)
/* Names of all defaults that the engines on offer have. */
void default_families(const struct endpoint *endpoint, struct strings *out);
