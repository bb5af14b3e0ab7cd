/* The order of calls and statuses, and the time between them. */
#include <string.h>

#include "providers/trace/judge.h"
#include "schemas/base/memory.h"

static const struct {
    const char *status, *next;
} statuses[] = {
#define GROUP_STATUS(status, next) { status, next },
#include "providers/trace/beliefs/statuses.def"
#undef GROUP_STATUS
};

static struct judged_group *group_of(struct judge *judge, const char *id) {
    for (size_t i = 0; i < judge->groups.count; i++)
        if (strcmp(judge->groups.items[i].id, id) == 0)
            return &judge->groups.items[i];
    struct judged_group *group = LIST_ADD(&judge->groups);
    group->id = xstrdup(id);
    return group;
}

static const char *next_of(const char *status) {
    for (size_t i = 0; i < COUNT(statuses); i++)
        if (string_same(statuses[i].status, status))
            return statuses[i].next;
    return NULL;
}

static int64_t since(const struct judge *judge, int64_t begun_ms) {
    return begun_ms ? judge->at_ms - begun_ms : 0;
}

static void judge_passage(struct judge *judge, struct judged_group *group, const char *status) {
    if (strcmp(status, "creating") == 0 && !group->creating_since_ms)
        group->creating_since_ms = judge->at_ms;
    if (strcmp(status, "creating") != 0) {
        judge_took(judge, TIMING_CREATE, since(judge, group->creating_since_ms), group->id);
        group->creating_since_ms = 0;
    }
    if (strcmp(status, "migrating") == 0) {
        judge_took(judge, TIMING_START, since(judge, group->started_ms), group->id);
        group->started_ms = 0;
        group->reached = group->migrated = true;
    }
    if (strcmp(status, "available") == 0) {
        judge_took(judge, TIMING_COMPLETE, since(judge, group->completed_ms), group->id);
        group->completed_ms = group->started_ms = 0;
    }
}

static void judge_status(struct judge *judge, const char *id, const char *status) {
    struct judged_group *group = group_of(judge, id);
    const char *next = group->status ? next_of(group->status) : NULL;
    if (!next_of(status))
        judge_differs(judge, "unknown-status",
                      "ecmig waits until another status comes, up to the step's timeout; decide "
                      "whether it ends a wait",
                      "replication group %.60s has the unknown status '%.60s'", id, status);
    else if (next && !judge_has_word(next, ' ', status))
        judge_differs(judge, "status-order",
                      "the local endpoint never does this: what waits for a status in between may "
                      "not see it",
                      "replication group %.60s went from '%.60s' to '%.60s'", id, group->status,
                      status);
    judge_passage(judge, group, status);
    string_replace(&group->status, status);
}

static void judge_groups(struct judge *judge, const struct xml *root) {
    const struct xml *groups = xml_find(root, "DescribeReplicationGroupsResult/ReplicationGroups");
    for (const struct xml *at = xml_first(groups, "ReplicationGroup"); at;
         at = xml_next(at, "ReplicationGroup")) {
        const char *id = xml_text(at, "ReplicationGroupId"), *status = xml_text(at, "Status");
        if (id && status)
            judge_status(judge, id, status);
    }
}

/* What a group was when it was last looked at: a change may have ended since. */
static void judge_start(struct judge *judge, struct judged_group *group) {
    if (group->status && !judge_has_word("available modifying", ' ', group->status))
        judge_differs(judge, "call-order", "the service accepts what it documents to refuse",
                      "StartMigration was accepted while %.60s was '%.60s'", group->id,
                      group->status);
    group->started_ms = judge->at_ms;
    group->migrated = true;
}

static void judge_completion(struct judge *judge, struct judged_group *group) {
    if (!group->migrated)
        judge_differs(judge, "call-order",
                      "no start was seen before it: the beginning of the trace is missing, or the "
                      "service accepts what it documents to refuse",
                      "CompleteMigration of %.60s was accepted without a migration", group->id);
    group->completed_ms = judge->at_ms;
    group->migrated = group->reached = false;
}

void judge_lost(struct judge *judge, const char *action, const char *id) {
    if (id && strcmp(action, "StartMigration") == 0)
        group_of(judge, id)->migrated = true;
}

void judge_order(struct judge *judge, const char *action, const char *id, const struct xml *root) {
    if (strcmp(action, "DescribeReplicationGroups") == 0)
        judge_groups(judge, root);
    if (!id)
        return;
    if (strcmp(action, "StartMigration") == 0)
        judge_start(judge, group_of(judge, id));
    else if (strcmp(action, "CompleteMigration") == 0)
        judge_completion(judge, group_of(judge, id));
    else if (strcmp(action, "DeleteReplicationGroup") == 0)
        string_replace(&group_of(judge, id)->status, "deleting");
    else if (strcmp(action, "CreateReplicationGroup") == 0)
        string_replace(&group_of(judge, id)->status, NULL);
}
