#include "cmd/faults.h"

void faults_add(struct text *text, const struct findings *faults) {
    for (size_t i = 0; i < faults->count; i++) {
        const struct finding *fault = &faults->items[i];
        text_add(text, fault->subject);
        if (fault->line)
            text_addf(text, ":%zu:%zu", fault->line, fault->column);
        text_addf(text, ": %s\n", fault->summary);
        if (fault->remedy)
            text_addf(text, "    %s\n", fault->remedy);
    }
}

struct json *faults_json(const struct findings *faults) {
    struct json *array = json_new_array();
    for (size_t i = 0; i < faults->count; i++) {
        const struct finding *fault = &faults->items[i];
        struct json *object = json_new_object();
        json_put_string(object, "file", fault->subject);
        if (fault->line) {
            json_put_int(object, "line", (int64_t)fault->line);
            json_put_int(object, "column", (int64_t)fault->column);
        }
        json_put_string(object, "fault", fault->summary);
        json_put_string(object, "hint", fault->remedy);
        json_append(array, object);
    }
    return array;
}
