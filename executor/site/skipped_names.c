#include "executor/site/skipped_names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

static struct redis_reply *ask_commands(struct redis_connection *node, const struct pairs *calls) {
    AUTO(error_clear) struct error ignored = { 0 };
    struct redis_reply *reply = NULL;
    const char **words = xcalloc(calls->count + 2, sizeof *words);
    words[0] = "COMMAND";
    words[1] = "INFO";
    for (size_t i = 0; i < calls->count; i++)
        words[i + 2] = calls->items[i].name;
    redis_queue(node, calls->count + 2, words, NULL);
    redis_exchange(&node, 1, REDIS_NOW);
    if (!redis_take(node, &reply, &ignored))
        reply = NULL;
    free(words);
    return reply;
}

static void read_calls(const struct redis_reply *reply, struct pairs *out) {
    AUTO(info_clear) struct info info = { 0 };
    info_parse(redis_text(reply), reply->length, &info);
    for (size_t i = 0; i < info.count; i++) {
        const char *name = info.items[i].name;
        int64_t count = info_part_int(info.items[i].value, "calls", 0);
        if (strncmp(name, "cmdstat_", 8) != 0 || strchr(name, '|') || count <= 0)
            continue;
        AUTO(string_free) char *text = xasprintf("%" PRId64, count);
        pairs_set(out, name + 8, text);
    }
}

static const struct redis_reply *command(const struct redis_reply *reply, size_t index) {
    const struct redis_reply *entry =
        reply && reply->type == REDIS_ARRAY && index < reply->count ? reply->elements[index] : NULL;
    return entry && entry->type == REDIS_ARRAY && entry->count > 2 ? entry : NULL;
}

static bool writes(const struct redis_reply *entry) {
    const struct redis_reply *flags = entry->elements[2];
    for (size_t i = 0; i < flags->count; i++)
        if (strcmp(redis_text(flags->elements[i]), "write") == 0)
            return true;
    return false;
}

static void add_unknown(struct redis_connection *source, struct redis_connection *target,
                        struct strings *out) {
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(redis_reply_free) struct redis_reply *stats = NULL;
    AUTO(pairs_clear) struct pairs calls = { 0 };
    if (!redis_call(source, REDIS_NOW, &stats, &ignored, "INFO", "commandstats", NULL))
        return;
    read_calls(stats, &calls);
    AUTO(redis_reply_free) struct redis_reply *here = ask_commands(source, &calls);
    AUTO(redis_reply_free) struct redis_reply *there = ask_commands(target, &calls);
    for (size_t i = 0; there && there->type == REDIS_ARRAY && i < calls.count; i++) {
        const struct redis_reply *entry = command(here, i);
        if (entry && writes(entry) && !command(there, i))
            strings_addf(out, "%s (%s calls)", calls.items[i].name, calls.items[i].value);
    }
}

static void add_errors(struct redis_connection *target, struct text *out) {
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(info_clear) struct info info = { 0 };
    if (!redis_call(target, REDIS_NOW, &reply, &ignored, "INFO", "errorstats", NULL))
        return;
    info_parse(redis_text(reply), reply->length, &info);
    for (size_t i = 0; i < info.count; i++)
        if (strncmp(info.items[i].name, "errorstat_", 10) == 0)
            text_addf(out, "%s%s:%s", out->length ? ", " : "; its errorstats: ", info.items[i].name,
                      info.items[i].value);
}

char *skipped_names(struct site *site, size_t target) {
    AUTO(strings_clear) struct strings unknown = { 0 };
    AUTO(text_clear) struct text errors = { 0 };
    const struct site_target_node *node = &site->targets.items[target];
    size_t shard = site_shard_of(site, node);
    if (shard < site->shards.count)
        add_unknown(site_primary(site, shard)->connection, node->connection, &unknown);
    add_errors(node->connection, &errors);
    AUTO(string_free) char *names = strings_join(&unknown, ", ");
    return unknown.count ? xasprintf("it does not support %s%s", names, text_string(&errors))
                         : xasprintf("it supports every write of the source's commandstats: check "
                                     "the number of databases%s",
                                     text_string(&errors));
}
