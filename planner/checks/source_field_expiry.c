#include "planner/checks/check.h"
#include "planner/modify.h"
#include "planner/version.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *engine = situation_target_engine(input->situation);
    const char *version = modify_version(input->situation);
    bool valkey = check_is(node->engine, "valkey");
    bool loads =
        !version || (valkey ? check_is(engine, "valkey") && !version_below(version, 9, 0, 0)
                            : check_is(engine, "redis") && !version_below(version, 7, 4, 0));
    bool can_expire = valkey || version_at_least(node->version, 7, 4, 0);
    if (node->expiring_field_keys && can_expire && !loads)
        check_found(input, out, node->address,
                    "hashes have fields with an expiry, which %s %s cannot load",
                    engine ? engine : "the target", version);
}

const struct check check_source_field_expiry = {
    .title = "The target supports fields with an expiry",
    .reads = "INFO keyspace keys_with_volatile_items, subexpiry; engine of the target",
    .cause = "Since Valkey 9 and Redis 7.4, fields of a hash can have their own expiry, and each "
             "engine stores it in its own format. Other servers can load the snapshot only if no "
             "field has one.",
    .risk = "The source cancels the synchronization each time it is attempted.",
    .remedy = "from Valkey, choose Valkey 9 or newer as the target; otherwise remove those "
              "expiries (HPERSIST) first",
    .severity = SEVERITY_ERROR,
    .facts = "keyspace",
    .unread = SEVERITY_WARNING,
    .run_primary = run_primary,
};
