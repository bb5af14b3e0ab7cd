/* ecmig verify: are source and target equal now? Reads only. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/session.h"
#include "executor/site/positions.h"
#include "executor/stop.h"
#include "executor/verify/checkpoint.h"
#include "executor/verify/pairs.h"
#include "executor/verify/replicas.h"
#include "providers/observe/observe.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define SERVICE_MS 60000 /* for what is asked of the service before */
#define PROGRESS_MS 200
#define DATABASES_SHOWN_COUNT ((size_t)32)
#define SHOWN_COUNT ((size_t)20) /* mismatches in the text; JSON has those that are kept */

static const char *const mode_choices[] = { "full", "sample", "count", NULL };

static const char *const reading_choices[] = { "primary", "replica", NULL };

static const struct option_row verify_options[] = {
    { "mode", OPTION_CHOICE, .choices = mode_choices, .standard = "full",
      .summary = "every key both ways, a random sample both ways, or the counts" },
    { "keys", OPTION_INT, .value = "N", .standard = "10000", .minimum = 1, .maximum = 1000000,
      .summary = "size of the sample, in each shard" },
    { "max-source-share", OPTION_INT, .value = "N", .standard = "20", .minimum = 1, .maximum = 100,
      .summary = "percent of the source's time that a full comparison may take" },
    { "read-from", OPTION_CHOICE, .choices = reading_choices, .standard = "primary",
      .summary = "the source's primaries, or replicas of them that are caught up" },
    { "resume", OPTION_STRING, .value = "PATH",
      .summary = "save a checkpoint of a full comparison there, and resume from it" },
    { "show-keys", OPTION_FLAG, .summary = "name the keys that differ, instead of their hashes" },
    { "deadline", OPTION_DURATION, .value = "TIME", .standard = "24h", .minimum = 1000,
      .maximum = INT64_C(7) * 24 * 3600 * 1000, .summary = "give up after this time" },
};

struct verification {
    const struct call *call;
    struct session session;
    struct stop *stop;
    struct site site; /* that only looks */
    struct verify_pairs pairs;
    bool detached;
    int64_t start_mono_ms, shown_mono_ms;
    struct verify_result result;
};

static void verification_close(struct verification *verification) {
    verify_pairs_clear(&verification->pairs);
    site_close(&verification->site);
    session_close(&verification->session);
    stop_close(verification->stop);
    verify_result_clear(&verification->result);
}
AUTO_VALUE(struct verification, verification_close)

/* Nothing of the target that could be compared, in the words of whoever was asked. */
static bool target_answers(struct verification *verification, struct error *err) {
    struct session *session = &verification->session;
    AUTO(observed_clear) struct observed seen = { 0 };
    observe_target(&session->config, session->service, &session->service_problem,
                   clock_mono_ms() + SERVICE_MS, &seen.target);
    const struct observed_target *target = &seen.target;
    if (!target->reachable)
        return error_set(err, ERROR_UNREACHABLE, "the service cannot be asked for the target: %s",
                         target->problem);
    if (!target->exists || (!target->primary && !target->configuration)) {
        error_set(err, ERROR_NOT_FOUND, "there is no target '%s' to compare with",
                  session->config.target.replication_group);
        return error_hint(err, "'ecmig apply' creates it and starts the migration");
    }
    return target->node_reachable ||
           error_set(err, ERROR_UNREACHABLE, "the target cannot be asked: %s",
                     target->node_problem);
}

/* The target's shards are replicas of the source's for as long as the migration goes on. */
static bool open_both(struct verification *verification, struct error *err) {
    struct session *session = &verification->session;
    struct site *site = &verification->site;
    AUTO(positions_clear) struct positions seen = { 0 };
    if (!target_answers(verification, err))
        return false;
    site->config = &session->config;
    site->service = session->service;
    site->source_password = session->password;
    site->source_tls = session->tls;
    if (!site_source(site, SITE_PRIMARIES, err) || !site_targets(site, err) ||
        !positions_look(site, NULL, &seen, err))
        return false;
    verification->detached = true;
    for (size_t s = 0; s < seen.count; s++)
        verification->detached &= seen.items[s].target.is_primary;
    positions_pair_up(site, &seen, &verification->pairs);
    if (options_choice(verification->call->options, "read-from") == 0)
        return true;
    return verify_read_replicas(site, &verification->pairs, err);
}

static bool progress(void *context, int64_t done, int64_t total) {
    struct verification *verification = context;
    int64_t now_mono_ms = clock_mono_ms();
    if (stop_wanted(verification->stop))
        return false;
    if (total == 0 || now_mono_ms - verification->shown_mono_ms < PROGRESS_MS)
        return true;
    verification->shown_mono_ms = now_mono_ms;
    AUTO(string_free)
    char *line = verify_progress_line(now_mono_ms - verification->start_mono_ms, done, total);
    output_progress(verification->call->output, PROGRESS_MEASURE, "%s", line);
    return true;
}

/* Bytes that are no printable ASCII as \xNN. */
static void add_name(struct text *text, const struct verify_key *key) {
    for (size_t i = 0; i < key->length; i++) {
        unsigned char byte = (unsigned char)key->bytes[i];
        if (byte < ' ' || byte > '~' || byte == '\\')
            text_addf(text, "\\x%02x", byte);
        else
            text_add_char(text, (char)byte);
    }
}

static void say_mismatches(const struct verify_result *result, bool names, struct text *page) {
    size_t named = 0;
    for (size_t i = 0; i < result->mismatches.count && i < SHOWN_COUNT; i++) {
        const struct verify_mismatch *mismatch = &result->mismatches.items[i];
        text_addf(page, "  %-9s", mismatch->kind);
        if (mismatch->key_sha256) {
            const struct verify_key *key = &result->mismatched.items[named++];
            text_addf(page, " db%" PRId64 " ", mismatch->database);
            if (names)
                add_name(page, key);
            else
                text_addf(page, "key of sha256:%s", mismatch->key_sha256);
        }
        if (mismatch->shard)
            text_addf(page, " (slots %s)", mismatch->shard);
        text_add_char(page, '\n');
    }
    int64_t all = verify_kinds_sum(&result->kinds);
    if (all <= (int64_t)SHOWN_COUNT)
        return;
    text_add(page, "  and ");
    units_add_count(page, all - (int64_t)SHOWN_COUNT);
    text_add(page, " more; --format json has the first 1,000\n");
}

static void say_where(const struct verification *verification, struct text *page) {
    const struct verify_pair *first = &verification->pairs.items[0];
    size_t count = verification->pairs.count;
    if (count == 1)
        text_addf(page, "  source   %s\n  target   %s, ", redis_name(first->source),
                  redis_name(first->target));
    else
        text_addf(page, "  source   %zu shards, %s and others\n  target   %s, ", count,
                  redis_name(first->source), verification->site.target_address);
}

static void say_part(struct text *page, int64_t compared, int64_t hot, int64_t mismatched,
                     enum verify_verdict verdict) {
    units_add_count(page, compared);
    text_addf(page, " keys: %s", verify_verdict_names[verdict]);
    if (mismatched > 0) {
        text_add(page, ", ");
        units_add_count(page, mismatched);
        text_add(page, " differ");
    }
    if (hot > 0) {
        text_add(page, ", ");
        units_add_count(page, hot);
        text_add(page, " still changing");
    }
}

static void say_shards(const struct verify_shards *shards, struct text *page) {
    size_t said = 0;
    for (int pass = 0; pass < 2; pass++) { /* those with something to say first */
        for (size_t i = 0; i < shards->count && said < SHOWN_COUNT; i++) {
            const struct verify_shard *shard = &shards->items[i];
            if ((shard->verdict == VERDICT_EQUAL) != (pass == 1))
                continue;
            said++;
            text_addf(page, "  slots    %s, ", shard->slots);
            say_part(page, shard->keys_compared, shard->keys_hot, verify_kinds_sum(&shard->kinds),
                     shard->verdict);
            if (shard->source_offset >= 0)
                text_addf(page, "; at offset %" PRId64 " with the source at %" PRId64,
                          shard->target_offset, shard->source_offset);
            text_add_char(page, '\n');
        }
    }
    if (said < shards->count)
        text_addf(page, "  and %zu more; --format json has all\n", shards->count - said);
}

/* Which servers of the source were read: asking for replicas may not get them. */
static void say_readings(const struct verify_shards *shards, struct text *page) {
    size_t replicas = 0, said = 0;
    for (size_t i = 0; i < shards->count; i++)
        replicas += shards->items[i].settled_by != NULL;
    if (shards->count > 1)
        text_addf(page, "  read     a replica of the source in %zu of %zu shards\n", replicas,
                  shards->count);
    for (size_t i = 0; i < shards->count && said < SHOWN_COUNT; i++) {
        const struct verify_shard *shard = &shards->items[i];
        if (shard->not_replica)
            text_addf(page, "  read     the primary %s, not a replica: %s\n", shard->source,
                      shard->not_replica);
        else if (shards->count == 1)
            text_addf(page, "  read     the replica %s; %s settled what differed\n", shard->source,
                      shard->settled_by);
        said += shard->not_replica != NULL;
    }
}

/* What a replica has otherwise than both its primary and the target. */
static void say_strays(const struct verify_shards *shards, struct text *page) {
    for (size_t i = 0; i < shards->count; i++) {
        const struct verify_shard *shard = &shards->items[i];
        if (shard->replica_differs > 0) {
            text_addf(page, "  replica  %s differs from its primary %s in ", shard->source,
                      shard->settled_by);
            units_add_count(page, shard->replica_differs);
            text_add(page, shard->replica_differs == 1
                               ? " key; there the primary and the target agree\n"
                               : " keys; there the primary and the target agree\n");
        }
        if (shard->replica_writable)
            text_addf(page,
                      "  replica  %s accepts writes of its own: CONFIG SET replica-read-only yes "
                      "stops that; copy it anew before anything relies on it\n",
                      shard->source);
    }
}

/* Of many databases, those that differ come first. */
static void say_databases(const struct verify_databases *databases, struct text *page) {
    size_t said = 0;
    bool all = databases->count <= DATABASES_SHOWN_COUNT;
    for (size_t i = 0; databases->count > 1 && i < databases->count; i++) {
        const struct verify_database *row = &databases->items[i];
        if (!all && (row->verdict == VERDICT_EQUAL || said == DATABASES_SHOWN_COUNT))
            continue;
        said++;
        text_addf(page, "  db%-6" PRId64 " ", row->database);
        units_add_count(page, row->source_keys);
        text_add(page, " keys on the source, ");
        units_add_count(page, row->target_keys);
        text_add(page, " on the target, ");
        units_add_count(page, row->keys_compared);
        text_add(page, " compared\n");
    }
    if (!all)
        text_addf(page, "  and %zu more databases; --format json has all\n",
                  databases->count - said);
}

static void say(const struct verification *verification, struct text *page) {
    const struct verify_result *result = &verification->result;
    AUTO(string_free) char *line = verify_result_line(result);
    text_addf(page, "ecmig verify %s: %s\n\n", verification->session.config.migration, line);
    say_where(verification, page);
    if (result->detached)
        text_add(page, "detached: a primary of its own, both sides were read as they are\n");
    else if (verification->pairs.count > 1)
        text_add(page, "replicating\n");
    else
        text_addf(page, "replicating; at offset %" PRId64 " with the source at %" PRId64 "\n",
                  result->target_offset, result->source_offset);
    if (options_choice(verification->call->options, "read-from") != 0)
        say_readings(&result->shards, page);
    if (result->resumed)
        text_add(page, "  resumed  part of it was compared by an earlier call\n");
    if (result->backed_off_ms > 0) {
        text_add(page, "  held     back for ");
        units_add_duration(page, result->backed_off_ms);
        text_add(page, ", while the source was strained\n");
    }
    if (result->shards.count > 1)
        say_shards(&result->shards, page);
    say_databases(&result->databases, page);
    text_addf(page, "  took     ");
    units_add_duration(page, result->took_ms);
    if (result->keys_compared > 0 && result->took_ms > 0) {
        text_add(page, ", ");
        units_add_count(page, result->keys_compared * 1000 / result->took_ms);
        text_add(page, " keys/s");
    }
    text_add_char(page, '\n');
    if (result->keys_expiring > 0)
        text_addf(page, "  expired  %" PRId64 " keys while they were looked at\n",
                  result->keys_expiring);
    if (result->expiry_tolerance_ms > 0)
        text_addf(page,
                  "  expiry   equal within %" PRId64 " ms: older servers tell it relatively\n",
                  result->expiry_tolerance_ms);
    say_strays(&result->shards, page);
    say_mismatches(result, options_flag(verification->call->options, "show-keys"), page);
}

static struct json *names_json(const struct verify_result *result) {
    struct json *list = json_new_array();
    for (size_t i = 0, named = 0; i < result->mismatches.count; i++) {
        const struct verify_mismatch *mismatch = &result->mismatches.items[i];
        if (!mismatch->key_sha256)
            continue;
        AUTO(text_clear) struct text name = { 0 };
        add_name(&name, &result->mismatched.items[named++]);
        struct json *entry = json_new_object();
        json_put_string(entry, "kind", mismatch->kind);
        json_put_int(entry, "database", mismatch->database);
        json_put_string(entry, "key", text_string(&name));
        json_append(list, entry);
    }
    return list;
}

static void show(const struct verification *verification) {
    struct output *output = verification->call->output;
    output_progress_end(output);
    if (output_format(output) == FORMAT_JSON) {
        AUTO(json_free)
        struct json *document = shape_write(&verify_result_shape, &verification->result);
        if (options_flag(verification->call->options, "show-keys"))
            json_put(document, "keys", names_json(&verification->result));
        output_json(output, document);
        return;
    }
    AUTO(text_clear) struct text page = TEXT_PAGE;
    say(verification, &page);
    output_text(output, text_string(&page));
}

static enum exit_class class_of(const struct verify_result *result) {
    static const enum exit_class classes[] = { [VERDICT_EQUAL] = EXIT_CLASS_OK,
                                               [VERDICT_MISMATCH] = EXIT_CLASS_STEP_FAILED,
                                               [VERDICT_OPEN] = EXIT_CLASS_UNCERTAIN };
    return classes[result->verdict];
}

/* Whoever could not be asked leaves the question open. */
static enum exit_class class_of_failure(struct error *err) {
    switch (err->code) {
    case ERROR_UNREACHABLE:
    case ERROR_DEADLINE:
    case ERROR_REFUSED:
    case ERROR_CONFLICT:
    case ERROR_NOT_FOUND:
        return EXIT_CLASS_UNCERTAIN;
    default:
        return error_exit_class(err->code);
    }
}

/* Before anything is asked: the file at that path is written to, and removed in the end. */
static bool may_resume(const struct options *options, struct error *err) {
    const char *path = options_string(options, "resume");
    enum config_verify_mode mode = (enum config_verify_mode)options_choice(options, "mode");
    AUTO(error_clear) struct error fault = { 0 };
    if (!path)
        return true;
    if (mode != VERIFY_FULL) {
        error_set(err, ERROR_USAGE, "--resume goes with --mode full, not with --mode %s",
                  mode_choices[mode]);
        return error_hint(err, "a comparison by sample or count is begun anew each time");
    }
    if (checkpoint_check(path, &fault))
        return true;
    (void)error_set(err, ERROR_USAGE, "--resume: %s", fault.message);
    return error_hint(err, "%s", fault.hint ? fault.hint : "name another file");
}

static enum exit_class run_verify(const struct call *call, struct error *err) {
    AUTO(verification_close) struct verification verification = { .call = call };
    if (!may_resume(call->options, err) || !session_open(call, false, &verification.session, err) ||
        !stop_open(0, &verification.stop, err))
        return error_exit_class(err->code);
    verification.start_mono_ms = clock_mono_ms();
    if (!open_both(&verification, err))
        return class_of_failure(err);
    const struct verify_options options = {
        .mode = (enum config_verify_mode)options_choice(call->options, "mode"),
        .keys = options_int(call->options, "keys", 0),
        .detached = verification.detached,
        .max_source_share = (int)options_int(call->options, "max-source-share", 0),
        .checkpoint_path = options_string(call->options, "resume"),
        .deadline_mono_ms = clock_mono_ms() + options_int(call->options, "deadline", 0),
        .progress = progress,
        .context = &verification
    };
    if (!verify_run_pairs(&options, &verification.pairs, &verification.result, err)) {
        output_progress_end(call->output);
        return class_of_failure(err);
    }
    show(&verification);
    return class_of(&verification.result);
}

const struct command command_verify = {
    .name = "verify",
    .arguments = "FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "reads",
    .summary = "Compare the keys of source and target now, and change nothing",
    .description =
        "While the target replicates, a key that looks different is read again around an offset "
        "that the target has reached, so that a write under way is no difference. After the "
        "cutover both sides are read as they are, and the result says that it is detached.\n\n"
        "Ends with 0 when all is equal, 9 when something differs, and 10 when it stays open: keys "
        "that changed at every look, of types that cannot be read, or a server that could not be "
        "asked. With --read-from replica the primary settles whatever a replica shows otherwise "
        "than the target; a replica that differs from its primary is named, and does not count. "
        "Names of keys are shown as hashes unless --show-keys is given.",
    .options = verify_options,
    .option_count = COUNT(verify_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_verify,
};
