/* What a command about one migration opens: the file or plan, the state repository, the service,
 * the secret of the source. Opening asks only the sources of credentials. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cmd/frame/command.h"
#include "executor/record/approval_policy.h"
#include "executor/record/journal.h"
#include "executor/stop.h"
#include "providers/elasticache/elasticache.h"
#include "providers/gitstore/gitstore.h"
#include "providers/redis/access.h"
#include "providers/redis/tls.h"
#include "schemas/base/error.h"
#include "schemas/base/secret.h"
#include "schemas/config/config.h"
#include "schemas/observed/observed.h"
#include "schemas/plan/plan.h"

#define SESSION_LOOKS "looking at the source and the target"

struct session {
    char *file;         /* as given */
    char *words;        /* the same for the next command (state_words) */
    char *config_words; /* the migration file, also when a plan of it was given */
    char *folder;       /* of the migration file: relative paths are meant from here */
    struct config config;
    struct text config_yaml; /* empty when a plan was given */
    bool has_plan;           /* a plan document was given */
    struct plan given;
    struct approval_policy keys; /* whose approvals count, as the migration file says now */
    struct gitstore *store;
    bool relative_state;         /* it is meant from the folder of the file, or where we are */
    struct elasticache *service; /* NULL with a reason */
    struct error service_problem;
    struct secret *password;                     /* of the source, or NULL */
    struct redis_tls *tls;                       /* towards the source, or NULL */
    struct secret *auth_token, *target_password; /* of target.after_cutover, or NULL */
    struct redis_tls *target_tls;                /* or NULL */
    struct redis_access target;                  /* made of these */
    struct stop *stop; /* the caller's, who takes signals: looking is given up for it; or NULL */
};

/* FILE is a migration file, or a plan where `plan_too`. Faults of the file are shown; ERROR_CONFIG.
 */
MUST_CHECK bool session_open(const struct call *call, bool plan_too, struct session *out,
                             struct error *err);
void session_close(struct session *session);
AUTO_VALUE(struct session, session_close)

/* For what reads the record, and believes only what these keys allow. */
struct journal_reading session_reading(const struct session *session);
/* Of the runs on record; ERROR_FORMAT of a broken chain comes with the way to see all of it. */
MUST_CHECK bool session_history(struct session *session, struct observed_history *out,
                                struct error *err);
/* Looks at everything: source, target, hooks, waivers, journal. ERROR_INTERRUPTED. */
MUST_CHECK bool session_observe(struct session *session, struct observed *out, struct error *err);
/* Observes and plans; the context's times and names are filled in. */
MUST_CHECK bool session_plan(struct session *session, enum plan_mode mode, struct plan *out,
                             struct json **facts, struct error *err);
/* The folder that relative paths of a plan document are meant from; the caller frees. Nothing seals
 * the one that it states: it is believed below the working directory or beside the document, so
 * that it cannot lead to another repository or program. ERROR_CONFIG. */
MUST_CHECK bool session_plan_folder(const struct plan *plan, const char *file, char **out,
                                    struct error *err);
/* TLS towards a source; *out stays NULL where the file asks for none. Paths are meant from
 * `folder`.
 */
MUST_CHECK bool session_tls(const struct config_tls *tls, const char *folder,
                            struct redis_tls **out, struct error *err);
char *session_ci(void); /* the address of the CI job that runs us, or NULL; the caller frees */
/* "ann@build7", or in CI "ann as runner@build7"; the caller frees */
char *session_actor(void);
