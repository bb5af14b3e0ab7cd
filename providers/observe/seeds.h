/* The servers that the migration file names, asked at once for what they know of the others. */
#pragma once

#include <stdint.h>

#include "providers/redis/cluster.h"
#include "providers/redis/sentinel.h"
#include "schemas/base/secret.h"
#include "schemas/config/config.h"

struct seed_question {
    const struct config_source *source;
    const struct secret *password; /* NULL: none */
    const struct redis_tls *tls;   /* NULL: plain */
    int64_t timeout_ms;            /* of each seed */
};

/* The view of the first seed, in the order of the file, that has one; *seed is that seed, of the
 * file. Errors name every seed that did not answer. */
MUST_CHECK bool seeds_view(const struct seed_question *question, struct cluster_view *out,
                           const char **seed, struct error *err);

struct sentinels {
    struct {
        struct sentinel_view *items;
        size_t count;
    } views;
    struct strings answered; /* HOST:PORT of each view's Sentinel */
    struct strings problems; /* "HOST:PORT: why" of those that did not answer */
    size_t known_count;      /* those of the file and those that they know of */
};
/* All Sentinels: those of the file, and those that they name. A Sentinel that wants no password is
 * given none. */
void sentinels_ask(const struct seed_question *question, struct sentinels *out);
void sentinels_clear(struct sentinels *sentinels);
AUTO_VALUE(struct sentinels, sentinels_clear)
/* What they agree on, once more than half of them have answered. ERROR_CONFLICT,
 * ERROR_UNREACHABLE. */
MUST_CHECK bool sentinels_agree(const struct sentinels *sentinels, const struct strings *not_these,
                                struct topology *out, struct error *err);
