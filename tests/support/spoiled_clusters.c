/* Sources in cluster mode and behind Sentinel. */
#include "tests/support/spoiled.h"

#include <stdlib.h>

#include "schemas/base/memory.h"

#define GIB ((int64_t)1 << 30)
#define NODE(index) (&s->observed.source.nodes.items[index])
#define AGREEMENT (s->observed.source.agreement)
#define EACH_NODE for (size_t i = 0; i < s->observed.source.nodes.count; i++)

static void cluster(struct sight *s) {
    sight_cluster(s, 3, 1);
}

static void fleet(struct sight *s) {
    sight_cluster(s, 300, 0);
}

static void with_group(struct sight *s) {
    cluster(s);
    sight_target_exists(s);
}

static void following(struct sight *s) {
    with_group(s);
    for (size_t i = 0; i < 3; i++)
        sight_shard_follows(s, i, NULL);
    s->observed.history.open = true;
    string_replace(&s->observed.history.last_mode, "migrate");
    string_replace(&s->observed.history.started_from, NODE(0)->address);
}

static void followed_by_sentinel(struct sight *s) {
    sight_sentinel(s);
    sight_target_follows(s);
}

static void equal_ranges(struct sight *s) {
    static const char *const slots[] = { "0-5460", "5461-10922", "10923-16383", NULL };
    cluster(s);
    sight_slots(s, slots);
    sight_target_exists(s);
}

static void slots(struct sight *s, const char *first, const char *second, const char *third) {
    const char *const all[] = { first, second, third, NULL };
    sight_slots(s, all);
}

static void every_other_backlog(struct sight *s) {
    EACH_NODE if (i % 25 == 0) pairs_set(&NODE(i)->settings, "repl-backlog-size", "1048576");
}

SPOIL(names, pairs_set(&NODE(2)->settings, "cluster-preferred-endpoint-type", "hostname"))
SPOIL(topology, NODE(2)->cluster_enabled = false)
SPOIL(topology_2, NODE(0)->cluster_enabled = true)
SPOIL(state, string_replace(&AGREEMENT.state, "fail"))
SPOIL(twice, slots(s, "0-5461", "5461-10921", "10922-16383"))
SPOIL(unserved, slots(s, "0-5460", "5462-10921", "10922-16380"))
SPOIL(unserved_2, strings_add(&AGREEMENT.unserved, "7-9"))
SPOIL(moving, strings_add(&AGREEMENT.open_slots, "10.20.4.1:6379 93 migrating");
      strings_add(&AGREEMENT.open_slots, "10.20.4.1:6379 94 migrating");
      strings_add(&AGREEMENT.open_slots, "10.20.4.3:6379 93 importing"))
SPOIL(failing, strings_add(&AGREEMENT.failing, "10.20.4.4:6379"))
SPOIL(views, strings_add(&AGREEMENT.other_views, "10.20.4.2:6379");
      strings_add(&AGREEMENT.other_views, "10.20.4.3:6379");
      strings_add(&AGREEMENT.other_views, "10.20.4.6:6379"))
SPOIL(empty, slots(s, "0-10921", "10922-16383", ""))
SPOIL(port, string_replace(&NODE(5)->address, "10.20.4.6:6380"))
SPOIL(address, string_replace(&NODE(3)->address, "8.8.8.8:6379"))
SPOIL(database, NODE(4)->highest_database = 3)
SPOIL(version, string_replace(&NODE(0)->version, "2.8.24"))
SPOIL(replica, string_replace(&NODE(2)->role, "slave");
      string_replace(&NODE(2)->follows, "10.20.4.4:6379"))
SPOIL(
    reachable, for (size_t i = 7; i < 300; i += 100) {
        NODE(i)->reachable = false;
        string_replace(&NODE(i)->problem, i == 7 ? "connection refused" : "no answer within 5 s");
    })
SPOIL(
    reachable_2, for (size_t i = 7; i < 200; i += 100) {
        NODE(i)->reachable = false;
        string_replace(&NODE(i)->problem, "connection refused");
    })
SPOIL(auth, EACH_NODE NODE(i)->password_required = true)
SPOIL(auth_2, EACH_NODE NODE(i)->password_required = i != 4)
SPOIL(protected, EACH_NODE pairs_set(&NODE(i)->settings, "protected-mode", "yes"))
SPOIL(backlog, every_other_backlog(s))
SPOIL(bind, pairs_set(&NODE(2)->settings, "bind", "127.0.0.1"))
SPOIL(fork, NODE(4)->system_memory_bytes = 13 * GIB)
SPOIL(rdb, string_replace(&NODE(4)->version, "7.4.6"))
SPOIL(pause, string_replace(&NODE(2)->version, "6.0.20"))
SPOIL(policy, pairs_set(&NODE(4)->settings, "maxmemory-policy", "allkeys-lru"))
SPOIL(memory, NODE(2)->used_memory_bytes = 80 * GIB)
SPOIL(cluster_mode, s->observed.target.cluster_enabled = false)
SPOIL(count, s->config.target.shards = 4)
SPOIL(count_2, s->observed.target.shards = s->config.target.shards = 2)
SPOIL(shifted, slots(s, "0-5461", "5462-10923", "10924-16383"))
SPOIL(holes, slots(s, "0-5459,10922", "5460-10921", "10923-16383"))
SPOIL(incomplete, spoil_holes(s); s->config.target.shards = SHAPE_UNSET)
SPOIL(unreachable, string_replace(&s->observed.target.shard_list.items[1].problem, "refused"))
SPOIL(foreign, sight_shard_follows(s, 1, "10.77.0.1:6379"))
SPOIL(pairing, sight_shard_follows(s, 1, "10.20.4.4:6379"))
SPOIL(pairing_2, string_replace(&s->observed.target.shard_list.items[2].replicates_from, NULL);
      string_replace(&s->observed.target.shard_list.items[2].role, "master"))
SPOIL(failed_over, string_replace(&s->observed.source.shards.items[0].primary, SIGHT_REPLICA);
      string_replace(&NODE(0)->role, "slave"); string_replace(&NODE(1)->role, "master"))
SPOIL(sentinels, AGREEMENT.sentinels = 1)
SPOIL(sentinels_2, AGREEMENT.sentinels = 0)
SPOIL(sentinels_3, strings_add(&AGREEMENT.sentinel_problems,
                               "10.0.0.3:26379: names 10.20.4.12:6379 as the primary"))
SPOIL(nothing, (void)s)
SPOIL(sentinel_replica, string_replace(&NODE(0)->role, "slave"))

const struct spoiled spoiled_clusters[] = {
    { "source-topology", SEVERITY_ERROR, cluster, spoil_topology,
      "the server does not run in cluster mode, the file says cluster", "10.20.4.3:6379", NULL },
    { "source-topology", SEVERITY_ERROR, sight_sentinel, spoil_topology_2,
      "the server runs in cluster mode, the file says sentinel", SIGHT_SOURCE, NULL },
    { "source-cluster-state", SEVERITY_ERROR, cluster, spoil_state, "cluster_state is fail, not ok",
      "the cluster", NULL },
    { "source-slots", SEVERITY_ERROR, cluster, spoil_twice, "slots are served by two primaries",
      "the cluster", "slots 5461" },
    { "source-slots", SEVERITY_ERROR, cluster, spoil_unserved,
      "slots are not served by any primary", "the cluster", "slots 5461,16381-16383" },
    { "source-slots", SEVERITY_ERROR, cluster, spoil_unserved_2,
      "slots are not served by any primary", "the cluster", "slots 7-9" },
    { "source-slots-moving", SEVERITY_ERROR, cluster, spoil_moving, "slots are migrating",
      "10.20.4.1:6379", "slot 93, 94" },
    { "source-slots-moving", SEVERITY_ERROR, cluster, spoil_moving, "slots are importing",
      "10.20.4.3:6379", "slot 93" },
    { "source-node-failing", SEVERITY_ERROR, cluster, spoil_failing,
      "other members report it as failing", "10.20.4.4:6379", NULL },
    { "source-views", SEVERITY_ERROR, cluster, spoil_views,
      "its view of the cluster differs from the others'",
      "3 of 6 nodes: 10.20.4.2:6379, 10.20.4.3:6379, 10.20.4.6:6379", NULL },
    { "source-empty-shard", SEVERITY_ERROR, cluster, spoil_empty, "a primary without slots",
      "10.20.4.5:6379", NULL },
    { "source-common-port", SEVERITY_ERROR, cluster, spoil_port,
      "its port is not 6379, which the other nodes use", "10.20.4.6:6380", NULL },
    { "source-address", SEVERITY_ERROR, cluster, spoil_address, "the source's address is public",
      "8.8.8.8:6379", NULL },
    { "source-database-zero", SEVERITY_ERROR, cluster, spoil_database,
      "there are keys outside database 0", "10.20.4.5:6379", "the highest database in use is 3" },
    { "source-version", SEVERITY_ERROR, cluster, spoil_version,
      "version 2.8.24 is older than cluster mode, 3.0", "10.20.4.1:6379", NULL },
    { "source-is-primary", SEVERITY_ERROR, cluster, spoil_replica, "this server is a replica",
      "10.20.4.3:6379", "it follows 10.20.4.4:6379" },
    { "source-reachable", SEVERITY_ERROR, fleet, spoil_reachable, "the source cannot be reached",
      "3 of 300 nodes: 10.20.4.8:6379, 10.20.4.108:6379, 10.20.4.208:6379",
      "for example 10.20.4.8:6379: connection refused" },
    { "source-reachable", SEVERITY_ERROR, fleet, spoil_reachable_2, "the source cannot be reached",
      "10.20.4.108:6379", "connection refused" },
    { "source-has-auth", SEVERITY_ERROR, fleet, spoil_auth, "the source requires a password",
      "all 300 nodes", NULL },
    { "source-has-auth", SEVERITY_ERROR, fleet, spoil_auth_2, "the source requires a password",
      "299 of 300 nodes (all but 10.20.4.5:6379)", NULL },
    { "source-protected-mode", SEVERITY_ERROR, cluster, spoil_protected, "protected-mode is on",
      "all 3 primaries", "protected-mode is \"yes\"" },
    { "source-backlog", SEVERITY_WARNING, fleet, spoil_backlog, "the replication backlog is small",
      "12 of 300 nodes: 10.20.4.1:6379, 10.20.4.26:6379, 10.20.4.51:6379, 10.20.4.76:6379, "
      "10.20.4.101:6379, 10.20.4.126:6379, 10.20.4.151:6379, 10.20.4.176:6379, 10.20.4.201:6379, "
      "10.20.4.226:6379, 10.20.5.1:6379, 10.20.5.26:6379",
      "repl-backlog-size is \"1mb\"" },
    { "source-bind", SEVERITY_ERROR, cluster, spoil_bind,
      "bind \"127.0.0.1\" accepts connections from this machine only", "10.20.4.3:6379", NULL },
    { "source-fork-room", SEVERITY_WARNING, cluster, spoil_fork,
      "there is little free memory for a fork of the source", "10.20.4.5:6379", NULL },
    { "source-rdb-version", SEVERITY_ERROR, cluster, spoil_rdb,
      "valkey 8.0 cannot load the snapshot of redis 7.4.6", "10.20.4.5:6379", NULL },
    { "cutover-no-pause", SEVERITY_NOTE, cluster, spoil_pause,
      "no pause before 6.2: writers are refused instead of waiting", "10.20.4.3:6379", NULL },
    { "target-eviction", SEVERITY_WARNING, cluster, spoil_policy,
      "maxmemory-policy is noeviction, on the source allkeys-lru", "orders-prod", NULL },
    { "target-memory", SEVERITY_ERROR, cluster, spoil_memory,
      "cache.r7g.4xlarge is too small for this shard", "10.20.4.3:6379",
      "the largest shard, 10.20.4.3:6379, uses 80 GiB; a shard of the target holds 79 GiB after "
      "its reserve; 10 % headroom is needed" },
    { "target-cluster-mode", SEVERITY_ERROR, with_group, spoil_cluster_mode,
      "the source is in cluster mode, the group is not", "orders-prod", NULL },
    { "target-shard-count", SEVERITY_ERROR, cluster, spoil_count, "4 shards, the source has 3",
      "orders-prod", NULL },
    { "target-shard-count", SEVERITY_ERROR, with_group, spoil_count_2, "2 shards, the source has 3",
      "orders-prod", NULL },
    { "target-slots", SEVERITY_NOTE, equal_ranges, spoil_shifted,
      "slots are distributed differently than on the source: the service moves them before it "
      "copies",
      "orders-prod", NULL },
    { "target-slots", SEVERITY_NOTE, cluster, spoil_holes,
      "a shard of the source serves several ranges of slots: the group is created with equal "
      "ranges, and the service moves slots before it copies",
      "orders-prod", NULL },
    { "target-incomplete", SEVERITY_ERROR, cluster, spoil_incomplete, "target.shards is not given",
      "orders-prod", NULL },
    { "target-node-reachable", SEVERITY_ERROR, with_group, spoil_unreachable,
      "the shard's primary does not answer INFO from here", "shard 0002", "refused" },
    { "target-other-source", SEVERITY_ERROR, with_group, spoil_foreign,
      "the shard already replicates from another source", "shard 0002", "from 10.77.0.1:6379" },
    { "target-shard-source", SEVERITY_ERROR, following, spoil_pairing,
      "the shard follows a server that is not its primary", "shard 0002",
      "slots 5461-10921 are served by 10.20.4.3:6379, the shard follows 10.20.4.4:6379" },
    { "target-shard-source", SEVERITY_ERROR, following, spoil_pairing_2,
      "the shard does not follow the source, but others do", "shard 0003", NULL },
    { "target-shard-source", SEVERITY_ERROR, followed_by_sentinel, spoil_failed_over,
      "the group follows a server that is no longer the primary", "orders-prod",
      "the Sentinels name " SIGHT_REPLICA ", the group follows " SIGHT_SOURCE },
    { "source-sentinels", SEVERITY_ERROR, sight_sentinel, spoil_sentinels,
      "fewer Sentinels answer than the quorum requires", "orders", "1 of them, the quorum is 2" },
    { "source-sentinels", SEVERITY_ERROR, sight_sentinel, spoil_sentinels_2, "no Sentinel answers",
      "orders", NULL },
    { "source-sentinels", SEVERITY_WARNING, sight_sentinel, spoil_sentinels_3,
      "the Sentinel is not healthy, or does not agree with the others", "10.0.0.3:26379",
      "names 10.20.4.12:6379 as the primary" },
    { "source-sentinel-replica", SEVERITY_NOTE, sight_sentinel, spoil_nothing,
      "the Sentinels will list the target as a replica of the source", "orders", NULL },
    { "source-is-primary", SEVERITY_ERROR, sight_sentinel, spoil_sentinel_replica,
      "this server is a replica", SIGHT_SOURCE, NULL },
    { "source-announced-names", SEVERITY_WARNING, cluster, spoil_names,
      "the cluster does not announce plain IP addresses", "10.20.4.3:6379",
      "cluster-preferred-endpoint-type is \"hostname\"" },
    { 0 },
};
