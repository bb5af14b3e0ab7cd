/* Lines for a terminal. */
#include "cmd/views/own.h"

const struct view_format view_format_text = {
    .sheet = sheet_add_text,
    .own = { [DOCUMENT_PLAN] = plan_page, [DOCUMENT_RUN] = run_text },
};
