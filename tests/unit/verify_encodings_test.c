#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/servers.h"

/* The same random values built on two servers in different orders, in one with what makes it encode
 * them in another way; then each of them changed in one place. */
#define VALUES_OF_A_TYPE 1500
#define TYPES 6
#define BATCH 250

/* KEYS: none; ARGV: first, last, and 1 where the other order and encoding is wanted. */
static const char build[] =
    "local other = ARGV[3] == '1'\n"
    "local function each(n, f) if other then for j = n, 1, -1 do f(j) end\n"
    "  else for j = 1, n do f(j) end end end\n"
    "local long = string.rep('x', 100)\n"
    "for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do\n"
    "  math.randomseed(i) local n, r = math.random(1, 40), {}\n"
    "  for j = 1, n do r[j] = math.random(1, 2000000000) end\n"
    "  local text = (i % 3 == 0) and tostring(r[1]) or string.rep('s', i % 70) .. r[1]\n"
    "  if other then for c in text:gmatch('.') do redis.call('append', 'string:' .. i, c) end\n"
    "  else redis.call('set', 'string:' .. i, text) end\n"
    "  if other then for j = n, 1, -1 do redis.call('lpush', 'list:' .. i, r[j]) end\n"
    "  else for j = 1, n do redis.call('rpush', 'list:' .. i, r[j]) end end\n"
    "  local s, z, h, x = 'set:' .. i, 'zset:' .. i, 'hash:' .. i, 'stream:' .. i\n"
    "  if other then redis.call('sadd', s, long) redis.call('zadd', z, 1, long) "
    "    redis.call('hset', h, long, long) end\n"
    "  local name = (i % 2 == 0) and '' or 'm'\n"
    "  each(n, function(j)\n"
    "    redis.call('sadd', s, name .. r[j])\n"
    "    redis.call('zadd', z, string.format('%.17g', r[j] / 7), 'm' .. j)\n"
    "    redis.call('hset', h, 'f' .. j, r[j]) end)\n"
    "  if other then redis.call('srem', s, long) redis.call('zrem', z, long) "
    "    redis.call('hdel', h, long) end\n"
    "  for j = 1, n do redis.call('xadd', x, j .. '-' .. i, 'f', r[j]) end\n"
    "  redis.call('xgroup', 'create', x, 'g', n .. '-' .. i)\n"
    "  redis.call('xclaim', x, 'g', 'c', 0, '1-' .. i, 'time', 1700000000000 + i, "
    "    'retrycount', i % 5, 'force', 'justid')\n"
    "end";

static const char change[] =
    "for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do\n"
    "  local s, z, h, x = 'set:' .. i, 'zset:' .. i, 'hash:' .. i, 'stream:' .. i\n"
    "  local z1 = redis.call('zscore', z, 'm1')\n"
    "  redis.call('append', 'string:' .. i, '0')\n"
    "  redis.call('lset', 'list:' .. i, -1, redis.call('lindex', 'list:' .. i, -1) .. 'x')\n"
    "  redis.call('sadd', s, 'other')\n"
    "  if i % 2 == 0 then redis.call('zadd', z, string.format('%.17g', z1 * (1 + 2.3e-16)), 'm1')\n"
    "  else redis.call('zrem', z, 'm1') end\n"
    "  if i % 2 == 0 then redis.call('hincrby', h, 'f1', 1) else redis.call('hdel', h, 'f1') end\n"
    "  if i % 4 == 0 then redis.call('xclaim', x, 'g', 'd', 0, '1-' .. i, 'time', 1700000000000 + "
    "i, "
    "      'retrycount', i % 5, 'justid')\n"
    "  elseif i % 4 == 1 then redis.call('xclaim', x, 'g', 'c', 0, '1-' .. i, 'time', 1, "
    "      'retrycount', i % 5, 'justid')\n"
    "  elseif i % 4 == 2 then redis.call('xgroup', 'setid', x, 'g', '0-1')\n"
    "  else redis.call('xdel', x, '1-' .. i) end\n"
    "end";

static void run_script(struct redis_connection *connection, const char *script, const char *other) {
    for (int first = 1; first <= VALUES_OF_A_TYPE; first += BATCH) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        AUTO(string_free) char *from = xasprintf("%d", first);
        AUTO(string_free) char *to = xasprintf("%d", first + BATCH - 1);
        if (!redis_call(connection, clock_mono_ms() + 60000, &reply, &err, "EVAL", script, "0",
                        from, to, other, NULL))
            fail_msg("%s", err.message);
    }
}

static void assert_equal(const struct servers *pair, enum config_verify_mode mode) {
    AUTO(verify_result_clear)
    struct verify_result result = servers_compare(pair, mode, 1000000, true);
    AUTO(string_free) char *line = verify_result_line(&result);
    if (result.verdict != VERDICT_EQUAL || result.keys_equal != TYPES * VALUES_OF_A_TYPE)
        fail_msg("%s", line);
}

static void assert_all_differ(const struct servers *pair, enum config_verify_mode mode) {
    AUTO(verify_result_clear)
    struct verify_result result = servers_compare(pair, mode, 1000000, true);
    AUTO(string_free) char *line = verify_result_line(&result);
    int64_t differ = result.kinds.value + result.kinds.missing; /* the last element was taken out */
    if (differ != TYPES * VALUES_OF_A_TYPE || result.keys_equal != 0)
        fail_msg("%s", line);
}

static void however_a_server_keeps_them_equal_values_are_equal_and_others_are_not(void **state) {
    (void)state;
    static const char *const overrides[] = { "--hash-max-listpack-entries",
                                             "16",
                                             "--zset-max-listpack-entries",
                                             "0",
                                             "--set-max-intset-entries",
                                             "8",
                                             "--list-max-listpack-size",
                                             "3",
                                             "--stream-node-max-entries",
                                             "2",
                                             NULL };
    AUTO(servers_clear) struct servers pair = servers_start(overrides);
    run_script(pair.to_source, build, "0");
    run_script(pair.to_target, build, "1");
    assert_equal(&pair, VERIFY_SAMPLE);
    assert_equal(&pair, VERIFY_FULL);
    run_script(pair.to_target, change, "");
    assert_all_differ(&pair, VERIFY_SAMPLE);
    assert_all_differ(&pair, VERIFY_FULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_a_server_keeps_them_equal_values_are_equal_and_others_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
