/* What `ecmig local status` shows: the document of providers/local/up.h. */
#include <inttypes.h>

#include "cmd/views/view.h"
#include "schemas/base/memory.h"

#define LOCAL_COLUMNS 9 /* of the labels */

static void add_group(const struct json *group, struct sheet *sheet) {
    struct text *line = sheet_label(sheet, "group");
    const char *primary = json_find_string(group, "primary");
    const char *configuration = json_find_string(group, "configuration");
    text_addf(line, "%s, %s, %" PRId64 " nodes, ", json_find_string(group, "id"),
              json_find_string(group, "status"), json_find_int(group, "nodes", 0));
    if (configuration)
        text_addf(line, "%" PRId64 " shards, configuration %s", json_find_int(group, "shards", 0),
                  configuration);
    else
        text_addf(line, "primary %s", primary ? primary : "none");
}

static void fill(const struct view *view, struct sheet *sheet) {
    const struct json *status = view->local_status, *groups = json_find(status, "groups");
    const struct json *nodes = json_find(json_find(status, "source"), "nodes");
    *sheet = (struct sheet){ .label_columns = LOCAL_COLUMNS, .is_flush = true };
    text_addf(sheet_label(sheet, "endpoint"), "%s, %s", json_find_string(status, "endpoint_url"),
              json_find_bool(status, "running", false) ? "running" : "down");
    for (size_t i = 0; i < json_count(nodes); i++)
        text_addf(sheet_label(sheet, "source"), "%s", json_string_of(json_at(nodes, i)));
    if (json_find(status, "acknowledged"))
        text_addf(sheet_label(sheet, "writer"), "%s, %" PRId64 " writes acknowledged",
                  json_find_bool(status, "writer_running", false) ? "running" : "down",
                  json_find_int(status, "acknowledged", 0));
    for (size_t i = 0; i < json_count(groups); i++)
        add_group(json_at(groups, i), sheet);
}

static struct json *write_json(const struct view *view) {
    return json_share(view->local_status);
}

const struct view_document view_document_local_status = { .fill = fill, .json = write_json };
