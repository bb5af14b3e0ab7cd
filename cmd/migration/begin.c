#include "cmd/migration/begin.h"

#include <string.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

bool begin_run(const struct call *call, const struct session *session, const struct plan *plan,
               const char *actor, struct journal *journal, struct error *err) {
    char now[CLOCK_TEXT_BYTES], host[256] = "";
    AUTO(string_free) char *who = xstrdup(actor);
    AUTO(string_free) char *digest = xstrdup(plan->digest);
    AUTO(string_free) char *run = run_id_new(clock_wall_ms());
    AUTO(string_free) char *document = plan_write(plan, JSON_PRETTY);
    AUTO(string_free) char *mode = xstrdup(plan_mode_names[plan->core.mode]);
    AUTO(string_free) char *version = xstrdup(ECMIG_VERSION);
    AUTO(strings_clear) struct strings arguments = { 0 };
    AUTO(string_free) char *ci = session_ci();
    const struct json *seen = json_find(plan->context.measurements, "target");
    AUTO(string_free) char *caller = xstrdup(json_find_string(seen, "caller"));
    clock_format_seconds(clock_wall_ms(), now);
    (void)gethostname(host, sizeof host - 1);
    strings_add(&arguments, call->command->name);
    strings_copy(&arguments, call->arguments);
    const struct run_record record = { .run = run,
                                       .migration = session->config.migration,
                                       .mode = mode,
                                       .plan = digest,
                                       .actor = who,
                                       .host = host,
                                       .caller = caller,
                                       .ci = ci,
                                       .version = version,
                                       .arguments = arguments,
                                       .started_at = now };
    const struct journal_beginning beginning = { .record = &record,
                                                 .config_yaml = text_string(&session->config_yaml),
                                                 .config_length = session->config_yaml.length,
                                                 .plan = document,
                                                 .plan_length = strlen(document),
                                                 .digest = digest };
    return journal_begin(journal, &beginning, err);
}
