/* API actions: one file and one row each. A handler reads the form, changes or reads the state and
 * writes what belongs inside the Result element; or it refuses, and then has changed nothing. */
#pragma once

#include <stdbool.h>

#include "providers/local/actions/request.h"

enum action_effect {
    READS,
    MUTATES,
    VANISHES, /* mutates, and its answer has no Result element */
};

struct action {
    const char *name, *service, *version, *namespace;
    enum action_effect effect;
    bool (*run)(struct request *request);
};

#define ELASTICACHE "elasticache", "2015-02-02", "http://elasticache.amazonaws.com/doc/2015-02-02/"
#define STS "sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"

#define IAM "iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"

#define ACTION(symbol, name, service, effect) bool serve_##symbol(struct request *request);
#include "providers/local/actions/actions.def"
#undef ACTION

/* NULL for an action that is not offered. */
const struct action *action_find(const char *name, const char *version);
