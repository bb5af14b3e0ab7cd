/* Whether the fence of a run stands on the source now, asked outside of the run: the record says
 * only that it was set, and another actor may have lifted it since. */
#pragma once

#include "executor/cutover/fence.h"
#include "providers/redis/tls.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"
#include "schemas/base/sheet.h"
#include "schemas/config/config.h"
#include "schemas/journal/journal.h"
#include "schemas/json/json.h"
#include "schemas/plan/plan.h"

struct fence_standing {
    struct {
        struct fence_standing_node {
            char *address;
            struct fence_values values; /* write: NULL while not known */
            char *problem;              /* why, or NULL */
            bool named; /* by the migration file, or by the source when it was last asked */
            bool stands;
            char *run_id;
            int64_t version; /* 100 * major + minor */
            bool is_replica;
            int64_t changes;    /* since its data was last saved; -1: not known */
            int64_t saved_at_s; /* when that was */
        } * items;
        size_t count;
    } nodes;
    char *value; /* of the run's fence */
};

/* How the source is asked. */
struct fence_source {
    const struct config_source *config;
    const struct secret *password; /* NULL: none */
    const struct redis_tls *tls;   /* NULL: plain */
};

/* Whether a run of this mode and plan, that came so far, relies on its fence: CompleteMigration is
 * on its way, or the applications were moved. Also after its end. */
bool fence_must_stand(const char *mode, bool open, const struct plan *plan,
                      const struct journal_state *state);

/* Knows the source nodes of the plan; nobody was asked yet. */
void fence_standing_init(const struct plan *plan, const char *run, struct fence_standing *out);
/* Asks every node, or those that `of` has: as many as there are nodes. Takes a source.timeout. The
 * nodes come from the record: one that neither the migration file nor the source names now is not
 * connected to, or a person with push rights to the record would be sent the source's password. */
void fence_standing_ask(const struct fence_source *source, const bool *of,
                        struct fence_standing *standing);
/* Sets the fence on those that `of` has and reads it back. What they said before is forgotten. The
 * clients of a server before 6.0 are ended, whose transactions would pass the fence. */
void fence_standing_set(const struct fence_source *source, const bool *of,
                        struct fence_standing *standing);
/* It answers, and neither this run's fence nor another's refuses its writes. */
bool fence_standing_node_is_missing(const struct fence_standing_node *node);
bool fence_standing_is_missing(const struct fence_standing *standing); /* on any node */
bool fence_standing_answers(const struct fence_standing *standing);    /* any node */
/* Lines for people; none when nobody was asked. */
void fence_standing_say(const struct fence_standing *standing, struct sheet *sheet);
struct json *fence_standing_json(const struct fence_standing *standing);
void fence_standing_clear(struct fence_standing *standing);
AUTO_VALUE(struct fence_standing, fence_standing_clear)
