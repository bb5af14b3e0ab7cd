#include "providers/local/actions/request.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#define RECORDS_MINIMUM 20
#define RECORDS_MAXIMUM 100
#define TAG_CEILING 50

const char *request_value(const struct request *request, const char *name) {
    return pairs_find(request->form, name);
}

bool request_required(struct request *request, const char *name, const char **out) {
    const char *value = request_value(request, name);
    if (!value || !*value)
        return refuse(request->refusal, API_ERROR_MISSING_PARAMETER,
                      "The request must contain the parameter %s.", name);
    *out = value;
    return true;
}

bool request_bool(struct request *request, const char *name, bool *in_out) {
    bool present = false;
    if (form_bool(request->form, name, &present, in_out))
        return true;
    return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid value for %s: %s", name,
                  request_value(request, name));
}

bool request_int(struct request *request, const char *name, int64_t minimum, int64_t maximum,
                 int64_t *in_out) {
    bool present = false;
    int64_t value = *in_out;
    if (!form_int(request->form, name, &present, &value) ||
        (present && (value < minimum || value > maximum)))
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "Invalid value for %s: %s. It must be between %lld and %lld.", name,
                      request_value(request, name), (long long)minimum, (long long)maximum);
    *in_out = value;
    return true;
}

bool request_group(struct request *request, struct group **out) {
    const char *id = NULL;
    if (!request_required(request, "ReplicationGroupId", &id))
        return false;
    struct group *group = state_group(&request->endpoint->state, id);
    if (!group)
        return refuse(request->refusal, API_ERROR_GROUP_NOT_FOUND, "ReplicationGroup %s not found.",
                      id);
    *out = group;
    return true;
}

bool request_available_group(struct request *request, struct group **out) {
    struct group *group = NULL;
    if (!request_group(request, &group))
        return false;
    if (group->phase != PHASE_AVAILABLE || group->held_status)
        return refuse(request->refusal, API_ERROR_GROUP_STATE,
                      "Replication group must be in available state to modify.");
    *out = group;
    return true;
}

void request_strings(const struct request *request, const char *prefix, struct strings *out) {
    const char *value;
    for (size_t i = 1; (value = form_member(request->form, prefix, i, NULL)); i++)
        strings_add(out, value);
}

bool request_tags(struct request *request, struct pairs *tags) {
    const char *name;
    for (size_t i = 1; (name = form_member(request->form, "Tags.Tag", i, "Key")); i++) {
        const char *value = form_member(request->form, "Tags.Tag", i, "Value");
        if (!*name || strlen(name) > 128 || strncmp(name, "aws:", 4) == 0 ||
            (value && strlen(value) > 256))
            return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid tag key %s", name);
        if (i > TAG_CEILING || (tags->count >= TAG_CEILING && !pairs_find(tags, name)))
            return refuse(request->refusal, API_ERROR_TAG_QUOTA,
                          "The resource cannot have more than %d tags.", TAG_CEILING);
        pairs_set(tags, name, value ? value : "");
    }
    return true;
}

bool request_slice(struct request *request, size_t total, struct slice *out) {
    int64_t records = RECORDS_MAXIMUM, first = 0;
    if (!request_int(request, "MaxRecords", RECORDS_MINIMUM, RECORDS_MAXIMUM, &records))
        return false;
    const char *marker = request_value(request, "Marker");
    if (marker && *marker) {
        char *end = NULL;
        first = strtoll(marker[0] == 'r' ? marker + 1 : marker, &end, 10);
        if (marker[0] != 'r' || *end || first < 0 || (size_t)first > total)
            return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid marker: %s",
                          marker);
    }
    out->first = (size_t)first;
    out->end = total - out->first > (size_t)records ? out->first + (size_t)records : total;
    return true;
}

void answer_marker(struct request *request, const struct slice *slice, size_t total) {
    if (slice->end < total)
        text_addf(request->out, "<Marker>r%zu</Marker>", slice->end);
}
