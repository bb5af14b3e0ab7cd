#include "cmd/live.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/session.h"
#include "providers/observe/observe.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define SERVICE_MS 5000 /* status is asked in a hurry */

#define ROW(member, ...) FIELD(struct live, member, __VA_ARGS__)
static const struct shape_field live_fields[] = {
    ROW(target_status, SHAPE_STRING),
    ROW(link, SHAPE_STRING),
    ROW(lag_bytes, SHAPE_INT),
    ROW(problem, SHAPE_STRING),
};
const struct shape live_shape = SHAPE("live", struct live, live_fields);

void live_clear(struct live *live) {
    if (live)
        shape_clear(&live_shape, live);
}

static void measure(const struct observed *seen, struct live *out) {
    const struct observed_target *target = &seen->target;
    const struct observed_node *source =
        seen->source.nodes.count ? &seen->source.nodes.items[0] : NULL;
    out->target_status = xstrdup(target->status);
    out->link = target->replicates_from ? xstrdup(target->link_status) : NULL;
    if (!target->reachable)
        out->problem = xstrdup(target->problem);
    else if (!target->exists)
        out->problem = xstrdup("the target does not exist");
    else if (!target->node_reachable)
        out->problem = xstrdup(target->node_problem);
    else if (!source || !source->reachable)
        out->problem = xstrdup(source ? source->problem : "there is no source");
    else if (!target->replicates_from)
        out->problem = xstrdup("the target follows no server");
    else if (strcmp(target->replicates_from, source->address) != 0 &&
             (!source->service_address ||
              strcmp(target->replicates_from, source->service_address) != 0))
        out->problem = xasprintf("the target follows %s", target->replicates_from);
    else if (!out->link || strcmp(out->link, "up") != 0)
        out->problem = xstrdup("the target's link to the source is not up");
    else
        out->lag_bytes = source->replication_offset > target->replication_offset
                             ? source->replication_offset - target->replication_offset
                             : 0;
}

void live_look(const struct call *call, struct live *out) {
    AUTO(session_close) struct session session = { 0 };
    AUTO(observed_clear) struct observed seen = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    *out = (struct live){ .lag_bytes = -1 };
    if (!session_open(call, false, &session, &err)) {
        out->problem = xstrdup(err.message);
        return;
    }
    observe_target(&session.config, session.service, &session.service_problem,
                   clock_mono_ms() + SERVICE_MS, &seen.target);
    observe_source(&(struct observe_source_options){ .config = &session.config,
                                                     .password = session.password,
                                                     .tls = session.tls,
                                                     .target = &seen.target },
                   &seen.source);
    measure(&seen, out);
}

void live_say(const struct live *live, struct text *page) {
    text_add(page, "  lag      ");
    if (live->lag_bytes >= 0)
        units_add_bytes(page, live->lag_bytes);
    else
        text_addf(page, "unknown: %s", live->problem ? live->problem : "nobody could be asked");
    if (live->target_status)
        text_addf(page, "; the target is %s", live->target_status);
    text_add_char(page, '\n');
}
