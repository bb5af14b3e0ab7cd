#include "planner/preflight.h"

#include <stdlib.h>
#include <string.h>

#include "planner/engine.h"
#include "planner/group.h"
#include "planner/modify.h"
#include "planner/planner.h"
#include "planner/settings.h"
#include "planner/version.h"
#include "schemas/base/memory.h"

static const struct check *const checks[] = {
#define CHECK(id) &check_##id,
#include "planner/checks/checks.def"
#undef CHECK
};

static const char *const raw_ids[] = {
#define CHECK(id) #id,
#include "planner/checks/checks.def"
#undef CHECK
};

/* Identifiers as people write them, made once. The longest row fits with room. */
static const char *check_id(size_t index) {
    static char ids[COUNT(raw_ids)][48];
    for (size_t i = 0; !ids[index][i] && raw_ids[index][i] && i + 1 < sizeof ids[0]; i++)
        ids[index][i] = raw_ids[index][i] == '_' ? '-' : raw_ids[index][i];
    return ids[index];
}

static bool find_index(const char *id, size_t *out) {
    for (size_t i = 0; i < COUNT(checks); i++) {
        if (strcmp(check_id(i), id) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

const struct check *check_find(const char *id) {
    size_t index;
    return find_index(id, &index) ? checks[index] : NULL;
}

const struct check_help *check_help_at(size_t index) {
    static struct check_help helps[COUNT(checks)];
    if (index >= COUNT(checks))
        return NULL;
    const struct check *check = checks[index];
    helps[index] = (struct check_help){ .id = check_id(index),
                                        .title = check->title,
                                        .reads = check->reads,
                                        .cause = check->cause,
                                        .risk = check->risk,
                                        .remedy = check->remedy,
                                        .severity = check->severity };
    return &helps[index];
}

const struct check_help *check_help_find(const char *id) {
    size_t index;
    return find_index(id, &index) ? check_help_at(index) : NULL;
}

/* Settings that came after 2.8, by the version that brought them. */
static const struct {
    const char *name;
    int major, minor;
} young_settings[] = {
    { "cluster-preferred-endpoint-type", 7, 0 },
    { "protected-mode", 3, 2 },
    { "min-replicas-to-write", 5, 0 },
    { "lua-time-limit", 2, 8 },
};

static bool is_setting(const char *fact) {
    return strchr(fact, '-') != NULL || strcmp(fact, "bind") == 0 || strcmp(fact, "port") == 0 ||
           strcmp(fact, "timeout") == 0 || strcmp(fact, "databases") == 0 ||
           strcmp(fact, "appendonly") == 0;
}

static bool knows(const struct observed_node *node, const char *fact) {
    if (strcmp(fact, "version") == 0)
        return version_at_least(node->version, 0, 0, 0);
    if (!is_setting(fact))
        return !strings_has(&node->unread, fact);
    for (size_t i = 0; i < COUNT(young_settings); i++)
        if (strcmp(young_settings[i].name, fact) == 0 &&
            version_below(node->version, young_settings[i].major, young_settings[i].minor, 0))
            return true;
    return pairs_find(&node->settings, fact) != NULL;
}

/* A fact that was not read is not fine: each check says so of its own. */
static void find_unread(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (input->check->of_clusters && !input->situation->clustered)
        return;
    for (const char *at = input->check->facts; at && *at;) {
        size_t length = strcspn(at, " ");
        AUTO(string_free) char *fact = xstrndup(at, length);
        for (char *blank = strchr(fact, '+'); blank; blank = strchr(fact, '+'))
            *blank = ' ';
        at += length + strspn(at + length, " ");
        if (knows(node, fact))
            continue;
        finding_remedy(
            check_found_as(input, out, input->check->unread, node->address, "%s could not be read",
                           fact),
            "allow the user of source.username to read it (CONFIG GET, INFO, COMMAND INFO, MODULE "
            "LIST, TIME), without a proxy in between; or look it up yourself: %s",
            input->check->reads);
    }
}

static bool target_knows(const struct check_input *input, const char *fact) {
    const struct observed_target *target = &input->observed->target;
    const char *colon = strchr(fact, ':');
    if (colon) /* of a parameter group */
        return modify_parameter(input->situation, colon + 1) != NULL;
    const struct {
        const char *name, *value;
    } fields[] = {
        { "Engine", target->engine },
        { "EngineVersion", target->engine_version },
        { "CacheNodeType", target->node_type },
    };
    for (size_t i = 0; i < COUNT(fields); i++)
        if (strcmp(fields[i].name, fact) == 0)
            return fields[i].value && *fields[i].value;
    return true;
}

/* One that is being made tells the rest once it is there: target-status. */
static void find_unread_of_target(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    if (!target->reachable || !target->exists || target->serverless ||
        check_is(target->status, "creating"))
        return;
    for (const char *at = input->check->target_facts; at && *at;) {
        size_t length = strcspn(at, " ");
        AUTO(string_free) char *fact = xstrndup(at, length);
        at += length + strspn(at + length, " ");
        if (target_knows(input, fact))
            continue;
        const char *colon = strchr(fact, ':');
        finding_remedy(check_found_as(input, out, input->check->target_unread, check_target(input),
                                      "the service does not report %s%s",
                                      colon ? "the parameter " : "", colon ? colon + 1 : fact),
                       "look it up in the console or with the AWS CLI: %s", input->check->reads);
    }
}

/* What is advised for Redis need not exist elsewhere, or do the same. */
static void withhold_remedies(const struct check_input *input, size_t from, struct findings *out) {
    for (size_t i = from; i < out->count && !input->check->any_engine; i++) {
        struct finding *finding = &out->items[i];
        int at = situation_node_index(input->situation, finding->subject, strlen(finding->subject));
        const struct observed_node *node = at < 0 ? NULL : &input->observed->source.nodes.items[at];
        if (node && node->reachable && !engine_is_proven(node))
            finding_remedy(finding,
                           "resolve source-engine first: advice for Redis may not apply here");
    }
}

static void run_check(const struct check_input *input, struct findings *out) {
    const struct check *check = input->check;
    const struct observed_source *source = &input->observed->source;
    const struct observed_node *node;
    struct primary_walk walk = { 0 };
    find_unread_of_target(input, out);
    if (check->run)
        check->run(input, out);
    while (check->run_primary && (node = situation_next_primary(input->situation, &walk)))
        if (node->reachable) {
            find_unread(input, node, out);
            check->run_primary(input, node, out);
        }
    for (size_t i = 0; check->run_node && i < source->nodes.count; i++)
        if (source->nodes.items[i].reachable) {
            find_unread(input, &source->nodes.items[i], out);
            check->run_node(input, &source->nodes.items[i], out);
        }
    if (check->run_target && input->observed->target.reachable && input->observed->target.exists)
        check->run_target(input, &input->observed->target, out);
}

/* An expired waiver waives nothing, and an error only when its row allows. */
static void waive(const struct situation *situation, struct finding *finding) {
    const struct check *check = check_find(finding->id);
    bool may = finding->severity != SEVERITY_ERROR || (check && check->waivable);
    for (size_t i = 0; may && i < situation->config->waive.count; i++) {
        const struct config_waiver *waiver = &situation->config->waive.items[i];
        if (strcmp(waiver->finding, finding->id) == 0 &&
            !strings_has(&situation->observed->expired_waivers, waiver->finding))
            string_replace(&finding->waived_by, waiver->reason);
    }
}

static bool applies(const struct check *check, const struct situation *situation) {
    if (situation->serverless)
        return check->when_serverless;
    return situation->mode == PLAN_ABORT ? check->when_aborting
                                         : !situation->finished || check->when_finished;
}

void preflight(const struct situation *situation, struct findings *out) {
    for (size_t i = 0; i < COUNT(checks); i++) {
        if (!applies(checks[i], situation))
            continue;
        struct check_input input = { .config = situation->config,
                                     .observed = situation->observed,
                                     .situation = situation,
                                     .check = checks[i],
                                     .id = check_id(i) };
        size_t before = out->count;
        run_check(&input, out);
        withhold_remedies(&input, before, out);
        findings_group(situation, checks[i]->run_primary, before, out);
    }
    for (size_t i = 0; i < out->count; i++)
        waive(situation, &out->items[i]);
    findings_sort(out);
}
