#include "planner/checks/check.h"
#include "planner/engine.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (engine_is_proven(node))
        return;
    if (!node->engine || check_is(node->engine, "unknown"))
        check_found(input, out, node->address, "INFO does not tell which server this is");
    else if (check_is(node->engine, "redis") || check_is(node->engine, "valkey"))
        check_found(input, out, node->address, "%s %s is not a version that ecmig is proven with",
                    node->engine, node->version ? node->version : "unknown");
    else
        check_found(input, out, node->address, "this is %s %s, not Redis or Valkey", node->engine,
                    node->version ? node->version : "unknown");
}

const struct check check_source_engine = {
    .title = "The source is Redis or Valkey",
    .reads = "INFO server_name, redis_version, the versions that compatible servers give",
    .cause = "ElastiCache replicates from Redis OSS and Valkey. Compatible servers (KeyDB, "
             "Dragonfly, Kvrocks and others) give a redis_version and speak the protocol, yet "
             "replicate, fence and persist in their own way.",
    .risk = "The link does not come up, the target misses commands that the engine has on its own, "
            "or the fence does not hold: acknowledged writes are lost.",
    .remedy = "replicate into a Redis or Valkey server first, if the engine can, and migrate from "
              "there; else export and import. Waive this only after a rehearsal with this engine",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .any_engine = true,
    .run_node = run_node,
};
