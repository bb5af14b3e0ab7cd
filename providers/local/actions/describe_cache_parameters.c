#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/parameter_sets.h"
#include "schemas/base/memory.h"

static void answer_parameter(struct text *out, const struct parameter *parameter,
                             const struct parameter_set *set) {
    bool own = set->own && pairs_find(&set->own->values, parameter->name);
    markup_open(out, "Parameter");
    markup_string(out, "ParameterName", parameter->name);
    markup_string(out, "ParameterValue", parameter_value(set, parameter));
    markup_string(out, "Description", parameter->description);
    markup_string(out, "Source", own ? "user" : "system");
    markup_string(out, "DataType", parameter->data_type);
    markup_string(out, "AllowedValues", parameter->allowed);
    markup_bool(out, "IsModifiable", parameter->modifiable);
    markup_string(out, "MinimumEngineVersion", "5.0.0");
    markup_string(out, "ChangeType", parameter->immediate ? "immediate" : "requires-reboot");
    markup_close(out, "Parameter");
}

static void answer_maxmemory(struct text *out) {
    markup_open(out, "CacheNodeTypeSpecificParameters");
    markup_open(out, "CacheNodeTypeSpecificParameter");
    markup_string(out, "ParameterName", "maxmemory");
    markup_string(out, "Description", "Memory ceiling in bytes.");
    markup_string(out, "Source", "system");
    markup_string(out, "DataType", "integer");
    markup_string(out, "AllowedValues", "0-");
    markup_bool(out, "IsModifiable", false);
    markup_string(out, "MinimumEngineVersion", "5.0.0");
    markup_open(out, "CacheNodeTypeSpecificValues");
    for (size_t i = 0; i < node_type_count; i++) {
        markup_open(out, "CacheNodeTypeSpecificValue");
        markup_string(out, "CacheNodeType", node_types[i].name);
        markup_int(out, "Value", node_types[i].maxmemory_bytes);
        markup_close(out, "CacheNodeTypeSpecificValue");
    }
    markup_close(out, "CacheNodeTypeSpecificValues");
    markup_string(out, "ChangeType", "immediate");
    markup_close(out, "CacheNodeTypeSpecificParameter");
    markup_close(out, "CacheNodeTypeSpecificParameters");
}

static bool wanted(const struct parameter_set *set, const struct parameter *parameter,
                   const char *source) {
    const char *own = set->own ? pairs_find(&set->own->values, parameter->name) : NULL;
    return !source || strcmp(source, own ? "user" : "system") == 0;
}

bool serve_describe_cache_parameters(struct request *request) {
    AUTO(parameter_set_clear) struct parameter_set set = { 0 };
    struct slice slice = { 0, 0 };
    const char *name = NULL, *source = request_value(request, "Source");
    size_t total = 0;
    if (!request_required(request, "CacheParameterGroupName", &name) ||
        !parameter_set_find(request, name, &set))
        return false;
    for (size_t i = 0; i < family_parameter_count; i++)
        total += wanted(&set, &family_parameters[i], source);
    if (!request_slice(request, total, &slice))
        return false;
    answer_marker(request, &slice, total);
    markup_open(request->out, "Parameters");
    for (size_t i = 0, at = 0; i < family_parameter_count; i++) {
        const struct parameter *parameter = &family_parameters[i];
        if (!wanted(&set, parameter, source))
            continue;
        if (at >= slice.first && at < slice.end)
            answer_parameter(request->out, parameter, &set);
        at++;
    }
    markup_close(request->out, "Parameters");
    if (slice.end == total && (!source || strcmp(source, "system") == 0))
        answer_maxmemory(request->out);
    return true;
}
