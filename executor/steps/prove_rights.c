/* Proves on a source node, long before the cutover, that it lets us fence, hold and end
 * connections: the fence's own setting is set to what it is, a hold of one millisecond is asked
 * for, and a connection that does not exist is ended. */
#include <stdlib.h>

#include "executor/cutover/fence.h"
#include "executor/steps/step.h"
#include "schemas/base/memory.h"

static bool ask(struct step_run *run, struct redis_connection *node, const char *right,
                const char *const *words, size_t count, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_callv(node, REDIS_NOW, count, words, NULL, &reply, err)) {
        (void)error_wrap(err, "the right to %s on '%s'", right, run->step->object);
        return error_hint(
            err, "the cutover needs CONFIG SET, CLIENT PAUSE and CLIENT KILL on every source node");
    }
    return true;
}

static bool prove(struct step_run *run, struct error *err) {
    struct redis_connection *node;
    AUTO(many_clear) struct many alone = { 0 };
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    if (!site_node(run->site, run->step->object, &node, err) || !step_may_act(run, err))
        return false;
    many_add(&alone, node);
    if (!fence_read(&alone, &now, err))
        return false;
    const char *set[] = { "CONFIG", "SET", now.items[0].write_name, now.items[0].write };
    const char *kill[] = { "CLIENT", "KILL", "ID", "9223372036854775807", "SKIPME", "yes" };
    const char *pause[] = { "CLIENT", "PAUSE", "1", "WRITE" };
    if (!ask(run, node, "set the fence", set, COUNT(set), err) ||
        !ask(run, node, "end connections", kill, COUNT(kill), err))
        return false;
    return run->site->config->cutover.writes != WRITES_PAUSE ||
           site_version(run->site, run->step->object) < FENCE_HOLD_VERSION ||
           ask(run, node, "hold writers", pause, COUNT(pause), err);
}

const struct step_runner step_prove_rights = { .reads = true, .run = prove };
