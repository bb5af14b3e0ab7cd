#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/memory.h"
#include "schemas/journal/journal.h"
#include "schemas/journal/records.h"

/* A chain that is written as the executor writes it, and read back. */
struct chain {
    struct journal_entries entries;
};

static void chain_add(struct chain *chain, enum journal_type type, const char *step,
                      const char *data) {
    AUTO(error_clear) struct error err = { 0 };
    size_t count = chain->entries.count;
    AUTO(journal_entry_clear)
    struct journal_entry entry = {
        .seq = (int64_t)count + 1,
        .prev = xstrdup(count ? chain->entries.items[count - 1].hash : JOURNAL_NO_HASH),
        .epoch = 3,
        .ts = xasprintf("2026-11-22T10:15:%02zu.000Z", count % 60),
        .type = type,
        .step = xstrdup(step),
        .attempt = 1,
    };
    assert_true(json_parse(data, strlen(data), "data", &entry.data, &err));
    AUTO(string_free) char *document = journal_write(&entry);
    struct journal_entry read = { 0 };
    assert_true(journal_parse(document, strlen(document), "entry", &read, &err));
    assert_string_equal(read.hash, entry.hash);
    *LIST_ADD(&chain->entries) = read;
}

static void chain_clear(struct chain *chain) {
    journal_entries_clear(&chain->entries);
}
AUTO_VALUE(struct chain, chain_clear)

static void begin(struct chain *chain) {
    chain_add(chain, JOURNAL_RUN_STARTED, "", "{\"plan\":\"7c41\",\"state\":\"new\"}");
}

static bool replays(const struct chain *chain, struct journal_state *state) {
    AUTO(error_clear) struct error err = { 0 };
    journal_state_init(state);
    return journal_replay(&chain->entries, state, &err);
}

static void an_entry_hash_is_sha256_of_its_canonical_form(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    const char *spaced = "{ \"type\": \"gate\", \"seq\": 1, \"epoch\": 1, \"attempt\": 0,\n"
                         "  \"prev\": \"" JOURNAL_NO_HASH "\", \"step\": \"\",\n"
                         "  \"ts\": \"2026-11-22T10:15:00.000Z\", \"data\": {}, \"later\": 1 }";
    AUTO(journal_entry_clear) struct journal_entry entry = { 0 };
    AUTO(json_free) struct json *document = NULL;
    char hash[DIGEST_HEX_BYTES];
    assert_true(journal_parse(spaced, strlen(spaced), "entry", &entry, &err));
    assert_true(json_parse(spaced, strlen(spaced), "entry", &document, &err));
    json_digest(document, hash); /* with the key that this version does not know */
    assert_string_equal(entry.hash, hash);
    AUTO(string_free) char *file = journal_entry_file(&entry);
    assert_string_equal(file, "000001-gate.json");
}

static void what_is_no_entry_is_refused(void **state) {
    (void)state;
    static const char *const documents[] = {
        "",
        "[]",
        "{}",
        "{\"seq\":1,\"prev\":\"0\",\"epoch\":1,\"ts\":\"2026-11-22T10:15:00Z\",\"type\":\"x\"}",
        "{\"seq\":0,\"prev\":\"0\",\"epoch\":1,\"ts\":\"2026-11-22T10:15:00Z\",\"type\":\"gate\"}",
        "{\"seq\":1,\"prev\":\"0\",\"epoch\":0,\"ts\":\"2026-11-22T10:15:00Z\",\"type\":\"gate\"}",
        "{\"seq\":1,\"prev\":\"0\",\"epoch\":1,\"ts\":\"yesterday\",\"type\":\"gate\"}",
        "{\"seq\":1,\"prev\":\"0\",\"epoch\":1,\"ts\":\"2026-11-22T10:15:00Z\",\"type\":7}",
    };
    for (size_t i = 0; i < COUNT(documents); i++) {
        AUTO(error_clear) struct error err = { 0 };
        struct journal_entry entry = { 0 };
        assert_false(journal_parse(documents[i], strlen(documents[i]), "entry", &entry, &err));
        assert_int_equal(err.code, ERROR_FORMAT);
        assert_null(entry.prev);
    }
}

static void replay_knows_each_step_and_keeps_the_values_before_of_the_first_attempt(void **state) {
    (void)state;
    AUTO(chain_clear) struct chain chain = { 0 };
    AUTO(journal_state_clear) struct journal_state sum;
    begin(&chain);
    chain_add(&chain, JOURNAL_STEP_STARTED, "source/set", "{\"before\":\"60\"}");
    chain_add(&chain, JOURNAL_STEP_FINISHED, "source/set", "{\"state\":\"failed\"}");
    chain_add(&chain, JOURNAL_STEP_STARTED, "source/set", "{\"before\":\"0\"}");
    chain_add(&chain, JOURNAL_STEP_FINISHED, "source/set", "{\"state\":\"done\",\"n\":2}");
    chain_add(&chain, JOURNAL_STEP_STARTED, "target/create", "{}");
    assert_true(replays(&chain, &sum));
    const struct journal_step *step = journal_step_find(&sum, "source/set");
    assert_int_equal(step->state, PROGRESS_DONE);
    assert_int_equal(step->attempts, 2);
    assert_string_equal(json_find_string(step->intent, "before"), "60");
    assert_string_equal(json_find_string(step->latest, "before"), "0");
    assert_int_equal(json_find_int(step->outcome, "n", 0), 2);
    assert_int_equal(journal_progress_of(&sum, "target/create"), PROGRESS_STARTED);
    assert_int_equal(journal_progress_of(&sum, "never"), PROGRESS_NONE);
    assert_string_equal(sum.plan, "7c41");
    assert_int_equal(sum.last_seq, 6);
    assert_int_equal(sum.epoch, 3);
    assert_string_equal(sum.head, chain.entries.items[5].hash);
    assert_false(sum.finished);
}

static void undoing_is_a_state_of_its_own(void **state) {
    (void)state;
    AUTO(chain_clear) struct chain chain = { 0 };
    AUTO(journal_state_clear) struct journal_state sum;
    begin(&chain);
    chain_add(&chain, JOURNAL_STEP_STARTED, "a", "{\"before\":1}");
    chain_add(&chain, JOURNAL_STEP_FINISHED, "a", "{\"state\":\"done\"}");
    chain_add(&chain, JOURNAL_STEP_STARTED, "a", "{\"state\":\"undo\"}");
    assert_true(replays(&chain, &sum));
    assert_int_equal(journal_progress_of(&sum, "a"), PROGRESS_UNDOING);
    assert_int_equal(journal_step_find(&sum, "a")->attempts, 1);
    journal_state_clear(&sum);
    chain_add(&chain, JOURNAL_STEP_FINISHED, "a", "{\"state\":\"undone\"}");
    assert_true(replays(&chain, &sum));
    assert_int_equal(journal_progress_of(&sum, "a"), PROGRESS_UNDONE);
}

static void the_cutover_stands_at_its_last_mark_until_it_is_lifted(void **state) {
    (void)state;
    AUTO(chain_clear) struct chain chain = { 0 };
    AUTO(journal_state_clear) struct journal_state sum;
    begin(&chain);
    assert_true(replays(&chain, &sum));
    assert_int_equal(sum.cutover, JOURNAL_MARK_COUNT);
    journal_state_clear(&sum);
    chain_add(&chain, JOURNAL_CUTOVER, "c", "{\"state\":\"intent\",\"before\":\"0\"}");
    chain_add(&chain, JOURNAL_CUTOVER, "c", "{\"state\":\"sending\",\"f\":1}");
    chain_add(&chain, JOURNAL_CUTOVER, "c", "{\"state\":\"lifted\"}");
    chain_add(&chain, JOURNAL_CUTOVER, "c", "{\"state\":\"intent\",\"before\":\"1\"}");
    assert_true(replays(&chain, &sum));
    assert_int_equal(sum.cutover, JOURNAL_MARK_INTENT);
    assert_string_equal(json_find_string(sum.marks[JOURNAL_MARK_INTENT].first, "before"), "0");
    assert_int_equal(sum.marks[JOURNAL_MARK_SENDING].count, 1);
    journal_state_clear(&sum);
    chain_add(&chain, JOURNAL_CUTOVER, "c", "{\"state\":\"sending\",\"f\":2}");
    chain_add(&chain, JOURNAL_CUTOVER, "c", "{\"state\":\"confirmed\"}");
    chain_add(&chain, JOURNAL_CUTOVER, "c", "{\"state\":\"switch_started\"}");
    chain_add(&chain, JOURNAL_CUTOVER, "c", "{\"state\":\"lifted\"}");
    assert_true(replays(&chain, &sum));
    assert_int_equal(sum.cutover, JOURNAL_MARK_SWITCH_STARTED); /* no way back */
    assert_int_equal(json_find_int(sum.marks[JOURNAL_MARK_SENDING].last, "f", 0), 2);
}

static void a_stop_leaves_the_run_open_and_an_end_does_not(void **state) {
    (void)state;
    AUTO(chain_clear) struct chain chain = { 0 };
    AUTO(journal_state_clear) struct journal_state sum;
    begin(&chain);
    chain_add(&chain, JOURNAL_GATE, "gate/cutover", "{\"state\":\"waiting\",\"gate\":\"cutover\"}");
    chain_add(&chain, JOURNAL_CHECKPOINT, "",
              "{\"state\":\"stopped\",\"class\":\"gate\",\"exit_code\":7}");
    assert_true(replays(&chain, &sum));
    assert_false(sum.finished);
    assert_string_equal(sum.class, "gate");
    assert_int_equal(sum.exit_code, 7);
    assert_false(journal_gate_find(&sum, "cutover")->passed);
    journal_state_clear(&sum);
    chain_add(&chain, JOURNAL_RUN_STARTED, "", "{\"state\":\"resumed\"}");
    chain_add(&chain, JOURNAL_GATE, "gate/cutover", "{\"state\":\"passed\",\"gate\":\"cutover\"}");
    assert_true(replays(&chain, &sum));
    assert_null(sum.class);
    assert_true(journal_gate_find(&sum, "cutover")->passed);
    journal_state_clear(&sum);
    chain_add(&chain, JOURNAL_RUN_FINISHED, "", "{\"class\":\"ok\",\"exit_code\":0}");
    assert_true(replays(&chain, &sum));
    assert_true(sum.finished);
    journal_state_clear(&sum);
    chain_add(&chain, JOURNAL_CHECKPOINT, "", "{}");
    assert_false(replays(&chain, &sum)); /* nothing comes after the end */
}

static void an_entry_that_does_not_say_what_it_is_about_is_refused(void **state) {
    (void)state;
    static const struct {
        enum journal_type type;
        const char *step, *data;
    } unclear[] = {
        { JOURNAL_RUN_STARTED, "", "{\"plan\":\"9b00\",\"state\":\"resumed\"}" },
        { JOURNAL_STEP_STARTED, "", "{}" },
        { JOURNAL_STEP_FINISHED, "a", "{}" },
        { JOURNAL_STEP_FINISHED, "", "{\"state\":\"done\"}" },
        { JOURNAL_GATE, "a", "{\"state\":\"passed\"}" },
        { JOURNAL_GATE, "a", "{\"state\":\"open\",\"gate\":\"cutover\"}" },
        { JOURNAL_CUTOVER, "a", "{\"state\":\"done\"}" },
    };
    for (size_t i = 0; i < COUNT(unclear); i++) {
        AUTO(chain_clear) struct chain chain = { 0 };
        AUTO(journal_state_clear) struct journal_state sum;
        begin(&chain);
        chain_add(&chain, unclear[i].type, unclear[i].step, unclear[i].data);
        assert_false(replays(&chain, &sum));
        assert_int_equal(sum.last_seq, 1);
    }
}

static void a_gap_a_wrong_hash_and_an_older_lock_are_found(void **state) {
    (void)state;
    for (int fault = 0; fault < 3; fault++) {
        AUTO(chain_clear) struct chain chain = { 0 };
        AUTO(error_clear) struct error err = { 0 };
        begin(&chain);
        chain_add(&chain, JOURNAL_CHECKPOINT, "", "{}");
        chain_add(&chain, JOURNAL_CHECKPOINT, "", "{}");
        assert_true(journal_verify(&chain.entries, &err));
        struct journal_entry *last = &chain.entries.items[2];
        if (fault == 0)
            last->seq = 4;
        else if (fault == 1)
            last->prev[0] = last->prev[0] == '0' ? '1' : '0';
        else
            last->epoch = 2;
        assert_false(journal_verify(&chain.entries, &err));
        assert_int_equal(err.code, ERROR_FORMAT);
    }
}

static void entries_are_told_in_a_sentence(void **state) {
    (void)state;
    AUTO(chain_clear) struct chain chain = { 0 };
    AUTO(text_clear) struct text told = { 0 };
    begin(&chain);
    chain_add(&chain, JOURNAL_STEP_STARTED, "replicate/start", "{}");
    chain_add(&chain, JOURNAL_STEP_FINISHED, "replicate/start", "{\"state\":\"done\"}");
    chain_add(&chain, JOURNAL_GATE, "", "{\"gate\":\"cutover\",\"state\":\"waiting\"}");
    chain_add(&chain, JOURNAL_STEP_FINISHED, "cutover/switch",
              "{\"error\":\"failed\",\"message\":\"no such host\",\"state\":\"failed\"}");
    for (size_t i = 0; i < chain.entries.count; i++) {
        journal_describe(&chain.entries.items[i], &told);
        text_add(&told, "\n");
    }
    assert_string_equal(text_string(&told), "run started\n"
                                            "replicate/start started\n"
                                            "replicate/start finished: done\n"
                                            "waits at gate cutover\n"
                                            "cutover/switch finished: failed, no such host\n");
}

static void a_setting_that_went_back_is_known_until_the_run_was_stopped_for_it(void **state) {
    (void)state;
    AUTO(chain_clear) struct chain chain = { 0 };
    AUTO(journal_state_clear) struct journal_state now = { 0 }, later = { 0 };
    begin(&chain);
    for (size_t i = 0; i < 2; i++)
        chain_add(
            &chain, JOURNAL_CHECKPOINT, "prepare/set/ttl",
            "{\"node\":\"h:1\",\"refused\":false,\"setting\":\"ttl\",\"state\":\"setting_back\"}");
    assert_true(replays(&chain, &now));
    assert_int_equal(now.settings_back.count, 1);
    assert_true(journal_setting_back_at(&now, "ttl", "h:1") > 0);
    assert_int_equal(journal_setting_back_at(&now, "ttl", "h:2"), 0);
    assert_int_equal(journal_setting_back_at(&now, "size", "h:1"), 0);
    chain_add(&chain, JOURNAL_CHECKPOINT, "prepare/set/ttl",
              "{\"node\":\"h:1\",\"refused\":true,\"setting\":\"ttl\",\"state\":\"setting_back\"}");
    assert_true(replays(&chain, &later));
    assert_int_equal(later.settings_back.count, 0);
    assert_int_equal(later.set_by_others.count, 1);
    assert_string_equal(later.set_by_others.items[0], "h:1 ttl");
}

static void the_time_without_a_fence_ends_when_it_was_read_back(void **state) {
    (void)state;
    AUTO(chain_clear) struct chain chain = { 0 };
    AUTO(journal_state_clear) struct journal_state now = { 0 };
    begin(&chain);
    chain_add(&chain, JOURNAL_CHECKPOINT, "",
              "{\"missing_ms\":400,\"node\":\"h:1\",\"state\":\"fence_missing\"}");
    chain_add(&chain, JOURNAL_CHECKPOINT, "",
              "{\"missing_ms\":20,\"node\":\"h:1\",\"state\":\"fence_reset\"}");
    assert_true(replays(&chain, &now));
    assert_int_equal(now.fence_missing_count, 1);
    assert_int_equal(now.fence_missing_ms, 420);
    assert_int_equal(now.fence_resets.count, 1);
}

static void run_ids_sort_by_time(void **state) {
    (void)state;
    AUTO(string_free) char *id = run_id_new(INT64_C(1795342500000));
    assert_int_equal(strlen(id), 21);
    assert_memory_equal(id, "20261122T", 9);
    assert_int_equal(id[16], '-');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_hash_is_sha256_of_its_canonical_form),
        cmocka_unit_test(what_is_no_entry_is_refused),
        cmocka_unit_test(replay_knows_each_step_and_keeps_the_values_before_of_the_first_attempt),
        cmocka_unit_test(undoing_is_a_state_of_its_own),
        cmocka_unit_test(the_cutover_stands_at_its_last_mark_until_it_is_lifted),
        cmocka_unit_test(a_stop_leaves_the_run_open_and_an_end_does_not),
        cmocka_unit_test(an_entry_that_does_not_say_what_it_is_about_is_refused),
        cmocka_unit_test(a_gap_a_wrong_hash_and_an_older_lock_are_found),
        cmocka_unit_test(entries_are_told_in_a_sentence),
        cmocka_unit_test(a_setting_that_went_back_is_known_until_the_run_was_stopped_for_it),
        cmocka_unit_test(the_time_without_a_fence_ends_when_it_was_read_back),
        cmocka_unit_test(run_ids_sort_by_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
