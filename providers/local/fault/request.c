#include "providers/local/fault/request.h"

#include <string.h>

#include "providers/local/state/endpoint.h"
#include "providers/process/resident.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"
#include "schemas/base/suggest.h"

#define BEGIN_DEADLINE_MS 20000

/* A fault of a call that does not exist would never happen. */
static bool check_action(const char *action, struct error *err) {
    AUTO(strings_clear) struct strings names = { 0 };
#define ACTION(symbol, name, service, effect) strings_add(&names, name);
#include "providers/local/actions/actions.def"
#undef ACTION
    if (!action || strings_has(&names, action))
        return true;
    AUTO(string_free) char *near = suggest_nearest(action, &names);
    AUTO(string_free) char *all = strings_join(&names, ", ");
    error_set(err, ERROR_USAGE, "there is no API action '%s'", action);
    return near ? error_hint(err, "did you mean '%s'?", near) : error_hint(err, "known: %s", all);
}

static bool check_uses(const struct fault *fault, struct error *err) {
    const struct fault_row *row = &fault_rows[fault->kind];
    const struct {
        enum fault_use use;
        bool given;
        const char *option;
    } uses[] = {
        { USES_ACTION, fault->action, "--action" }, { USES_SHARE, fault->share_percent, "--share" },
        { USES_FOR, fault->for_ms, "--for" },       { USES_STATUS, fault->status, "--status" },
        { USES_NODE, fault->node, "--node" },
    };
    for (size_t i = 0; i < COUNT(uses); i++)
        if (uses[i].given && !(row->uses & uses[i].use))
            return error_set(err, ERROR_USAGE, "%s does not take '%s'", uses[i].option, row->name);
    if ((row->uses & USES_NODE) && !fault->node) {
        error_set(err, ERROR_USAGE, "--node is missing");
        return error_hint(err, "name a node by its id, for example source-001 or orders-001");
    }
    if ((row->uses & USES_STATUS) && !fault->status) {
        error_set(err, ERROR_USAGE, "--status is missing");
        return error_hint(err, "name the status, for example --status snapshotting");
    }
    return true;
}

static bool check_node(const char *dir, const struct fault *fault, struct error *err) {
    AUTO(state_clear) struct state state = { 0 };
    if (!fault->node)
        return true;
    if (!state_load(dir, &state, err))
        return false;
    if (!state_node(&state, fault->node)) {
        error_set(err, ERROR_NOT_FOUND, "no node '%s'", fault->node);
        return error_hint(err, "node ids look like source-001 and orders-001, with cluster mode "
                               "source-0001-001 and orders-0001-001");
    }
    if ((fault->kind == FAULT_RESTART_NODE || fault->kind == FAULT_SOURCE_FAILOVER) &&
        !nodes_find(&state.source, fault->node)) {
        error_set(err, ERROR_USAGE, "'%s' is not a node of the source", fault->node);
        return error_hint(err, "nodes of a group are replaced by the endpoint: use kill-node");
    }
    return true;
}

static bool open_endpoint(const char *dir, char **absolute, struct error *err) {
    if (!path_absolute(dir, absolute, err))
        return false;
    AUTO(string_free) char *pid_path = endpoint_file(*absolute, "endpoint.pid");
    if (resident_find(pid_path))
        return true;
    error_set(err, ERROR_NOT_FOUND, "no endpoint runs in '%s'", dir);
    return error_hint(err, "start it with 'ecmig local up --dir %s'", dir);
}

/* Until none waits for its beginning, or for its end after a clear. */
static bool wait_taken_up(const char *dir, struct error *err) {
    for (int64_t deadline = clock_mono_ms() + BEGIN_DEADLINE_MS;;) {
        AUTO(faults_clear) struct faults faults = { 0 };
        bool waits = false;
        if (!faults_load(dir, &faults, err))
            return false;
        for (size_t i = 0; i < faults.count; i++)
            waits |= fault_rows[faults.items[i].kind].scope == FAULT_SCOPE_AT_ONCE &&
                     faults.items[i].until_ms <= 1;
        if (!waits)
            return true;
        if (!clock_left_ms(deadline))
            return error_set(err, ERROR_DEADLINE, "the endpoint does not accept the fault");
        clock_sleep_ms(5);
    }
}

bool local_fault(const char *dir, const struct fault *fault, struct error *err) {
    AUTO(string_free) char *absolute = NULL;
    return check_uses(fault, err) && check_action(fault->action, err) &&
           open_endpoint(dir, &absolute, err) && check_node(absolute, fault, err) &&
           fault_add(absolute, fault, err) && wait_taken_up(absolute, err);
}

bool local_fault_clear(const char *dir, struct error *err) {
    AUTO(string_free) char *absolute = NULL;
    return open_endpoint(dir, &absolute, err) && fault_forget(absolute, err) &&
           wait_taken_up(absolute, err);
}

bool local_faults(const char *dir, struct json **out, struct error *err) {
    AUTO(string_free) char *absolute = NULL;
    AUTO(faults_clear) struct faults faults = { 0 };
    if (!path_absolute(dir, &absolute, err) || !faults_load(absolute, &faults, err))
        return false;
    *out = faults_describe(&faults);
    return true;
}
