#include "providers/local/actions/action.h"
#include "providers/local/actions/answers.h"
#include "providers/local/actions/parameter_sets.h"
#include "schemas/base/memory.h"

static void answer_set(struct request *request, const char *name, const char *family,
                       const char *description) {
    struct text *out = request->out;
    markup_open(out, "CacheParameterGroup");
    markup_string(out, "CacheParameterGroupName", name);
    markup_string(out, "CacheParameterGroupFamily", family);
    markup_string(out, "Description", description);
    markup_bool(out, "IsGlobal", false);
    answer_arn(out, request->region, "parametergroup", name);
    markup_close(out, "CacheParameterGroup");
}

static void answer_default(struct request *request, const char *family, bool cluster) {
    AUTO(string_free) char *name = xasprintf("default.%s%s", family, cluster ? CLUSTER_ON : "");
    AUTO(string_free)
    char *description = xasprintf(
        "%s for %s%s", cluster ? "Customized default parameter group" : "Default parameter group",
        family, cluster ? " with cluster mode on" : "");
    answer_set(request, name, family, description);
}

bool serve_describe_cache_parameter_groups(struct request *request) {
    AUTO(strings_clear) struct strings families = { 0 };
    AUTO(parameter_set_clear) struct parameter_set only = { 0 };
    struct slice slice = { 0, 0 };
    const struct state *state = &request->endpoint->state;
    const char *name = request_value(request, "CacheParameterGroupName");
    if (name && !parameter_set_find(request, name, &only))
        return false;
    default_families(request->endpoint, &families);
    size_t total = name ? 1 : 2 * families.count + state->parameter_groups.count;
    if (!request_slice(request, total, &slice))
        return false;
    answer_marker(request, &slice, total);
    markup_open(request->out, "CacheParameterGroups");
    for (size_t i = slice.first; i < slice.end; i++) {
        const struct parameter_group *own =
            name                      ? only.own
            : i >= 2 * families.count ? &state->parameter_groups.items[i - 2 * families.count]
                                      : NULL;
        if (own)
            answer_set(request, own->name, own->family, own->description);
        else
            answer_default(request, name ? only.family : families.items[i / 2],
                           name ? only.cluster : i % 2 != 0);
    }
    markup_close(request->out, "CacheParameterGroups");
    return true;
}
