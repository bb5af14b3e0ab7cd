#include "executor/verify/functions.h"

#include "schemas/base/clock.h"

#define ATTEMPT_COUNT 3 /* a library may be on its way */
#define ATTEMPT_DELAY_MS 20

/* False where the server does not tell (an ACL, a renamed command): then nothing is compared. */
static bool digest_of(const struct read_rules *rules, const struct redis_reply *libraries,
                      struct key_digest *digest) {
    if (libraries->type != REDIS_ARRAY)
        return false;
    for (size_t i = 0; i < libraries->count; i++) {
        const struct redis_reply *name = reply_field(libraries->elements[i], "library_name");
        const struct redis_reply *code = reply_field(libraries->elements[i], "library_code");
        if (!name || !code)
            return false;
        struct element element = element_begin(&rules->hash_key, 'F');
        element_bytes(&element, name->bytes, name->length);
        element_bytes(&element, code->bytes, code->length);
        key_digest_add(digest, &element);
    }
    return true;
}

/* *same also where one of them does not tell, which the result says. */
static bool read_both(struct comparison *comparison, bool *same, struct error *err) {
    const struct verify_options *options = comparison->options;
    struct redis_connection *both[] = { options->source, options->target };
    for (size_t i = 0; i < COUNT(both); i++)
        redis_queue_words(both[i], "FUNCTION", "LIST", "WITHCODE", NULL);
    redis_exchange(both, COUNT(both), options->deadline_mono_ms);
    AUTO(redis_reply_free) struct redis_reply *source = NULL;
    AUTO(redis_reply_free) struct redis_reply *target = NULL;
    if (!redis_take(options->source, &source, err) || !redis_take(options->target, &target, err))
        return false;
    struct key_digest one = { 0 }, two = { 0 };
    bool told =
        digest_of(&comparison->rules, source, &one) && digest_of(&comparison->rules, target, &two);
    comparison->result->functions_unread = !told;
    *same = !told || key_digest_equal(&one, &two);
    return true;
}

bool functions_compare(struct comparison *comparison, struct error *err) {
    struct verify_result *result = comparison->result;
    bool same = false;
    for (int i = 0; i < ATTEMPT_COUNT && !same; i++) {
        AUTO(snapshots_clear) struct snapshots snapshots = { 0 };
        clock_sleep_ms(i > 0 ? ATTEMPT_DELAY_MS : 0);
        if (!snapshot_in_step(comparison->options, &snapshots, err) ||
            !read_both(comparison, &same, err))
            return false;
    }
    if (!same)
        (void)compare_add_mismatch(result, "functions", &result->kinds.functions, NULL);
    return true;
}
