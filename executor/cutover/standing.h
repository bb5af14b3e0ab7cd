/* Whether the fence of a run stands on the source now, asked outside of the run: the record says
 * only that it was set, and another actor may have lifted it since. */
#pragma once

#include "providers/redis/tls.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"
#include "schemas/base/text.h"
#include "schemas/config/config.h"
#include "schemas/json/json.h"
#include "schemas/plan/plan.h"

struct fence_standing {
    struct {
        struct fence_standing_node {
            char *address;
            char *write, *lag; /* min-replicas-to-write and -max-lag; NULL: not known */
            char *problem;     /* why, or NULL */
            bool stands;
        } * items;
        size_t count;
    } nodes;
    char *value; /* of the run's fence */
};

/* Asks the source nodes of the plan. Takes a source.timeout. */
void fence_standing_look(const struct config_source *source, const struct secret *password,
                         const struct redis_tls *tls, const struct plan *plan, const char *run,
                         struct fence_standing *out);
bool fence_standing_is_missing(const struct fence_standing *standing); /* on any node */
/* Lines for people, each begun with a name of `width` columns; nothing when nobody was asked. */
void fence_standing_say(const struct fence_standing *standing, int width, struct text *page);
struct json *fence_standing_json(const struct fence_standing *standing);
void fence_standing_clear(struct fence_standing *standing);
AUTO_VALUE(struct fence_standing, fence_standing_clear)
