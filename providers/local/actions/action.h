/* API actions: one file and one row each. A handler reads the form, changes or reads the state and
 * writes what belongs inside the Result element; or it refuses, and then has changed nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/local/state/endpoint.h"
#include "providers/local/wire/form.h"
#include "providers/local/wire/markup.h"
#include "providers/local/wire/signature.h"

struct request {
    struct endpoint *endpoint;
    const struct pairs *form;
    const char *region; /* that the client signed for */
    struct text *out;
    struct refusal *refusal;
};

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

/* What handlers share. Values of the form; refusing on behalf of the handler. */
const char *request_value(const struct request *request, const char *name); /* NULL when absent */
MUST_CHECK bool request_required(struct request *request, const char *name, const char **out);
MUST_CHECK bool request_bool(struct request *request, const char *name, bool *in_out);
MUST_CHECK bool request_int(struct request *request, const char *name, int64_t minimum,
                            int64_t maximum, int64_t *in_out);
MUST_CHECK bool request_group(struct request *request, struct group **out);
MUST_CHECK bool request_available_group(struct request *request, struct group **out);
void request_strings(const struct request *request, const char *prefix, struct strings *out);
MUST_CHECK bool request_tags(struct request *request, struct pairs *tags);
/* A list's slice by MaxRecords and Marker; answer_marker closes it. */
struct slice {
    size_t first, end;
};
MUST_CHECK bool request_slice(struct request *request, size_t total, struct slice *out);
void answer_marker(struct request *request, const struct slice *slice, size_t total);

/* XML of what several actions show. */
void answer_group(struct request *request, const struct group *group); /* <ReplicationGroup> */
void answer_tags(struct request *request, const struct pairs *tags);   /* <TagList> */
void answer_arn(struct text *out, const char *region, const char *kind, const char *id);

#define CLUSTER_ON ".cluster.on" /* a default's name ends so with cluster mode */

/* Parameter groups: the families' defaults, and those that were made. */
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
