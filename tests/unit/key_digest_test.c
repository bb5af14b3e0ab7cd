#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "executor/verify/compare.h"
#include "executor/verify/key_digest.h"
#include "schemas/base/language.h"

static const struct hash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

/* The first vectors of the reference implementation (key 00..0f, input 00 01 02 …). */
static void siphash_gives_the_published_vectors(void **state) {
    (void)state;
    static const uint8_t input[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 };
    static const struct {
        size_t length;
        uint8_t hash[16];
    } vectors[] = {
        { 0,
          { 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55,
            0x02, 0x93 } },
        { 1,
          { 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22,
            0xfc, 0x45 } },
    };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct hash hash = siphash(&key, input, vectors[i].length);
        assert_memory_equal(&hash, vectors[i].hash, 16);
    }
}

/* A small generator, so that a failure can be repeated. */
static uint64_t next(uint64_t *seed) {
    *seed = *seed * 6364136223846793005 + 1442695040888963407;
    return *seed >> 33;
}

#define ELEMENTS 8
#define ROUNDS 100000                    /* for each type */
static const char types[] = "slmfzxgpe"; /* the letters that key_read gives */

struct value {
    char letter[ELEMENTS];
    uint64_t parts[ELEMENTS][2];
    size_t count;
};

static struct key_digest digest_of(const struct value *value) {
    struct key_digest digest = { 0 };
    for (size_t i = 0; i < value->count; i++) {
        struct element element = element_begin(&key, value->letter[i]);
        element_bytes(&element, &value->parts[i][0], 1 + value->parts[i][0] % 8);
        element_bytes(&element, &value->parts[i][1], 1 + value->parts[i][1] % 8);
        key_digest_add(&digest, &element);
    }
    return digest;
}

static struct value any_value(uint64_t *seed, int round) {
    struct value value = { .count = 1 + next(seed) % (ELEMENTS - 1) };
    for (size_t i = 0; i < value.count; i++) {
        value.letter[i] = types[(size_t)round % (sizeof types - 1)];
        value.parts[i][0] = next(seed);
        value.parts[i][1] = next(seed);
    }
    return value;
}

static void swap(struct value *value, size_t one, size_t two) {
    struct value copy = *value;
    value->letter[one] = copy.letter[two];
    value->letter[two] = copy.letter[one];
    memcpy(value->parts[one], copy.parts[two], sizeof copy.parts[two]);
    memcpy(value->parts[two], copy.parts[one], sizeof copy.parts[one]);
}

static bool same(const struct value *one, const struct value *two) {
    struct key_digest left = digest_of(one), right = digest_of(two);
    return key_digest_equal(&left, &right);
}

static void the_order_of_elements_does_not_matter(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < ROUNDS * (int)(sizeof types - 1); round++) {
        struct value value = any_value(&seed, round), shuffled = value;
        for (size_t i = 0; i < value.count; i++)
            swap(&shuffled, i, next(&seed) % value.count);
        assert_true(same(&value, &shuffled));
    }
}

/* Of those bytes that count. */
static bool same_bytes(uint64_t one, uint64_t two) {
    return one % 8 == two % 8 && memcmp(&one, &two, 1 + one % 8) == 0;
}

static void any_single_change_makes_another_digest(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int round = 0; round < ROUNDS * (int)(sizeof types - 1); round++) {
        struct value value = any_value(&seed, round), changed = value;
        size_t at = next(&seed) % value.count;
        switch (next(&seed) % 5) {
        case 0:
            changed.letter[at] ^= 4;
            break;
        case 1: /* a bit of the bytes that count: the lowest is always among them */
            changed.parts[at][next(&seed) % 2] ^= 1;
            break;
        case 2: /* an element less */
            swap(&changed, at, value.count - 1);
            changed.count--;
            break;
        case 3: /* an element twice, in the place of another: a plain XOR would miss pairs */
            swap(&changed, at, value.count - 1);
            changed.letter[changed.count] = changed.letter[changed.count - 1];
            memcpy(changed.parts[changed.count], changed.parts[changed.count - 1],
                   sizeof changed.parts[0]);
            changed.count++;
            break;
        default: /* field and value changed places */
            changed.parts[at][0] = value.parts[at][1];
            changed.parts[at][1] = value.parts[at][0];
            if (same_bytes(value.parts[at][0], value.parts[at][1]))
                continue;
        }
        assert_false(same(&value, &changed));
    }
}

static void parts_do_not_run_together(void **state) {
    (void)state;
    struct element one = element_begin(&key, 'f'), two = element_begin(&key, 'f');
    element_bytes(&one, "ab", 2);
    element_bytes(&one, "c", 1);
    element_bytes(&two, "a", 1);
    element_bytes(&two, "bc", 2);
    assert_true(one.hash.low != two.hash.low);
}

static struct key_state string_state(uint64_t content) {
    struct key_state made = { .kind = KEY_STRING, .expire_at_ms = -1 };
    struct element element = element_begin(&key, 's');
    element_number(&element, (int64_t)content);
    key_digest_add(&made.digest, &element);
    return made;
}

#define NOW 1000000

static enum judgement judge(struct suspect *suspect, struct key_state source,
                            struct key_state target) {
    enum judgement judgement = suspect_judge(suspect, &source, &target, 5, 0, NOW);
    suspect->looks++;
    return judgement;
}

static void a_steady_difference_is_a_mismatch_at_the_fifth_look(void **state) {
    (void)state;
    struct key_state one = string_state(1), two = string_state(2);
    struct suspect suspect = { 0 };
    for (int i = 0; i < 4; i++)
        assert_int_equal(judge(&suspect, one, two), JUDGED_OPEN);
    assert_int_equal(judge(&suspect, one, two), JUDGED_MISMATCH);
}

static void what_changes_meanwhile_is_not_held_against_a_key(void **state) {
    (void)state;
    struct key_state one = string_state(1), two = string_state(2), three = string_state(3);
    struct suspect suspect = { 0 };
    for (int i = 0; i < 4; i++)
        assert_int_equal(judge(&suspect, one, two), JUDGED_OPEN);
    assert_int_equal(judge(&suspect, three, two), JUDGED_OPEN);
    assert_int_equal(suspect.alike, 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(judge(&suspect, three, two), JUDGED_OPEN);
    assert_int_equal(judge(&suspect, three, one), JUDGED_OPEN);
    assert_int_equal(suspect.alike, 1);
    struct key_state torn = two;
    torn.torn = true;
    for (int i = 0; i < 9; i++)
        assert_int_equal(judge(&suspect, three, torn), JUDGED_OPEN);
    for (int i = 0; i < 9; i++)
        assert_int_equal(judge(&suspect, torn, two), JUDGED_OPEN);
    assert_int_equal(suspect.alike, 0);
}

static void what_one_side_has_and_the_other_had_is_equal(void **state) {
    (void)state;
    struct key_state one = string_state(1), two = string_state(2), three = string_state(3);
    struct suspect behind = { 0 }, ahead = { 0 };
    assert_int_equal(judge(&behind, one, two), JUDGED_OPEN);
    assert_int_equal(judge(&behind, three, one), JUDGED_EQUAL);
    assert_int_equal(judge(&ahead, one, two), JUDGED_OPEN);
    assert_int_equal(judge(&ahead, two, three), JUDGED_EQUAL);
    /* nothing was seen before the first look, and no key is there */
    struct suspect fresh = { 0 };
    struct key_state gone = { .kind = KEY_NONE, .expire_at_ms = -1 };
    assert_int_equal(judge(&fresh, one, gone), JUDGED_OPEN);
}

static void a_key_at_its_end_is_expiring_and_one_long_past_it_is_not(void **state) {
    (void)state;
    struct key_state there = string_state(1), gone = { .kind = KEY_NONE, .expire_at_ms = -1 };
    struct suspect suspect = { 0 };
    there.expire_at_ms = NOW + 1500;
    for (int i = 0; i < 8; i++)
        assert_int_equal(judge(&suspect, there, gone), JUDGED_OPEN);
    assert_true(suspect.expiring);
    there.expire_at_ms = NOW + 100000;
    assert_int_equal(judge(&suspect, there, gone), JUDGED_OPEN);
    assert_false(suspect.expiring);
    assert_int_equal(suspect.alike, 1);
    assert_int_equal(judge(&suspect, gone, gone), JUDGED_EQUAL);
}

static void a_module_key_is_unverifiable_and_never_equal(void **state) {
    (void)state;
    struct key_state module = { .kind = KEY_OTHER, .expire_at_ms = -1 };
    struct key_state gone = { .kind = KEY_NONE, .expire_at_ms = -1 };
    struct suspect suspect = { 0 };
    assert_int_equal(judge(&suspect, module, module), JUDGED_UNVERIFIABLE);
    suspect = (struct suspect){ 0 };
    for (int i = 0; i < 4; i++)
        assert_int_equal(judge(&suspect, module, gone), JUDGED_OPEN);
    assert_int_equal(judge(&suspect, module, gone), JUDGED_MISMATCH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_gives_the_published_vectors),
        cmocka_unit_test(the_order_of_elements_does_not_matter),
        cmocka_unit_test(any_single_change_makes_another_digest),
        cmocka_unit_test(parts_do_not_run_together),
        cmocka_unit_test(a_steady_difference_is_a_mismatch_at_the_fifth_look),
        cmocka_unit_test(what_changes_meanwhile_is_not_held_against_a_key),
        cmocka_unit_test(what_one_side_has_and_the_other_had_is_equal),
        cmocka_unit_test(a_key_at_its_end_is_expiring_and_one_long_past_it_is_not),
        cmocka_unit_test(a_module_key_is_unverifiable_and_never_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
