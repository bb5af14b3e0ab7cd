/* plan_parse, and what is done with a plan that it accepts. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "planner/planner.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void use(const void *bytes, size_t length) {
    static const char *const formats[] = { "text", "markdown", "json" };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    if (!plan_parse(bytes, length, &plan, &err))
        return;
    const struct render_options options = { .colour = length % 2 };
    for (size_t i = 0; i < COUNT(formats); i++) {
        AUTO(text_clear) struct text page = { 0 };
        render_format_find(formats[i])->render(&plan, &options, &page);
    }
    for (size_t i = 0; i < plan.core.steps.count; i++) {
        const struct plan_step *step = &plan.core.steps.items[i];
        for (size_t k = 0; k < step->effects.count; k++)
            (void)plan_effect_node(&plan.core, &step->effects.items[k]);
        (void)plan_step_setting(step);
    }
    if (!plan_config(&plan, &config, &err) || !config.migration || !config.state.branch ||
        !config.source.nodes.count)
        __builtin_trap(); /* whoever has a plan relies on these */
    plan_seal(&plan);
}

static struct json *own(const struct json *value) {
    return (struct json *)(uintptr_t)value;
}

static void seal(struct json *object, const char *name, const struct json *value) {
    char digest[DIGEST_HEX_BYTES];
    if (json_kind_of(object) != JSON_KIND_OBJECT || json_kind_of(value) != JSON_KIND_OBJECT)
        return;
    json_digest(value, digest);
    json_remove(object, name);
    json_put_string(object, name, digest);
}

/* No fuzzer guesses a digest: the input is also tried as the core of a document, each of whose
 * seals is right. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    use(bytes, length);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *core = NULL;
    if (!json_parse(bytes, length, "the core", &core, &err))
        return 0;
    const struct json *steps = json_find(core, "steps");
    for (size_t i = 0; json_kind_of(steps) == JSON_KIND_ARRAY && i < json_count(steps); i++) {
        struct json *step = own(json_at(steps, i));
        if (json_kind_of(step) == JSON_KIND_OBJECT)
            json_remove(step, "digest");
        seal(step, "digest", step);
    }
    struct json *observed = own(json_find(core, "observed"));
    seal(observed, "fingerprint", json_find(observed, "facts"));
    AUTO(json_free) struct json *document = json_new_object();
    json_put_string(document, "format_version", PLAN_FORMAT_VERSION);
    seal(document, "digest", core);
    json_put(document, "core", json_share(core));
    AUTO(string_free) char *sealed = json_write(document, JSON_CANONICAL);
    use(sealed, strlen(sealed));
    return 0;
}
