#include "cmd/migration/programs.h"

#include <string.h>

#include "executor/record/pins.h"
#include "schemas/base/memory.h"

static struct pins pins_for(const struct call *call, const struct session *session,
                            const struct plan *plan) {
    return (struct pins){ plan, session->folder, session->config_words,
                          options_strings(call->options, "accept-program") };
}

bool programs_of_given(const struct call *call, const struct session *session, struct error *err) {
    const struct pins pins = pins_for(call, session, &session->given);
    return pins_secret(&pins, &session->config.state.token, "state.token", err) &&
           pins_secret(&pins, &session->config.source.password, "source.password", err);
}

bool programs_of_record(const struct call *call, struct session *session, struct error *err) {
    AUTO(observed_clear) struct observed seen = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text document = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    const char *digest = options_string(call->options, "approve");
    if (!session->config.source.password.exec.count)
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
           pins_secret(&pins, &session->config.source.password, "source.password", err);
}
