/* A plan: its pages are the planner's (planner/render). */
#include "cmd/views/own.h"
#include "planner/planner.h"

void plan_page(const struct view *view, struct text *page) {
    const struct render_options options = { .colour = view->is_colored,
                                            .words = view->plan.words,
                                            .max_bytes = view->plan.max_bytes };
    render_format_find(output_format_names[view->format])->render(view->plan.plan, &options, page);
}

const struct view_document view_document_plan = { .is_finished = true };
