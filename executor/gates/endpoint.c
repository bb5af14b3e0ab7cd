/* The group is available, and answers from here at its endpoints as they are described now, with
 * TLS: what clients are moved to is there before the rest of them is refused. */
#include <string.h>

#include "executor/gates/gate.h"
#include "executor/site/endpoint.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static bool pass(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    struct site *site = run->site;
    (void)gate;
    if (!site_describe_target(site, &group, err))
        return false;
    if (strcmp(group.status, "available") != 0) {
        error_set(err, ERROR_GATE, "waits for group '%s', whose status is %s", group.id,
                  group.status);
        return error_hint(err, "apply again when its status is available");
    }
    site_forget_target(site);
    if (endpoint_answers(site, err))
        return true;
    err->code = err->code == ERROR_INTERRUPTED ? err->code : ERROR_GATE;
    error_wrap(err, "the target's endpoint is not healthy");
    return error_hint(err, "clients that use it would fail as well: check the network, "
                           "target.after_cutover.ca_file and the login, then apply again");
}

const struct gate_condition gate_condition_endpoint = { .name = "endpoint", .pass = pass };
