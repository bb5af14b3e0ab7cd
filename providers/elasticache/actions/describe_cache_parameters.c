#include <string.h>

#include "providers/elasticache/actions/pairs.h"
#include "providers/elasticache/service.h"

struct reading {
    const char *node_type;
    struct pairs pairs;
};

static const struct xml *value_for(const struct xml *parameter, const char *node_type) {
    const struct xml *values = xml_find(parameter, "CacheNodeTypeSpecificValues");
    for (const struct xml *value = xml_first(values, NULL); value; value = xml_next(value, NULL)) {
        const char *type = xml_text(value, "CacheNodeType");
        if (type && node_type && strcmp(type, node_type) == 0)
            return value;
    }
    return NULL;
}

static void read_page(void *context, const struct xml *result) {
    struct reading *reading = context;
    const struct xml *list = xml_find(result, "Parameters");
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL))
        pairs_put(&reading->pairs, xml_text(item, "ParameterName"),
                  xml_text(item, "ParameterValue"));
    list = xml_find(result, "CacheNodeTypeSpecificParameters");
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL)) {
        const struct xml *value = value_for(item, reading->node_type);
        if (value)
            pairs_put(&reading->pairs, xml_text(item, "ParameterName"), xml_text(value, "Value"));
    }
}

bool elasticache_parameters(struct elasticache *service, const char *parameter_group,
                            const char *node_type, int64_t deadline_mono_ms, struct pairs *out,
                            struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_describe_cache_parameters, &query);
    query_add(&query, "CacheParameterGroupName", parameter_group);
    struct reading reading = { .node_type = node_type };
    if (!service_pages(service, &query, deadline_mono_ms, read_page, &reading, err)) {
        pairs_clear(&reading.pairs);
        return false;
    }
    pairs_sort(&reading.pairs);
    pairs_clear(out);
    *out = reading.pairs;
    return true;
}

/* What a group of the family takes: the allowed values of each parameter that can be modified. */
static void read_allowed(void *context, const struct xml *result) {
    struct pairs *allowed = context;
    const struct xml *list = xml_find(result, "Parameters");
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL)) {
        const char *type = xml_text(item, "DataType"), *can = xml_text(item, "IsModifiable");
        bool words = type && strcmp(type, "string") == 0;
        if (can && strcmp(can, "true") == 0)
            pairs_put(allowed, xml_text(item, "ParameterName"),
                      words ? xml_text(item, "AllowedValues") : "");
    }
}

/* One word, or anything where there is no list to choose from. */
static bool is_offered(const char *allowed, const char *value) {
    size_t length = strlen(value);
    if (!strchr(allowed, ','))
        return true;
    for (const char *at = allowed; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == length && strncmp(at, value, length) == 0)
            return true;
    return false;
}

bool elasticache_refused_parameters(struct elasticache *service, const char *parameter_group,
                                    const struct pairs *wanted, int64_t deadline_mono_ms,
                                    struct strings *out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(pairs_clear) struct pairs allowed = { 0 };
    service_query(&action_describe_cache_parameters, &query);
    query_add(&query, "CacheParameterGroupName", parameter_group);
    if (!service_pages(service, &query, deadline_mono_ms, read_allowed, &allowed, err))
        return false;
    pairs_sort(&allowed);
    for (size_t i = 0; i < wanted->count; i++) {
        const struct pair *pair = &wanted->items[i];
        const char *values = pairs_find(&allowed, pair->name);
        if (!values)
            strings_addf(out, "%s: this engine version has no such parameter that can be set",
                         pair->name);
        else if (!is_offered(values, pair->value))
            strings_addf(out, "%s: '%s' is not one of %s", pair->name, pair->value, values);
    }
    return true;
}
