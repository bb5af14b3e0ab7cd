#include <stdlib.h>
#include <string.h>

#include "providers/local/actions/action.h"
#include "schemas/base/memory.h"

static bool wanted(struct request *request, const struct engine *engine) {
    const char *name = request_value(request, "Engine");
    const char *version = request_value(request, "EngineVersion");
    const char *family = request_value(request, "CacheParameterGroupFamily");
    bool newest_only = false;
    if (!request_bool(request, "DefaultOnly", &newest_only))
        newest_only = false;
    AUTO(string_free) char *own = engine_family(engine->name, engine->version);
    return (!name || strcmp(name, engine->name) == 0) && (!family || strcmp(family, own) == 0) &&
           (!version ||
            engines_pick(&request->endpoint->engines, engine->name, version) == engine) &&
           (!newest_only ||
            engines_pick(&request->endpoint->engines, engine->name, NULL) == engine);
}

static void answer_engine(struct text *out, const struct engine *engine) {
    AUTO(string_free) char *family = engine_family(engine->name, engine->version);
    AUTO(string_free)
    char *description = xasprintf("%s version %s", engine->name, engine->version);
    markup_open(out, "CacheEngineVersion");
    markup_string(out, "Engine", engine->name);
    markup_string(out, "EngineVersion", engine->version);
    markup_string(out, "CacheParameterGroupFamily", family);
    markup_string(out, "CacheEngineDescription",
                  strcmp(engine->name, "valkey") == 0 ? "Valkey" : "Redis");
    markup_string(out, "CacheEngineVersionDescription", description);
    markup_close(out, "CacheEngineVersion");
}

bool serve_describe_cache_engine_versions(struct request *request) {
    const struct engines *engines = &request->endpoint->engines;
    struct slice slice = { 0, 0 };
    size_t total = 0;
    for (size_t i = 0; i < engines->count; i++)
        total += wanted(request, &engines->items[i]);
    if (!request_slice(request, total, &slice))
        return false;
    answer_marker(request, &slice, total);
    markup_open(request->out, "CacheEngineVersions");
    for (size_t i = 0, at = 0; i < engines->count; i++) {
        if (!wanted(request, &engines->items[i]))
            continue;
        if (at >= slice.first && at < slice.end)
            answer_engine(request->out, &engines->items[i]);
        at++;
    }
    markup_close(request->out, "CacheEngineVersions");
    return true;
}
