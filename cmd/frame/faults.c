#include "cmd/frame/faults.h"

#include <string.h>

#include "schemas/base/memory.h"

void faults_fill(struct sheet *sheet, const struct findings *faults) {
    for (size_t i = 0; i < faults->count; i++) {
        const struct finding *fault = &faults->items[i];
        struct text *line = sheet_point(sheet, "");
        text_addf(line, "%s", fault->subject);
        if (fault->line)
            text_addf(line, ":%zu:%zu", fault->line, fault->column);
        text_addf(line, ": %s", fault->summary);
        if (fault->remedy)
            text_addf(sheet_remark(sheet), "%s", fault->remedy);
    }
}

void faults_add(struct text *text, const struct findings *faults) {
    AUTO(sheet_clear) struct sheet sheet = { 0 };
    faults_fill(&sheet, faults);
    sheet_add_text(&sheet, text);
}

static struct json *fault_json(const struct finding *fault) {
    struct json *object = json_new_object();
    json_put_string(object, "file", fault->subject);
    if (fault->line) {
        json_put_int(object, "line", (int64_t)fault->line);
        json_put_int(object, "column", (int64_t)fault->column);
    }
    json_put_string(object, "fault", fault->summary);
    json_put_string(object, "hint", fault->remedy);
    return object;
}

struct json *faults_json(const struct findings *faults) {
    struct json *array = json_new_array();
    for (size_t i = 0; i < faults->count; i++)
        json_append(array, fault_json(&faults->items[i]));
    return array;
}

static void say_lines(struct output *output, const char *lines) {
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        output_warn(output, "%.*s", (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

static void say_json(struct output *output, const struct finding *fault) {
    AUTO(json_free) struct json *line = json_new_object();
    json_put(line, "fault", fault_json(fault));
    AUTO(string_free) char *words = json_write(line, JSON_CANONICAL);
    output_warn(output, "%s", words);
}

void faults_say(struct output *output, const struct findings *faults) {
    AUTO(text_clear) struct text text = { 0 };
    bool as_json = output_format(output) == FORMAT_JSON;
    for (size_t i = 0; as_json && i < faults->count; i++)
        say_json(output, &faults->items[i]);
    if (!as_json)
        faults_add(&text, faults);
    say_lines(output, text_string(&text));
}
