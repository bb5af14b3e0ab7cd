#include "planner/checks/check.h"
#include "planner/modify.h"
#include "planner/version.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *engine = situation_target_engine(input->now);
    const char *version = modify_version(input->now);
    bool loads = !version || (check_is(engine, "valkey") && !version_below(version, 9, 0, 0));
    if (node->expiring_field_keys && check_is(node->engine, "valkey") && !loads)
        check_found(input, out, node->address,
                    "hashes have fields that expire, which %s %s cannot load",
                    engine ? engine : "the target", version);
}

const struct check check_source_field_expiry = {
    .title = "The target knows fields that expire",
    .reads = "INFO keyspace keys_with_volatile_items; engine of the target",
    .cause =
        "From Valkey 9 on fields of a hash can have an expiry of their own. Such a server sends "
        "older replicas a snapshot that they know only while there is none.",
    .risk = "The source ends the synchronisation, each time that it is tried.",
    .remedy = "choose Valkey 9 or newer as the target, or remove those expiries (HPERSIST) first",
    .severity = SEVERITY_ERROR,
    .run_primary = run_primary,
};
