#include "cmd/migration/programs.h"

#include <string.h>

#include "executor/record/pins.h"
#include "schemas/base/memory.h"

static struct pins pins_for(const struct call *call, const struct session *session,
                            const struct plan *plan) {
    return (struct pins){ plan, session->folder, session->config_words,
                          options_strings(call->options, "accept-program") };
}

/* Those of what is asked for once the record is open; the token of the record is asked for before.
 */
static bool secrets_are_pinned(const struct pins *pins, const struct config *config, bool git_too,
                               struct error *err) {
    struct config_secret_place place;
    for (size_t i = 0; config_secret_at(config, i, &place); i++)
        if ((git_too || !place.for_git) && !pins_secret(pins, place.reference, place.key, err))
            return false;
    return true;
}

static bool prints_secrets(const struct config *config) {
    struct config_secret_place place;
    for (size_t i = 0; config_secret_at(config, i, &place); i++)
        if (!place.for_git && place.reference->exec.count)
            return true;
    return false;
}

bool programs_of_given(const struct call *call, const struct session *session, struct error *err) {
    const struct pins pins = pins_for(call, session, &session->given);
    return secrets_are_pinned(&pins, &session->config, true, err);
}

bool programs_of_record(const struct call *call, struct session *session, struct error *err) {
    AUTO(observed_clear) struct observed seen = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text document = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    const char *digest = options_string(call->options, "approve");
    if (!prints_secrets(&session->config))
        return true;
    if (!session_history(session, &seen.history, err))
        return error_wrap(err, "state repository");
    if (seen.history.open && !digest)
        digest = seen.history.last_digest;
    else if (digest && strncmp(digest, "sha256:", 7) == 0)
        digest += 7;
    if (!digest ||
        !journal_read_plan(session->store, session->config.migration, digest, &document, &absent))
        return true;
    const struct pins pins = pins_for(call, session, &plan);
    return plan_parse(text_string(&document), document.length, &plan, err) &&
           secrets_are_pinned(&pins, &session->config, false, err);
}
