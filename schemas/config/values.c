/* Values by kind. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/units.h"
#include "schemas/config/config.h"
#include "schemas/config/reading.h"

static void not_supported(const struct reading *reading, const char *what) {
    fault(reading->faults, reading->node->at, "'%s'%s is not supported yet", reading->path, what);
}

static void read_string(const struct reading *reading, void *at) {
    const char *text = reading_text(reading, false);
    if (!text || ((reading->field->flags & FIELD_PATH) && reading_expands(reading, text)))
        return;
    if (strcmp(reading->path, "state.branch") == 0 && strncmp(text, "refs/", 5) == 0) {
        reading_fault(reading, "is a complete reference, not a branch name");
        fault_hint(reading->faults, "remove refs/heads/");
        return;
    }
    if (reading_suits(reading, text))
        string_replace(at, text);
}

static bool is_day(const char *text) {
    static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    size_t digits = 0;
    for (size_t i = 0; text[i]; i++) {
        if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
        digits = i + 1;
    }
    if (digits != 10)
        return false;
    long year = strtol(text, NULL, 10), month = strtol(text + 5, NULL, 10),
         day = strtol(text + 8, NULL, 10);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year >= 2000 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (month != 2 || day < 29 || leap);
}

static void read_date(const struct reading *reading, void *at) {
    const char *text = reading_text(reading, false);
    if (!text)
        return;
    if (is_day(text)) {
        string_replace(at, text);
        return;
    }
    AUTO(string_free) char *quoted = fault_quote(text);
    reading_fault(reading, "is %s, not a date", quoted);
    fault_hint(reading->faults, "write YYYY-MM-DD, for example 2026-12-31");
}

static void read_choice(const struct reading *reading, void *at) {
    const char *text = reading_text(reading, false);
    if (!text || !reading_suits(reading, text))
        return;
    for (int i = 0; reading->field->choices[i]; i++) {
        if (strcmp(reading->field->choices[i], text) != 0)
            continue;
        *(int *)at = i;
        if (reading->field->refused_choices & 1U << i) {
            AUTO(string_free) char *what = xasprintf(": %s", text);
            not_supported(reading, what);
        }
    }
}

/* The row's limits, shown in the unit that the value is written in. */
static void range_fault(const struct reading *reading, char *(*show)(int64_t), const char *value) {
    AUTO(string_free) char *least = show(reading->field->minimum);
    AUTO(string_free) char *most = show(reading->field->maximum);
    AUTO(string_free) char *quoted = fault_quote(value);
    if (reading->field->minimum == reading->field->maximum)
        reading_fault(reading, "is %s, not %s", quoted, least);
    else
        reading_fault(reading, "is %s, not %s to %s", quoted, least, most);
}

static bool in_range(const struct field *field, int64_t value) {
    return value >= field->minimum && value <= field->maximum;
}

static char *show_plain(int64_t value) {
    return xasprintf("%" PRId64, value);
}

static void read_units(const struct reading *reading, void *at) {
    bool duration = reading->field->kind == FIELD_DURATION;
    const struct node *node = reading->node;
    const char *named;
    bool odd = node->kind == NODE_SCALAR && node->plain &&
               plain_meaning(node->text, &named) == PLAIN_SURPRISE;
    const char *text = odd ? node->text : reading_text(reading, true);
    int64_t value = 0;
    if (!text)
        return;
    if (odd || !(duration ? units_parse_duration(text, &value) : units_parse_bytes(text, &value))) {
        AUTO(string_free) char *quoted = fault_quote(text);
        reading_fault(reading, "is %s, not a %s", quoted, duration ? "duration" : "size");
        fault_hint(reading->faults, "%s",
                   duration ? "a whole number and ms, s, m or h: 5s"
                            : "a whole number and KiB, MiB or GiB: 64KiB");
        return;
    }
    if (in_range(reading->field, value))
        *(int64_t *)at = value;
    else
        range_fault(reading, duration ? units_duration : units_bytes, text);
}

/* A number or truth value as written without quotes. */
static bool is_plain(const struct reading *reading, enum plain_meaning wanted, const char *said) {
    const struct node *node = reading->node;
    const char *named = node_kind_name(node->kind);
    enum plain_meaning meaning = PLAIN_STRING;
    if (node->kind == NODE_SCALAR && strlen(node->text) == node->length && node->plain)
        meaning = plain_meaning(node->text, &named);
    if (meaning == wanted)
        return true;
    if (node->kind != NODE_SCALAR) {
        reading_fault(reading, "must be %s, not %s", said, named);
        return false;
    }
    AUTO(string_free) char *quoted = fault_quote(node->text);
    if (!node->plain)
        reading_fault(reading, "must be %s, not text", said);
    else if (meaning == PLAIN_NULL)
        reading_fault(reading, "has no value");
    else if (meaning == PLAIN_SURPRISE && wanted == PLAIN_INTEGER)
        reading_fault(reading, "must be %s; YAML may read %s as %s", said, quoted, named);
    else
        reading_fault(reading, "must be %s, not %s", said, quoted);
    fault_hint(reading->faults, "write %s, without quotes",
               wanted == PLAIN_TRUTH ? "true or false" : "decimal digits");
    return false;
}

static void read_integer(const struct reading *reading, void *at) {
    const struct field *field = reading->field;
    if (!is_plain(reading, PLAIN_INTEGER, "a whole number"))
        return;
    const char *text = reading->node->text;
    int64_t value = strlen(text) > 18 ? INT64_MAX : strtoll(text, NULL, 10);
    if (!in_range(field, value)) {
        range_fault(reading, show_plain, text);
        if (strcmp(reading->path, "version") == 0)
            fault_hint(reading->faults,
                       "this ecmig supports version 1 of the file; 'ecmig version' shows its own "
                       "version, a newer one may support more");
        return;
    }
    *(int64_t *)at = value;
}

static void read_truth(const struct reading *reading, void *at) {
    if (!is_plain(reading, PLAIN_TRUTH, "true or false"))
        return;
    bool value = strcmp(reading->node->text, "true") == 0;
    if (reading->field->kind == FIELD_BOOL)
        *(bool *)at = value;
    else
        *(int *)at = value ? TRI_YES : TRI_NO;
}

void read_value(const struct reading *reading, void *at) {
    static void (*const readers[FIELD_KINDS])(const struct reading *, void *) = {
        [FIELD_STRING] = read_string,  [FIELD_DATE] = read_date,
        [FIELD_CHOICE] = read_choice,  [FIELD_DURATION] = read_units,
        [FIELD_BYTES] = read_units,    [FIELD_INTEGER] = read_integer,
        [FIELD_BOOL] = read_truth,     [FIELD_TRI] = read_truth,
        [FIELD_STRINGS] = read_list,   [FIELD_ADDRESSES] = read_list,
        [FIELD_ARGUMENTS] = read_list, [FIELD_PAIRS] = read_pairs,
    };
    readers[reading->field->kind](reading, at);
    if (reading->field->flags & FIELD_REFUSED)
        not_supported(reading, "");
}
