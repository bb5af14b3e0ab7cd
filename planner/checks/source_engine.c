#include "planner/checks/check.h"
#include "planner/engine.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (engine_is_proven(node))
        return;
    if (!node->engine || check_is(node->engine, "unknown"))
        check_found(input, out, node->address, "INFO does not say which server this is");
    else if (check_is(node->engine, "redis") || check_is(node->engine, "valkey"))
        check_found(input, out, node->address, "%s %s is not a version that ecmig is tested with",
                    node->engine, node->version ? node->version : "unknown");
    else
        check_found(input, out, node->address, "this is %s %s, not Redis or Valkey", node->engine,
                    node->version ? node->version : "unknown");
}

const struct check check_source_engine = {
    .title = "The source is Redis or Valkey",
    .reads = "INFO server_name, redis_version, the versions that compatible servers give",
    .cause = "ElastiCache replicates from Redis OSS and Valkey. Compatible servers (KeyDB, "
             "Dragonfly, Kvrocks and others) report a redis_version and speak the protocol, but "
             "they replicate, fence and persist in their own way.",
    .risk = "The link does not come up, the target misses commands that only this engine has, or "
            "the fence does not work: acknowledged writes are lost.",
    .remedy =
        "replicate into a Redis or Valkey server first, if the engine can, and migrate from there; "
        "otherwise export and import. Waive this only after a rehearsal with this engine",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .any_engine = true,
    .run_node = run_node,
};
