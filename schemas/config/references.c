/* Everything in a file that names a secret or a program: who looks at one of them looks at all. */
#include "schemas/base/memory.h"
#include "schemas/config/config.h"

bool config_secret_at(const struct config *config, size_t index, struct config_secret_place *out) {
    const struct config_after_cutover *after = &config->target.after_cutover;
    const struct config_secret_place places[] = {
        { "source.password", &config->source.password, false },
        { "target.after_cutover.auth_token", &after->auth_token, false },
        { "target.after_cutover.password", &after->password, false },
        { "state.token", &config->state.token, true },
    };
    if (index >= COUNT(places))
        return false;
    *out = places[index];
    return true;
}

const struct config_hook *config_hook_at(const struct config *config, size_t index, char **key) {
    const struct {
        const char *key;
        const struct config_hooks *hooks;
    } lists[] = {
        { "cutover.ready", &config->cutover.ready_hooks },
        { "cutover.switch", &config->cutover.switch_hooks },
        { "target.after_cutover.hooks", &config->target.after_cutover.hooks },
    };
    if (index == 0) {
        *key = xstrdup("cutover.hold");
        return &config->cutover.hold;
    }
    index--;
    for (size_t i = 0; i < COUNT(lists); i++) {
        if (index < lists[i].hooks->count) {
            *key = xasprintf("%s[%zu]", lists[i].key, index);
            return &lists[i].hooks->items[index];
        }
        index -= lists[i].hooks->count;
    }
    return NULL;
}
