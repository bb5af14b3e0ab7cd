#include "tests/support/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/memory.h"

struct journal *journal_at(struct gitstore *store) {
    struct journal *journal = NULL;
    MUST(journal_open(store, "orders", "ann@build7", NULL, &journal, &err));
    return journal;
}

void record_begin(struct journal *journal, const char *run) {
    AUTO(run_record_clear) struct run_record record = { 0 };
    record.run = xstrdup(run);
    record.migration = xstrdup("orders");
    record.mode = xstrdup("migrate");
    record.plan = xstrdup(RECORD_DIGEST);
    record.actor = xstrdup("ann");
    record.started_at = xstrdup("2026-11-22T10:15:00Z");
    struct journal_beginning beginning = { .record = &record,
                                           .config_yaml = "version: 1\n",
                                           .config_length = 11,
                                           .plan = RECORD_PLAN,
                                           .plan_length = sizeof RECORD_PLAN - 1,
                                           .digest = "sha256:" RECORD_DIGEST };
    MUST(journal_begin(journal, &beginning, &err));
}

static struct json *record_state(const char *state) {
    struct json *data = json_new_object();
    json_put_string(data, "state", state);
    return data;
}

void record_add(struct journal *journal, enum journal_type type, const char *step,
                const char *state) {
    AUTO(json_free) struct json *data = record_state(state);
    MUST(journal_add(
        journal, &(struct journal_fact){ .type = type, .step = step, .attempt = 1, .data = data },
        &err));
}

void record_finish(struct journal *journal, const char *class, bool resumable) {
    AUTO(run_result_clear)
    struct run_result result = { .class = xstrdup(class), .resumable = resumable };
    MUST(journal_finish(journal, &result, &err));
    assert_int_equal(strlen(result.head), 64);
    assert_string_equal(result.digest, RECORD_DIGEST);
}

size_t record_audit(struct gitstore *store) {
    AUTO(findings_clear) struct findings findings = { 0 };
    MUST(gitstore_refresh(store, &err));
    MUST(journal_audit(&(struct journal_reading){ store, "orders", NULL }, &findings, NULL, &err));
    return findings.count;
}
