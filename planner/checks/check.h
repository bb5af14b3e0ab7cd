/* A check: one thing that could make the migration fail, or harm, told before anything is touched.
 *
 * One file and one row (checks.def) each. Its identifier is the row's, with `_` shown as `-`. A
 * check sees the situation and nothing else; what it finds carries the row's severity and remedy
 * unless it says otherwise. Summaries hold no measured number, because findings are hashed. */
#pragma once

#include <stdbool.h>

#include "planner/situation.h"
#include "schemas/base/findings.h"
#include "schemas/base/language.h"

struct check_input {
    const struct config *config;
    const struct observed *observed;
    const struct situation *situation;
    const struct check *check; /* the row that runs */
    const char *id;
};

/* Exactly one of the four: over everything, over each source node that could be reached, over each
 * of those that is a shard's primary, over a target that exists. What is found in the same words
 * about several nodes, or shards of the target, becomes one finding that names them. */
struct check {
    const char *title;
    const char *reads; /* where it looks, for the table of checks */
    const char *cause, *risk, *remedy;
    enum severity severity; /* the highest it gives */
    bool waivable;          /* an error that editions of the guide contradict each other about */
    bool of_moment; /* tells of who asks or of the hour, not of what is planned: shown and counted,
                       but no part of the digest: who plans need not be who applies */
    bool when_serverless; /* also, or only, means something of a serverless cache */
    bool when_finished;   /* also means something after the migration */
    bool when_aborting;   /* also, or only, means something to an abort */
    /* What it reads of a source node, in the words of observed_node.unread or as settings,
     * separated by blanks (fields of two words with a "+" between); where a node did not say one of
     * them, that is found, with the severity `unread`. */
    const char *facts;
    enum severity unread;
    /* The same of a target that exists: fields of the service's answers, and parameters of its
     * group as "parameter:NAME", separated by blanks. */
    const char *target_facts;
    enum severity target_unread;
    bool of_clusters;    /* these facts matter in cluster mode only */
    bool any_engine;     /* what it says is right for compatible servers, too */
    const char *setting; /* the source setting that a step of the plan may raise */
    void (*run)(const struct check_input *input, struct findings *out);
    void (*run_node)(const struct check_input *input, const struct observed_node *node,
                     struct findings *out);
    void (*run_primary)(const struct check_input *input, const struct observed_node *node,
                        struct findings *out);
    void (*run_target)(const struct check_input *input, const struct observed_target *target,
                       struct findings *out);
};

#define CHECK(id) extern const struct check check_##id;
#include "planner/checks/checks.def"
#undef CHECK

/* With the severity of the row, or with a lower one. The finding lives until the next is added. */
struct finding *check_found(const struct check_input *input, struct findings *out,
                            const char *subject, const char *summary_format, ...) PRINTF_LIKE(4, 5);
struct finding *check_found_as(const struct check_input *input, struct findings *out,
                               enum severity severity, const char *subject,
                               const char *summary_format, ...) PRINTF_LIKE(5, 6);
void finding_detail(struct finding *finding, const char *format, ...) PRINTF_LIKE(2, 3);
void finding_remedy(struct finding *finding, const char *format, ...) PRINTF_LIKE(2, 3);
/* Found when the row's setting is not good enough on this node; NULL otherwise. */
struct finding *check_found_setting(const struct check_input *input, struct findings *out,
                                    const struct observed_node *node, const char *summary);
/* A shard of the target as the subject of what is found about it; the caller frees. */
char *check_target_shard(const struct observed_target_shard *shard);
/* The target's name, as the subject of what is found about it. */
const char *check_target(const struct check_input *input);
bool check_is(const char *value, const char *word); /* equal, and not NULL */
