/* ecmig local status: what an endpoint holds and whether it runs. */
#include "cmd/local.h"
#include "providers/local/up.h"

static const struct option_row status_options[] = { LOCAL_DIR_OPTION };

static void show_text(struct output *output, const struct json *page) {
    const struct json *groups = json_find(page, "groups");
    const struct json *nodes = json_find(json_find(page, "source"), "nodes");
    bool running = json_find_bool(page, "running", false);
    output_textf(output, "endpoint  %s, %s\n", json_find_string(page, "endpoint_url"),
                 running ? "running" : "down");
    for (size_t i = 0; i < json_count(nodes); i++)
        output_textf(output, "source    %s\n", json_string_of(json_at(nodes, i)));
    if (json_find(page, "acknowledged"))
        output_textf(output, "writer    %s, %d writes acknowledged\n",
                     json_find_bool(page, "writer_running", false) ? "running" : "down",
                     (int)json_find_int(page, "acknowledged", 0));
    for (size_t i = 0; i < json_count(groups); i++) {
        const struct json *group = json_at(groups, i);
        const char *primary = json_find_string(group, "primary");
        const char *configuration = json_find_string(group, "configuration");
        output_textf(output, "group     %s, %s, %d nodes, ", json_find_string(group, "id"),
                     json_find_string(group, "status"), (int)json_find_int(group, "nodes", 0));
        if (configuration)
            output_textf(output, "%d shards, configuration %s\n",
                         (int)json_find_int(group, "shards", 0), configuration);
        else
            output_textf(output, "primary %s\n", primary ? primary : "none");
    }
}

static enum exit_class run_local_status(const struct call *call, struct error *err) {
    AUTO(json_free) struct json *page = NULL;
    const char *dir = NULL;
    if (!local_dir(call, &dir, err) || !local_status(dir, &page, err))
        return error_exit_class(err->code);
    if (output_format(call->output) == FORMAT_JSON)
        output_json(call->output, page);
    else
        show_text(call->output, page);
    return EXIT_CLASS_OK;
}

const struct command command_local_status = {
    .name = "local status",
    .touches = "reads",
    .summary = "Show the local endpoint, its source, writer and groups",
    .options = status_options,
    .option_count = COUNT(status_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_local_status,
};
