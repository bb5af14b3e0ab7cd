/* The table document × format: everything that a command shows has the same forms.
 *
 * A document (documents.def, <document>.c) fills a sheet (schemas/base/sheet.h), which every format
 * of people shows, and writes itself as JSON. A format (schemas/base/formats.def,
 * formats/<format>.c) shows any sheet, and names the documents that it has a file of its own for
 * (<document>_<format>.c). tests/unit/views_test.c objects when a pair is missing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cmd/frame/output.h"
#include "schemas/base/sheet.h"
#include "schemas/base/text.h"
#include "schemas/json/json.h"

enum document {
#define DOCUMENT(symbol, id) DOCUMENT_##symbol,
#include "cmd/views/documents.def"
#undef DOCUMENT
    DOCUMENT_COUNT
};

struct plan_view {
    const struct plan *plan;
    const char *words; /* what the next command takes for the migration file */
    int64_t max_bytes; /* of a page for a code host; 0: as the renderer has it */
};

/* What is shown; the member of the document. */
struct view {
    enum document document;
    union {
        const struct verification_page *verification; /* verification.h */
        const struct json *local_status;              /* as providers/local/up.h writes it */
        const struct log_pages *log;                  /* log.h */
        struct plan_view plan;
        const struct run_story *run;     /* run.h */
        const struct standing *standing; /* status.h */
        const struct trace_page *trace;  /* trace.h */
        const struct validation *validation;
    };
    enum output_format format; /* view_show fills in these two */
    bool is_colored;
};

/* Shows it as --format asks for. */
void view_show(struct output *output, struct view *view);

struct view_document {
    void (*fill)(const struct view *view, struct sheet *sheet); /* NULL: formats have own files */
    struct json *(*json)(const struct view *view);              /* the caller frees */
    bool is_finished; /* its own files take hidden characters off, and may color */
};

struct view_format {
    void (*sheet)(const struct sheet *sheet, struct text *page); /* NULL: not for people */
    void (*json)(const struct json *document, struct text *page);
    bool is_finished; /* it shows hidden characters as such itself */
    /* Instead of both. */
    void (*own[DOCUMENT_COUNT])(const struct view *view, struct text *page);
};

/* Whether the pair is there: for the test. */
bool view_has(enum document document, enum output_format format);

#define DOCUMENT(symbol, id) extern const struct view_document view_document_##id;
#include "cmd/views/documents.def"
#undef DOCUMENT
#define FORMAT(symbol, id) extern const struct view_format view_format_##id;
#include "schemas/base/formats.def"
#undef FORMAT
