#include "planner/starter.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "planner/situation.h"
#include "planner/version.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/units.h"

#define ROOM_IN_PERCENT 75   /* the service's reserve is 25 % */
#define HEAD_ROOM_PERCENT 25 /* so that the target is not full on its first day */
#define REPLICAS_CEILING 5   /* of a shard */
#define COMMENT_COLUMN 33
#define SEEDS 3 /* primaries of a cluster that are named: one may be away */

/* A current family; the room is maxmemory as the service publishes it. */
static const struct {
    const char *name;
    int64_t maxmemory_bytes;
} node_types[] = {
    { "cache.r7g.large", 14037181030 },     { "cache.r7g.xlarge", 28261849702 },
    { "cache.r7g.2xlarge", 56711183565 },   { "cache.r7g.4xlarge", 113609865216 },
    { "cache.r7g.8xlarge", 225000375228 },  { "cache.r7g.12xlarge", 341206346547 },
    { "cache.r7g.16xlarge", 450000750456 },
};

static const char *node_type_for(int64_t used_bytes) {
    for (size_t i = 0; i < COUNT(node_types); i++)
        if (node_types[i].maxmemory_bytes / 100 * ROOM_IN_PERCENT >=
            used_bytes / 100 * (100 + HEAD_ROOM_PERCENT))
            return node_types[i].name;
    return node_types[COUNT(node_types) - 1].name;
}

/* In double quotes: what a server says may look like anything. */
static void add_quoted(struct text *out, const char *value) {
    text_add_char(out, '"');
    for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
        if (*at == '"' || *at == '\\')
            text_addf(out, "\\%c", *at);
        else if (iscntrl(*at))
            text_addf(out, "\\x%02X", *at);
        else
            text_add_char(out, (char)*at);
    }
    text_add_char(out, '"');
}

static void add_key(struct text *out, const char *key, const char *value, const char *comment) {
    if (!value)
        return;
    size_t start = out->length;
    text_addf(out, "  %s: ", key);
    add_quoted(out, value);
    if (comment) {
        do
            text_add_char(out, ' ');
        while (out->length - start < COMMENT_COLUMN);
        text_addf(out, "# %s", comment);
    }
    text_add_char(out, '\n');
}

static void add_list(struct text *out, const char *key, const struct strings *list) {
    if (!list->count)
        return;
    text_addf(out, "  %s: [", key);
    for (size_t i = 0; i < list->count; i++) {
        text_add(out, i ? ", " : "");
        add_quoted(out, list->items[i]);
    }
    text_add(out, "]\n");
}

static void add_comment(struct text *out, const char *words) {
    text_add(out, "  # ");
    for (; *words; words++)
        text_add_char(out, iscntrl((unsigned char)*words) ? '?' : *words);
    text_add_char(out, '\n');
}

/* What the file is made of, out of what was seen. */
struct view {
    const struct starter *starter;
    struct situation situation;
    const struct observed_node *node; /* a primary that answered */
    int64_t used_bytes, largest_bytes;
    size_t replicas; /* of the shard that has the fewest */
};

static void look(const struct starter *starter, struct view *view) {
    const struct observed_source *source = &starter->observed->source;
    const struct observed_node *node;
    struct primary_walk walk = { 0 };
    *view = (struct view){ .starter = starter };
    situation_read(starter->config, starter->observed, PLAN_MIGRATE, &view->situation);
    view->node = view->situation.primary;
    view->replicas = view->node->replicas.count;
    while ((node = situation_next_primary(&view->situation, &walk))) {
        view->used_bytes = number_sum(view->used_bytes, node->used_memory_bytes);
        if (node->used_memory_bytes > view->largest_bytes)
            view->largest_bytes = node->used_memory_bytes;
    }
    for (size_t i = 0; view->situation.clustered && i < source->shards.count; i++)
        if (!i || source->shards.items[i].replicas.count < view->replicas)
            view->replicas = source->shards.items[i].replicas.count;
}

static void add_seen(const struct view *view, struct text *out) {
    const struct observed_node *node = view->node;
    const struct observed_source *source = &view->starter->observed->source;
    AUTO(string_free) char *size = units_bytes(view->used_bytes);
    AUTO(text_clear) struct text seen = { 0 };
    text_addf(&seen, "%s %s, ", node->engine ? node->engine : "redis",
              node->version ? node->version : "of unknown version");
    /* Replicas of a young cluster count as primaries without slots until they are attached. */
    size_t shards = situation_serving_shards(&view->situation);
    if (view->situation.clustered)
        text_addf(&seen, "%zu shard%s on %zu nodes, ", shards, shards == 1 ? "" : "s",
                  source->nodes.count);
    if (view->situation.clustered && source->shards.count > shards)
        text_addf(&seen, "%zu more primaries without slots, ", source->shards.count - shards);
    if (!view->situation.clustered)
        text_addf(&seen, "%s%s%zu replica%s, ",
                  view->starter->config->source.sentinel_master ? node->address : "",
                  view->starter->config->source.sentinel_master ? ", " : "", node->replicas.count,
                  node->replicas.count == 1 ? "" : "s");
    text_add(&seen, size);
    add_comment(out, text_string(&seen));
}

/* Of a cluster some primaries, wherever it was looked at from; else what was asked for. */
static void add_nodes(const struct view *view, struct text *out) {
    const struct strings *given = &view->starter->config->source.nodes;
    const struct strings *known = &view->starter->observed->source.agreement.known_sentinels;
    const struct observed_node *node;
    struct primary_walk walk = { 0 };
    size_t count = 0;
    text_add(out, "  nodes: [");
    if (!view->situation.clustered)
        for (size_t i = 0; i < given->count; i++) {
            text_add(out, i ? ", " : "");
            add_quoted(out, given->items[i]);
        }
    /* One Sentinel may be away, and alone it cannot be contradicted. */
    for (size_t i = 0; i < known->count; i++)
        if (!strings_has(given, known->items[i])) {
            text_add(out, ", ");
            add_quoted(out, known->items[i]);
        }
    while (view->situation.clustered && count < SEEDS &&
           (node = situation_next_primary(&view->situation, &walk))) {
        if (!node->reachable)
            continue;
        text_add(out, count++ ? ", " : "");
        add_quoted(out, node->address);
    }
    text_add(out, "]\n");
}

/* As given to us: the service itself takes the plaintext port. */
static void add_tls(const struct config_tls *tls, struct text *out) {
    const char *const keys[][2] = { { "ca_file", tls->ca_file },
                                    { "cert_file", tls->cert_file },
                                    { "key_file", tls->key_file },
                                    { "server_name", tls->server_name } };
    const char *gap = "  tls: {";
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (!keys[i][1])
            continue;
        text_addf(out, "%s%s: ", gap, keys[i][0]);
        add_quoted(out, keys[i][1]);
        gap = ", ";
    }
    if (*gap == ' ')
        return;
    if (tls->port > 0)
        text_addf(out, ", port: %" PRId64, tls->port);
    text_add(out, "} # for ecmig itself; the service uses the plaintext port\n");
}

static void add_source(const struct view *view, struct text *out) {
    const struct config_source *source = &view->starter->config->source;
    text_add(out, "source:\n");
    add_seen(view, out);
    text_addf(out, "  topology: %s\n", config_topology_names[source->topology]);
    add_key(out, "sentinel_master", source->sentinel_master, NULL);
    add_nodes(view, out);
    add_key(out, "username", source->username, NULL);
    if (view->starter->password_env) {
        text_add(out, "  password: {env: ");
        add_quoted(out, view->starter->password_env);
        text_add(out, "} # a reference; or {file: PATH}, {exec: [PROGRAM]}\n");
    }
    add_tls(&source->tls, out);
    text_add(
        out,
        "  # Settings of the source that the migration may change; each is restored.\n  manage: "
        "[protected-mode, client-output-buffer-limit, repl-backlog-size, repl-timeout]\n\n");
}

static void add_group(const struct starter *starter, struct text *out) {
    const struct observed_target *group = &starter->observed->target;
    text_add(out, "  # The group as it is now. What is left out is not compared.\n");
    add_key(out, "engine", group->engine, NULL);
    add_key(out, "engine_version", group->engine_version, NULL);
    add_key(out, "node_type", group->node_type, NULL);
    if (group->shards > 0)
        text_addf(out, "  shards: %" PRId64 "\n", group->shards);
    if (group->replicas_per_shard >= 0)
        text_addf(out, "  replicas_per_shard: %" PRId64 "\n", group->replicas_per_shard);
    if (group->multi_az)
        text_addf(out, "  multi_az: %s\n",
                  strcmp(group->multi_az, "enabled") == 0 ? "true" : "false");
    add_key(out, "subnet_group", group->subnet_group, NULL);
    add_list(out, "security_groups", &group->security_groups);
    if (group->holds_keys)
        text_add(out,
                 "  # It holds keys, which the migration would replace.\n  # replace_data: true\n");
    text_add(out, "  # managed_by: terraform        # differences become findings, never steps\n");
}

/* What a plan compares, and the service's own value of it. */
static void add_parameters(const struct view *view, struct text *out) {
    static const struct {
        const char *name, *standard;
        bool clustered; /* also in cluster mode */
    } rows[] = { { "maxmemory-policy", "volatile-lru", true }, { "databases", "16", false } };
    const char *gap =
        "  # The source's values, which differ from the service's defaults.\n  parameters: {";
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *value = pairs_find(&view->node->settings, rows[i].name);
        if (!value || strcmp(value, rows[i].standard) == 0 ||
            (view->situation.clustered && !rows[i].clustered))
            continue;
        text_addf(out, "%s%s: ", gap, rows[i].name);
        add_quoted(out, value);
        gap = ", ";
    }
    text_add(out, *gap == ',' ? "}\n" : "");
}

/* Valkey 8.0 wherever it is offered, else the newest that is. */
static void add_engine(const struct view *view, struct text *out) {
    const struct strings *offered = &view->starter->observed->target.offered_versions;
    const char *engine = view->starter->config->target.engine;
    int newest_major = 8, newest_minor = 0, major, minor;
    for (size_t i = 0, seen = 0; i < offered->count; i++) {
        if (sscanf(offered->items[i], "%3d.%3d", &major, &minor) != 2)
            continue;
        bool is_first = !seen++, is_usual = !engine && major == 8 && minor == 0;
        if (is_first || is_usual || major > newest_major ||
            (major == newest_major && minor > newest_minor)) {
            newest_major = major;
            newest_minor = minor;
        }
        if (is_usual)
            break;
    }
    AUTO(string_free) char *version = xasprintf("%d.%d", newest_major, newest_minor);
    add_key(out, "engine", engine ? engine : "valkey", engine ? NULL : "or redis");
    add_key(out, "engine_version", version, "in quotes");
}

static void add_wanted(const struct view *view, struct text *out) {
    size_t replicas = view->replicas, shards = situation_serving_shards(&view->situation);
    AUTO(string_free) char *used = units_bytes(view->largest_bytes);
    AUTO(string_free)
    char *why = xasprintf("%s are in use%s; a quarter is reserved", used,
                          shards > 1 ? " in the largest shard" : "");
    replicas = replicas < 1 ? 1 : replicas > REPLICAS_CEILING ? REPLICAS_CEILING : replicas;
    text_add(out, "  create: true                   # the plan creates the group\n");
    add_engine(view, out);
    add_key(out, "node_type", node_type_for(view->largest_bytes), why);
    text_addf(out, "  shards: %zu%s\n  replicas_per_shard: %zu\n  multi_az: true\n", shards,
              view->situation.clustered ? " # in cluster mode, with the slot ranges of the source"
                                        : "",
              replicas);
    text_add(out, "  # subnet_group: NAME           # else the account's default\n  # "
                  "security_groups: [sg-NUMBER] # must allow the source and ecmig\n");
    add_parameters(view, out);
    text_add(out, "  # tags: {team: NAME}\n");
}

static void add_target(const struct view *view, struct text *out) {
    const struct starter *starter = view->starter;
    text_add(out, "target:\n");
    add_key(out, "replication_group", starter->replication_group, NULL);
    add_key(out, "region", starter->region, NULL);
    add_key(out, "endpoint_url", starter->endpoint_url, NULL);
    add_key(out, "profile", starter->profile, NULL);
    if (starter->observed->target.exists)
        add_group(starter, out);
    else
        add_wanted(view, out);
    text_add_char(out, '\n');
}

static const char before_writes[] =
    "replication:\n"
    "  test: true                     # TestMigration first: can the target reach the source?\n"
    "  in_sync: {max_lag: 64KiB, for: 10s}\n"
    "  timeout: 4h\n"
    "\n"
    "verify:\n"
    "  before_cutover: {mode: sample, keys: 10000} # full, sample, count or none\n"
    "  after_cutover: {mode: count}\n"
    "\n"
    "cutover:\n"
    "  approval: required             # somebody approves the gate before writers are held\n";

static const char after_writes[] =
    "  max_write_pause: 2m\n  # window: {not_before: \"02:00\", not_after: \"04:00\", zone: UTC}\n "
    " # Tell whether the applications start against the target while it is read-only.\n  # ready:\n"
    "  #   - run: [./starts-against-target]\n  # Moves your applications; each must be "
    "idempotent.\n  # switch:\n  #   - run: "
    "[./switch-endpoint, NEW]\n  #     check: [./endpoint-is, NEW]\n  #     undo: "
    "[./switch-endpoint, OLD]\n  #     timeout: 1m\n\nstate:\n  repository: ./state            # a "
    "git repository; created if absent\n";

void starter_add(const struct starter *starter, struct text *out) {
    text_add(out, "# Written by `ecmig init` from the live source and target. Read it, decide on "
                  "the commented lines, then run:\n#   ecmig validate FILE; ecmig plan FILE\n# "
                  "`ecmig help config` describes every key.\nversion: 1\nmigration: ");
    add_quoted(out, starter->migration);
    text_add(out, " # the folder's name in the state repository\n\n");
    struct view view;
    look(starter, &view);
    add_source(&view, out);
    add_target(&view, out);
    text_add(out, before_writes);
    bool pauses = !view.node->version || !version_below(view.node->version, 6, 2, 0);
    text_add(out,
             starter->config->source.topology == TOPOLOGY_SENTINEL
                 ? "  writes: reject                 # Sentinel would treat a pause as a failure\n"
             : pauses
                 ? "  writes: pause                  # writers wait, then are refused until the "
                   "switch\n"
                 : "  writes: reject                 # writers are refused; a pause needs 6.2\n");
    text_add(out, after_writes);
}
