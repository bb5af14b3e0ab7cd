#include "cmd/views/validation.h"

#include "cmd/frame/faults.h"
#include "cmd/views/view.h"

void validation_clear(struct validation *validation) {
    findings_clear(&validation->faults);
    strings_clear(&validation->good);
}

static void fill(const struct view *view, struct sheet *sheet) {
    const struct validation *validation = view->validation;
    faults_fill(sheet, &validation->faults);
    for (size_t i = 0; i < validation->good.count; i++)
        text_addf(sheet_point(sheet, ""), "%s: ok", validation->good.items[i]);
}

static struct json *write_json(const struct view *view) {
    struct json *document = json_new_object();
    json_put(document, "findings", faults_json(&view->validation->faults));
    json_put_strings(document, "ok", &view->validation->good);
    return document;
}

const struct view_document view_document_validation = { .fill = fill, .json = write_json };
