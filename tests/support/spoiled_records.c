/* Marks of runs that another record has, and where this record is. */
#include "schemas/base/memory.h"
#include "tests/support/spoiled.h"

#define OTHER "20261128T044711Z-3f9c"
#define PLACE "1f0c9a77b2e4 build7:/srv/orders/state"

static void mark(struct sight *s, const char *run) {
    string_replace(&s->observed.target.mark_run, run);
    string_replace(&s->observed.target.mark_record, PLACE);
}

static void connect_run(struct sight *s, const char *name) {
    strings_add(&sight_source(s)->ecmig_connections, name);
}

static void forget_the_run(struct sight *s) {
    s->observed.history.open = false;
    string_replace(&s->observed.history.started_from, NULL);
    string_replace(&s->observed.history.last_run, NULL);
    strings_clear(&s->observed.history.steps_done);
}

SPOIL(tagged, mark(s, OTHER))
SPOIL(tagged_and_full, mark(s, OTHER); s->observed.target.holds_keys = true;
      s->config.target.replace_data = true)
SPOIL(tagged_when_finished, sight_finished(s); mark(s, OTHER))
SPOIL(moved, mark(s, OTHER); strings_add(&s->observed.record.runs, OTHER);
      s->observed.record.place = xstrdup("/tmp/copy/state"))
SPOIL(connected, connect_run(s, "ecmig:4:" OTHER))
SPOIL(connected_nameless, connect_run(s, "ecmig:4"))
SPOIL(untold, forget_the_run(s); s->observed.target.mark_hidden = true)
SPOIL(in_ci, s->observed.record.relative = true; s->observed.record.ci = xstrdup("CI");
      s->observed.record.place = xstrdup("/builds/7/state"))
SPOIL(endpoint_of_environment_in_clear,
      string_replace(&s->observed.target.clear_endpoint, "http://10.1.2.3:4566/"))
SPOIL(endpoint_in_clear, string_replace(&s->config.target.endpoint_url, "HTTP://10.1.2.3:4566/"))
SPOIL(record_over_http, string_replace(&s->config.state.repository, "http://git.internal/s.git"))
SPOIL(record_over_git, string_replace(&s->config.state.repository, "git://git.internal/s.git"))
SPOIL(record_given, s->observed.record.place = xstrdup("http://127.evil.example/s.git"))
SPOIL(password_in_clear, s->config.source.password.env = xstrdup("ORDERS_PASSWORD"))

const struct spoiled spoiled_records[] = {
    { "other-run", SEVERITY_ERROR, sight_target_exists, spoil_tagged,
      "it is not in this record, and the target carries its mark", "run " OTHER,
      "its record is " PLACE },
    { "other-run", SEVERITY_ERROR, sight_target_exists, spoil_tagged_and_full,
      "it is not in this record, and the target was migrated under its mark", "run " OTHER, NULL },
    { "other-run", SEVERITY_ERROR, NULL, spoil_tagged_when_finished,
      "it is not in this record, and the target was migrated under its mark", "run " OTHER, NULL },
    { "other-run", SEVERITY_ERROR, sight_target_follows, spoil_tagged,
      "it is not in this record, and the target is migrating under its mark", "run " OTHER, NULL },
    { "other-run", SEVERITY_ERROR, sight_target_follows, spoil_untold,
      "it replicates from this source, and no run in this record started that", "orders-prod",
      "the service does not return its tags at the moment; they may name the run" },
    { "other-run", SEVERITY_ERROR, sight_target_exists, spoil_connected,
      "it is not in this record, and it is working on the source", "run " OTHER, NULL },
    { "other-run", SEVERITY_ERROR, sight_target_exists, spoil_connected_nameless,
      "a run of an earlier version of ecmig is working on it", "the source", NULL },
    { "record-moved", SEVERITY_ERROR, sight_target_exists, spoil_moved,
      "the record is not where it was when the run began", "run " OTHER,
      "it was " PLACE ", this is /tmp/copy/state" },
    { "record-in-ci", SEVERITY_WARNING, NULL, spoil_in_ci, "a path inside the checkout of a CI job",
      "state.repository", "it is /builds/7/state here, and CI is set" },
    { "channel-in-clear", SEVERITY_ERROR, NULL, spoil_endpoint_of_environment_in_clear,
      "requests signed with the account's key are sent unencrypted to another machine",
      "target.endpoint_url", NULL },
    { "channel-in-clear", SEVERITY_ERROR, NULL, spoil_endpoint_in_clear,
      "requests signed with the account's key are sent unencrypted to another machine",
      "target.endpoint_url", NULL },
    { "channel-in-clear", SEVERITY_ERROR, NULL, spoil_record_over_http,
      "the record is sent unencrypted to another machine", "state.repository", NULL },
    { "channel-in-clear", SEVERITY_ERROR, NULL, spoil_record_over_git,
      "the record is sent unencrypted and unauthenticated to another machine", "state.repository",
      NULL },
    { "channel-in-clear", SEVERITY_ERROR, NULL, spoil_record_given,
      "the record is sent unencrypted to another machine", "state.repository", NULL },
    { "channel-in-clear", SEVERITY_ERROR, NULL, spoil_password_in_clear,
      "the source's password is sent unencrypted to another machine", SIGHT_SOURCE, NULL },
    { 0 },
};
