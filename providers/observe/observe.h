/* Answers of Redis servers and of the service, made into one observation. Reads only; what cannot
 * be observed is said in the observation (`reachable`, `problem`), not as an error. */
#pragma once

#include <stdint.h>

#include "providers/elasticache/elasticache.h"
#include "providers/redis/access.h"
#include "providers/redis/tls.h"
#include "schemas/base/secret.h"
#include "schemas/config/config.h"
#include "schemas/observed/observed.h"

struct observe_source_options {
    const struct config *config;
    const struct secret *password;        /* NULL: none */
    const struct redis_tls *tls;          /* NULL: plain */
    const struct observed_target *target; /* its nodes are not replicas of the source; or NULL */
};

/* One question to every source node: the configured one, then its replicas at once. */
void observe_source(const struct observe_source_options *options, struct observed_source *out);

/* `service` may be NULL: then `problem` says why there is none. `access` is to the group's nodes
 * while it has TLS, or users; NULL: such nodes are not asked. */
void observe_target(const struct config *config, struct elasticache *service,
                    const struct error *problem, const struct redis_access *access,
                    int64_t deadline_mono_ms, struct observed_target *out);

/* Whether the policies of target->caller allow these actions on the group, which need not exist;
 * waits for IAM a few seconds at most. Nothing is asked for no actions. */
void observe_rights(const struct config *config, struct elasticache *service,
                    const struct strings *actions, struct observed_target *target);

/* sha256 of the program that a command runs, and of the script that it gives to an interpreter;
 * "absent" for one that is not a file. Names without a slash are looked for on PATH. */
void observe_command(const struct strings *command, const char *config_folder, struct pairs *out);
void observe_hook(const struct config_hook *hook, const char *config_folder, struct pairs *out);
void observe_hooks(const struct config *config, const char *config_folder, struct pairs *out);
/* Those that print a secret (exec). */
void observe_secret_programs(const struct config *config, const char *config_folder,
                             struct pairs *out);

/* The files of `approvals`, paths meant from `config_folder`; nothing where there are none. */
void observe_signers(const struct config_approvals *approvals, const char *config_folder,
                     struct observed_signers *out);
