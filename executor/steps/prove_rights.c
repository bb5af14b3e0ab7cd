/* Proves on every source node, long before the cutover, that it lets us fence, hold and end
 * connections: the fence's own setting is set to what it is, a hold of one millisecond is asked
 * for, and a connection that does not exist is ended. */
#include "executor/cutover/fence.h"
#include "executor/site/orders.h"
#include "executor/steps/step.h"

static bool is_granted(bool granted, const char *right, struct error *err) {
    if (granted)
        return true;
    error_wrap(err, "the right to %s", right);
    return error_hint(
        err, "the cutover needs CONFIG SET, CLIENT PAUSE and CLIENT KILL on every source node");
}

static bool may_fence(const struct many *nodes, struct error *err) {
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    AUTO(orders_clear) struct orders same = { 0 };
    if (!fence_read(nodes, &now, err))
        return false;
    for (size_t i = 0; i < nodes->count; i++)
        orders_add(&same, nodes->items[i], now.items[i].write_name, now.items[i].write);
    return is_granted(orders_send(&same, err), "set the fence", err);
}

static bool may_hold(const struct site *site, struct error *err) {
    AUTO(many_clear) struct many able = { 0 };
    for (size_t i = 0; i < site->nodes.count; i++)
        if (site->nodes.items[i].version >= FENCE_HOLD_VERSION)
            many_add(&able, site->nodes.items[i].connection);
    return is_granted(many_call(&able, REDIS_NOW, NULL, err, "CLIENT", "PAUSE", "1", "WRITE", NULL),
                      "hold writers", err);
}

static bool prove(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    AUTO(many_clear) struct many nodes = { 0 };
    if (!site_source(site, SITE_NODES, err) || !step_may_act(run, err))
        return false;
    site_list(site, SITE_NODES, &nodes);
    if (!may_fence(&nodes, err) ||
        !is_granted(many_call(&nodes, REDIS_NOW, NULL, err, "CLIENT", "KILL", "ID",
                              "9223372036854775807", "SKIPME", "yes", NULL),
                    "disconnect clients", err))
        return false;
    json_put_int(run->evidence, "nodes", (int64_t)nodes.count);
    return site->config->cutover.writes != WRITES_PAUSE || may_hold(site, err);
}

const struct step_runner step_prove_rights = { .reads = true, .run = prove };
