/* The parameter group of a target that is created with parameters of its own. */
#pragma once

#include "providers/elasticache/service.h"

struct parameter_group_wish {
    const struct config_target *target; /* its engine, version, parameters and replication group */
    bool cluster_mode;
    const struct pairs *run_tags;
};
/* Makes or takes over the group, sets the parameters in it, and answers its name. */
MUST_CHECK bool parameter_group_make(struct elasticache *service,
                                     const struct parameter_group_wish *wish,
                                     int64_t deadline_mono_ms, char **name, struct error *err);

/* One call each. A NULL version is the engine's default; ERROR_NOT_FOUND when it is not offered. */
MUST_CHECK bool parameter_group_family(struct elasticache *service, const char *engine,
                                       const char *version, int64_t deadline_mono_ms, char **out,
                                       struct error *err);
MUST_CHECK bool parameter_group_description(struct elasticache *service, const char *name,
                                            int64_t deadline_mono_ms, char **out,
                                            struct error *err);
struct new_parameter_group {
    const char *name, *family, *description;
    const struct pairs *tags;
};
MUST_CHECK bool parameter_group_create(struct elasticache *service,
                                       const struct new_parameter_group *group,
                                       int64_t deadline_mono_ms, struct error *err);
/* In calls of 20 parameters, the service's limit. */
MUST_CHECK bool parameter_group_modify(struct elasticache *service, const char *name,
                                       const struct pairs *parameters, int64_t deadline_mono_ms,
                                       struct error *err);
MUST_CHECK bool parameter_group_delete(struct elasticache *service, const char *name,
                                       int64_t deadline_mono_ms, struct error *err);
