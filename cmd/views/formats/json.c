/* Each document as it writes itself, for programs. */
#include "cmd/views/own.h"
#include "schemas/base/memory.h"

static void add_document(const struct json *document, struct text *page) {
    AUTO(string_free) char *pretty = json_write(document, JSON_PRETTY);
    text_add(page, pretty);
    text_add_char(page, '\n');
}

const struct view_format view_format_json = {
    .json = add_document,
    .is_finished = true,
    .own = { [DOCUMENT_PLAN] = plan_page },
};
