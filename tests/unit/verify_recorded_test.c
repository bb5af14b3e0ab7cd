/* What real servers of many versions answered about the same values (tests/fixtures/README.md): as
 * the verifier reads them, all of them say the same, and no two values are taken for each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "executor/verify/compare.h"
#include "executor/verify/small_values.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "tests/support/decode.h"

#define FIXTURE_CEILING_BYTES ((size_t)1 << 20)
#define ANSWERS_MOST 8

static const char *const sources[] = { "from-redis-6.0", "from-redis-7.0" };
static const struct hash_key hash_key = { 5, 6 };

struct recorded_key {
    char *name;
    struct key_state state;
    struct text dump, whole; /* as they came over the wire; whole is empty where none was asked */
};
struct recording {
    char *engine;
    struct {
        struct recorded_key *items;
        size_t count;
    } keys;
};
struct recordings {
    struct recording *items;
    size_t count;
};

static void recorded_key_clear(struct recorded_key *key) {
    free(key->name);
    text_clear(&key->dump);
    text_clear(&key->whole);
}

static void recordings_clear(struct recordings *recordings) {
    for (size_t r = 0; r < recordings->count; r++) {
        struct recording *recording = &recordings->items[r];
        LIST_CLEAR(&recording->keys, recorded_key_clear);
        free(recording->engine);
    }
    free(recordings->items);
}
AUTO_VALUE(struct recordings, recordings_clear)

static int digit(char letter) {
    return letter <= '9' ? letter - '0' : letter - 'a' + 10;
}

/* What is behind the first word of a line. */
static void unescape(const char *line, struct text *out) {
    for (const char *at = strchr(line, ' ') + 1; *at && *at != '\n'; at++) {
        if (*at != '\\') {
            text_add_char(out, *at);
            continue;
        }
        text_add_char(out, (char)(digit(at[1]) << 4 | digit(at[2])));
        at += 2;
    }
}

static struct redis_reply *reply_of(const char *line) {
    AUTO(text_clear) struct text wire = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    struct redis_reply *reply = NULL;
    unescape(line, &wire);
    assert_true(redis_decode(wire.bytes, wire.length, &reply, &err));
    assert_non_null(reply);
    return reply;
}

static const char *next_line(const char *line) {
    return line + strcspn(line, "\n") + 1;
}

static bool begins(const char *line, const char *word) {
    return strncmp(line, word, strlen(word)) == 0;
}

/* `line` is behind the name of the key; where the key ends. */
static const char *replay(const char *line, const struct read_rules *rules,
                          struct recorded_key *key) {
    const struct verify_key named = { .bytes = key->name, .length = strlen(key->name) };
    struct key_read read;
    key_read_init(&read, &named, rules);
    while (begins(line, "stage ")) {
        struct redis_reply *replies[ANSWERS_MOST] = { NULL };
        const char *refusal = NULL;
        size_t count = strtoul(line + strlen("stage "), NULL, 10);
        assert_false(read.done);
        assert_in_range(count, 1, ANSWERS_MOST);
        line = next_line(line);
        for (size_t i = 0; i < count; i++, line = next_line(line))
            replies[i] = reply_of(line);
        assert_true(key_read_accept(&read, replies, count, &refusal));
        for (size_t i = 0; i < count; i++)
            redis_reply_free(replies[i]);
    }
    assert_true(read.done);
    key->state = key_state_of(&read);
    assert_false(key->state.torn);
    key_read_clear(&read);
    return line;
}

static void load(const char *folder, const char *engine, const struct read_rules *rules,
                 struct recording *out) {
    AUTO(string_free) char *path = path_join(folder, engine);
    AUTO(text_clear) struct text text = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_true(file_read(path, FIXTURE_CEILING_BYTES, &text, &err));
    out->engine = xstrdup(engine);
    for (const char *line = text_string(&text); *line;) {
        assert_true(begins(line, "key "));
        struct recorded_key *key = LIST_ADD(&out->keys);
        key->name = xstrndup(line + 4, strcspn(line + 4, "\n"));
        line = replay(next_line(line), rules, key);
        assert_true(begins(line, "dump "));
        unescape(line, &key->dump);
        line = next_line(line);
        if (!begins(line, "whole "))
            continue;
        unescape(line, &key->whole);
        line = next_line(line);
    }
}

static void load_all(const char *source, struct recordings *out) {
    const bool since_7 = strcmp(source, "from-redis-6.0") != 0;
    const struct read_rules rules = { .hash_key = hash_key,
                                      .expiry_is_absolute = since_7,
                                      .stream_counters = since_7 };
    AUTO(string_free)
    char *folder = path_join(TEST_SOURCE_FOLDER "/fixtures/engines", source);
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (const struct dirent *entry = readdir(open); entry; entry = readdir(open))
        if (entry->d_name[0] != '.')
            load(folder, entry->d_name, &rules, LIST_ADD(out));
    (void)closedir(open);
    assert_true(out->count >= 5);
}

/* Told in milliseconds from then on before 7.0, which a recording cannot tell again. */
static int64_t tolerance_of(const char *source) {
    return strcmp(source, "from-redis-6.0") == 0 ? INT64_MAX / 4 : 0;
}

static void each_value_is_the_same_to_every_engine(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(sources); s++) {
        AUTO(recordings_clear) struct recordings all = { 0 };
        load_all(sources[s], &all);
        for (size_t r = 1; r < all.count; r++) {
            assert_int_equal(all.items[r].keys.count, all.items[0].keys.count);
            for (size_t k = 0; k < all.items[0].keys.count; k++) {
                const struct recorded_key *one = &all.items[0].keys.items[k],
                                          *two = &all.items[r].keys.items[k];
                assert_string_equal(one->name, two->name);
                if (!key_state_same(&one->state, &two->state, tolerance_of(sources[s])))
                    fail_msg("%s: '%s' is not the same in %s and %s", sources[s], one->name,
                             all.items[0].engine, all.items[r].engine);
            }
        }
    }
}

static void no_two_values_are_taken_for_each_other(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(sources); s++) {
        AUTO(recordings_clear) struct recordings all = { 0 };
        load_all(sources[s], &all);
        for (size_t r = 0; r < all.count; r++)
            for (size_t k = 0; k < all.items[0].keys.count; k++)
                for (size_t other = 0; other < all.items[r].keys.count; other++)
                    if (k != other)
                        assert_false(key_state_same(&all.items[0].keys.items[k].state,
                                                    &all.items[r].keys.items[other].state,
                                                    tolerance_of(sources[s])));
    }
}

/* A payload is equal, or it is not known: then the elements are asked for, and are equal. */
static void compare_payloads(const struct recorded_key *one, const struct recorded_key *two,
                             size_t *equal_at_once) {
    struct redis_token tokens[2];
    size_t used = 0;
    char type = 0;
    assert_int_equal(redis_token_read(one->dump.bytes, one->dump.length, &tokens[0], &used),
                     TOKEN_WHOLE);
    assert_int_equal(redis_token_read(two->dump.bytes, two->dump.length, &tokens[1], &used),
                     TOKEN_WHOLE);
    enum value_outcome outcome = dump_compare(&hash_key, &tokens[0], &tokens[1], &type);
    assert_int_not_equal(outcome, VALUE_GONE);
    *equal_at_once += outcome == VALUE_EQUAL;
    if (outcome == VALUE_EQUAL || !type)
        return;
    const struct word here = { text_string(&one->whole), one->whole.length },
                      there = { text_string(&two->whole), two->whole.length };
    assert_int_equal(small_values_compare(&hash_key, type, &here, &there), VALUE_EQUAL);
}

static void payloads_that_differ_are_settled_by_the_elements(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(sources); s++) {
        AUTO(recordings_clear) struct recordings all = { 0 };
        load_all(sources[s], &all);
        for (size_t r = 1; r < all.count; r++) {
            size_t equal_at_once = 0;
            for (size_t k = 0; k < all.items[0].keys.count; k++)
                compare_payloads(&all.items[0].keys.items[k], &all.items[r].keys.items[k],
                                 &equal_at_once);
            print_message("%s: %zu of %zu payloads of %s and %s are equal as they are\n",
                          sources[s], equal_at_once, all.items[0].keys.count, all.items[0].engine,
                          all.items[r].engine);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_is_the_same_to_every_engine),
        cmocka_unit_test(no_two_values_are_taken_for_each_other),
        cmocka_unit_test(payloads_that_differ_are_settled_by_the_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
