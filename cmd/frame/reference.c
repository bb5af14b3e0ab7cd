#include "cmd/frame/reference.h"

#include <string.h>

#include "cmd/frame/usage.h"
#include "schemas/base/memory.h"
#include "schemas/config/config.h"

#define TEXT_COLUMN 36

struct place {
    struct text *text;
    const char *prefix;          /* "source.", or "switch[]." within a list */
    const struct json *required; /* the names that must be there */
};

static void add_properties(struct text *text, const char *prefix, const struct json *schema);

static bool is_required(const struct place *place, const char *key) {
    for (size_t i = 0; i < json_count(place->required); i++)
        if (strcmp(json_string_of(json_at(place->required, i)), key) == 0)
            return true;
    return false;
}

static void add_choices(struct text *text, const struct json *schema) {
    const struct json *choices = json_find(schema, "enum");
    for (size_t i = 0; i < json_count(choices); i++) {
        const char *choice = json_string_of(json_at(choices, i));
        text_addf(text, "%s%s", i ? ", " : ": ", choice ? choice : "");
    }
}

static void add_default(struct text *text, const struct json *standard) {
    if (!standard || json_kind_of(standard) == JSON_KIND_NULL)
        return;
    AUTO(string_free)
    char *written = json_kind_of(standard) == JSON_KIND_STRING
                        ? xstrdup(json_string_of(standard))
                        : json_write(standard, JSON_CANONICAL);
    text_addf(text, " (default: %s)", written);
}

static void add_key(void *context, const char *key, const struct json *schema) {
    const struct place *place = context;
    const struct json *items = json_find(schema, "items");
    AUTO(text_clear) struct text left = { 0 }, right = { 0 };
    text_addf(&left, "%s%s", place->prefix, key);
    const char *description = json_find_string(schema, "description");
    text_add(&right, description ? description : "");
    add_choices(&right, schema);
    add_choices(&right, items);
    add_default(&right, json_find(schema, "default"));
    if (is_required(place, key))
        text_add(&right, " (required)");
    text_addf(place->text, "  %-*s", TEXT_COLUMN - 2, text_string(&left));
    if (left.length > TEXT_COLUMN - 4)
        text_addf(place->text, "\n%*s", TEXT_COLUMN, "");
    usage_add_wrapped(place->text, text_string(&right), TEXT_COLUMN);
    text_add_char(place->text, '\n');
    bool in_list = json_find(items, "properties") != NULL;
    text_add(&left, in_list ? "[]." : ".");
    add_properties(place->text, text_string(&left), in_list ? items : schema);
}

static void add_properties(struct text *text, const char *prefix, const struct json *schema) {
    struct place place = { text, prefix, json_find(schema, "required") };
    json_each(json_find(schema, "properties"), add_key, &place);
}

void reference_add(struct text *text) {
    AUTO(json_free) struct json *schema = config_schema();
    text_add(
        text,
        "The keys of the migration file (YAML); sizes take KiB MiB GiB, durations ms s m h:\n\n");
    add_properties(text, "", schema);
}
