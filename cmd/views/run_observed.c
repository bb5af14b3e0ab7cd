#include "cmd/views/run_observed.h"

#include <inttypes.h>

#include "schemas/base/units.h"

/* Beyond the first of them, facts are set apart. */
static struct text *apart(struct text *words) {
    if (words->length)
        text_add(words, "; ");
    return words;
}

static void add_string(const struct json *outcome, const char *key, struct text *words) {
    const char *value = json_find_string(outcome, key);
    if (value)
        text_addf(apart(words), "%s", value);
}

static void add_comparison(const struct json *comparison, struct text *words) {
    const char *verdict = json_find_string(comparison, "verdict");
    int64_t compared = json_find_int(comparison, "keys_compared", 0);
    if (!verdict)
        return;
    text_addf(apart(words), "%s", verdict);
    if (compared > 0) {
        text_add(words, ": ");
        units_add_count(words, compared);
        text_add(words, " keys compared");
    }
}

static void add_duration(const struct json *outcome, const char *key, const char *before,
                         struct text *words) {
    int64_t duration_ms = json_find_int(outcome, key, -1);
    if (duration_ms < 0)
        return;
    text_add(apart(words), before);
    units_add_duration(words, duration_ms);
}

void run_observed_add(const struct json *outcome, struct text *words) {
    add_string(outcome, "message", words); /* why it failed */
    add_string(outcome, "event", words);   /* in the service's words */
    add_string(outcome, "verdict", words);
    int64_t escaped = json_find_int(outcome, "escaped_count", -1);
    if (escaped >= 0)
        text_addf(apart(words), "%" PRId64 " writes escaped", escaped);
    add_comparison(json_find(outcome, "comparison"), words);
    add_duration(outcome, "waited_ms", "writers waited ", words);
    add_duration(outcome, "refused_ms", "writers were refused ", words);
}
