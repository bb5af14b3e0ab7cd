/* The recorder of --trace on a real server, and the traces of tests/fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "providers/trace/check.h"
#include "providers/trace/recorder.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/trace/trace.h"
#include "tests/support/server.h"

#define CANARY "canary-3f/x+9"

struct place {
    char folder[64];
    char *path;
};

static void place_clear(struct place *place) {
    (void)unlink(place->path);
    (void)rmdir(place->folder);
    free(place->path);
}
AUTO_VALUE(struct place, place_clear)

static struct place place_new(void) {
    struct place place = { .folder = "/tmp/ecmig-trace-XXXXXX" };
    assert_non_null(mkdtemp(place.folder));
    place.path = path_join(place.folder, "trace");
    return place;
}

static void begin(const struct place *place, size_t ceiling_bytes) {
    const struct trace_options options = { place->path, "test", ceiling_bytes };
    AUTO(error_clear) struct error err = { 0 };
    if (!trace_begin(&options, &err))
        fail_msg("%s", err.message);
}

static void finish(bool complete) {
    AUTO(error_clear) struct error err = { 0 };
    assert_int_equal(trace_finish(0, &err), complete);
    assert_int_equal(complete, err.message == NULL);
}

static void read_all(const struct place *place, struct text *out) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(file_read(place->path, TRACE_CEILING_BYTES, out, &err));
}

static void check_holds(const struct text *trace, const char *wanted, bool holds) {
    if ((strstr(text_string(trace), wanted) != NULL) != holds)
        fail_msg("the trace %s '%s': %s", holds ? "lacks" : "holds", wanted, text_string(trace));
}

/* Passwords, keys and values do not come in, the handshake of the audit does. */
static void commands_are_recorded_without_what_they_carry(void **state) {
    (void)state;
    const char *const overrides[] = { "--requirepass", CANARY, NULL };
    AUTO(place_clear) struct place place = place_new();
    AUTO(server_stop) struct server *server = server_start(overrides);
    begin(&place, 0);
    {
        AUTO(redis_close) struct redis_connection *connection = server_connect(server);
        AUTO(redis_close) struct redis_connection *tail = server_connect(server);
        AUTO(error_clear) struct error err = { 0 };
        bool continued = true;
        server_do(connection, "SET zqxkey " CANARY);
        server_do(connection, "CONFIG SET masterauth " CANARY);
        static const char *const questions[] = { "GET zqxkey", "CONFIG GET *auth",
                                                 "CONFIG GET *pass", "CLIENT LIST" };
        for (size_t i = 0; i < COUNT(questions); i++)
            redis_reply_free(server_run(connection, questions[i]));
        assert_true(
            redis_tail(tail, "0123456789012345678901234567890123456789", 5, &continued, &err));
    }
    finish(true);
    AUTO(text_clear) struct text trace = { 0 };
    read_all(&place, &trace);
    static const char *const there[] = {
        "\"command\":\"AUTH\"",
        "\"command\":\"SET\"",
        "\"command\":\"CONFIG SET masterauth\"",
        "\"masterauth\",\"***\"",
        "\"requirepass\",\"***\"",
        "\"command\":\"CLIENT LIST\"",
        "\"command\":\"PSYNC 0123456789012345678901234567890123456789 5\"",
        "{\"status\":\"FULLRESYNC ",
        "\"reply_size\":13",
        "\"server\":\"10.0.0.1:",
    };
    static const char *const absent[] = { CANARY, "canary", "zqxkey", "127." };
    for (size_t i = 0; i < COUNT(there); i++)
        check_holds(&trace, there[i], true);
    for (size_t i = 0; i < COUNT(absent); i++)
        check_holds(&trace, absent[i], false);
    AUTO(trace_report_clear) struct trace_report report = { 0 };
    trace_check(trace.bytes, trace.length, &report);
    for (size_t i = 0; i < report.differences.count; i++)
        fail_msg("%s", report.differences.items[i].summary);
}

/* The last line says why, the file is within its bound, and what follows is not recorded. */
static void a_trace_ends_at_its_ceiling(void **state) {
    (void)state;
    AUTO(place_clear) struct place place = place_new();
    AUTO(server_stop) struct server *server = server_start(NULL);
    begin(&place, 4000);
    AUTO(redis_close) struct redis_connection *connection = server_connect(server);
    for (int i = 0; i < 40; i++)
        server_do(connection, "PING");
    finish(false);
    AUTO(text_clear) struct text trace = { 0 };
    read_all(&place, &trace);
    assert_true(trace.length > 3000 && trace.length <= 4000);
    check_holds(&trace, "\"reason\":\"ceiling\"", true);
    check_holds(&trace, "\"reason\":\"exit\"", false);
}

/* What a process of ours that was forked off does is not this process's. */
static void a_child_does_not_record(void **state) {
    (void)state;
    AUTO(place_clear) struct place place = place_new();
    begin(&place, 0);
    pid_t child = fork();
    if (child == 0) {
        AUTO(json_free) struct json *event = json_new_object();
        json_put_string(event, "type", "of_the_child");
        trace_event(event);
        _exit(trace_is_on());
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    finish(true);
    AUTO(text_clear) struct text trace = { 0 };
    read_all(&place, &trace);
    check_holds(&trace, "of_the_child", false);
}

static bool ends_with(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && strcmp(name + length - tail, end) == 0;
}

/* Each with the differences that are known of it, and no others. */
static void check_fixture(const char *folder, const char *name) {
    AUTO(string_free) char *path = path_join(folder, name);
    AUTO(string_free) char *stem = xstrndup(path, strlen(path) - strlen(".jsonl"));
    AUTO(string_free) char *list = xasprintf("%s.differences", stem);
    AUTO(text_clear) struct text trace = { 0 }, known = { 0 }, found = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(trace_report_clear) struct trace_report report = { 0 };
    assert_true(file_read(path, TRACE_CEILING_BYTES, &trace, &err));
    if (path_exists(list))
        assert_true(file_read(list, TRACE_LINE_CEILING_BYTES, &known, &err));
    trace_check(trace.bytes, trace.length, &report);
    for (size_t i = 0; i < report.differences.count; i++)
        text_addf(&found, "%s: %s\n", report.differences.items[i].id,
                  report.differences.items[i].summary);
    assert_string_equal(text_string(&found), text_string(&known));
    assert_true(report.calls > 10 && report.replies > 10 && report.events > 5);
}

static void recorded_environments_are_as_believed(void **state) {
    (void)state;
    static const char folder[] = TEST_SOURCE_FOLDER "/fixtures/traces";
    size_t count = 0;
    DIR *files = opendir(folder);
    assert_non_null(files);
    for (const struct dirent *file; (file = readdir(files));)
        if (ends_with(file->d_name, ".jsonl")) {
            check_fixture(folder, file->d_name);
            count++;
        }
    (void)closedir(files);
    assert_true(count >= 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_recorded_without_what_they_carry),
        cmocka_unit_test(a_trace_ends_at_its_ceiling),
        cmocka_unit_test(a_child_does_not_record),
        cmocka_unit_test(recorded_environments_are_as_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
