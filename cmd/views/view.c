#include "cmd/views/view.h"

static const struct view_document *const documents[] = {
#define DOCUMENT(symbol, id) [DOCUMENT_##symbol] = &view_document_##id,
#include "cmd/views/documents.def"
#undef DOCUMENT
};

static const struct view_format *const formats[] = {
#define FORMAT(symbol, id) [FORMAT_##symbol] = &view_format_##id,
#include "schemas/base/formats.def"
#undef FORMAT
};

bool view_has(enum document document, enum output_format format) {
    const struct view_document *row = documents[document];
    const struct view_format *column = formats[format];
    return column->own[document] || (column->sheet && row->fill) || (column->json && row->json);
}

void view_show(struct output *output, struct view *view) {
    const struct view_document *document = documents[view->document];
    const struct view_format *format = formats[output_format(output)];
    AUTO(text_clear) struct text page = TEXT_PAGE;
    AUTO(sheet_clear) struct sheet sheet = { 0 };
    view->format = output_format(output);
    view->is_colored = output_is_colored(output);
    if (format->own[view->document]) {
        format->own[view->document](view, &page);
    } else if (format->json) {
        AUTO(json_free) struct json *value = document->json(view);
        format->json(value, &page);
    } else {
        document->fill(view, &sheet);
        format->sheet(&sheet, &page);
    }
    if (document->is_finished || format->is_finished)
        output_rendered(output, text_string(&page));
    else
        output_text(output, text_string(&page));
}
