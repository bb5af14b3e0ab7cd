/* plan_parse, and what is done with a plan that it accepts. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "planner/planner.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void use(const void *bytes, size_t length) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text page = { 0 };
    if (!plan_parse(bytes, length, &plan, &err))
        return;
    const struct render_options options = { .colour = length % 2 };
    render_format_find("text")->render(&plan, &options, &page);
    render_format_find("json")->render(&plan, &options, &page);
}

/* No fuzzer guesses a digest: the input is also tried as the core of a document that has one. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    use(bytes, length);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *core = NULL;
    if (!json_parse(bytes, length, "the core", &core, &err))
        return 0;
    char digest[DIGEST_HEX_BYTES];
    json_digest(core, digest);
    AUTO(json_free) struct json *document = json_new_object();
    json_put_string(document, "format_version", PLAN_FORMAT_VERSION);
    json_put_string(document, "digest", digest);
    json_put(document, "core", json_share(core));
    AUTO(string_free) char *sealed = json_write(document, JSON_CANONICAL);
    use(sealed, strlen(sealed));
    return 0;
}
