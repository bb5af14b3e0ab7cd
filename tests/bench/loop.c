/* loop SOURCE_HOST PORT TARGET_HOST PORT: what a comparison without thought costs. SCAN on the
 * source, then DUMP and PEXPIRETIME of each key on both sides, 500 keys a batch, the next one on
 * the wire while this one is compared. Prints "<keys> <ms> <own CPU ns a key and side> <KiB>
 * <unequal>". For the bench of verify; not built with the program. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define TRAILER_BYTES 10
#define BATCH 500

static long long now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static redisReply *take(redisContext *context) {
    void *reply = NULL;
    if (redisGetReply(context, &reply) != REDIS_OK) {
        fprintf(stderr, "loop: %s\n", context->errstr);
        exit(1);
    }
    return reply;
}

static void send_all(redisContext *side) {
    int done = 0;
    while (!done)
        if (redisBufferWrite(side, &done) != REDIS_OK)
            exit(1);
}

static void ask(redisContext *side, const redisReply *list) {
    for (size_t i = 0; i < list->elements; i++) {
        const redisReply *name = list->element[i];
        const char *dump[] = { "DUMP", name->str }, *expiry[] = { "PEXPIRETIME", name->str };
        const size_t dump_lengths[] = { 4, name->len }, expiry_lengths[] = { 11, name->len };
        redisAppendCommandArgv(side, 2, dump, dump_lengths);
        redisAppendCommandArgv(side, 2, expiry, expiry_lengths);
    }
    send_all(side);
}

static long long compare(redisContext *one, redisContext *two, size_t count) {
    long long unequal = 0;
    for (size_t i = 0; i < count; i++) {
        redisReply *left = take(one), *left_at = take(one), *right = take(two),
                   *right_at = take(two);
        unequal += left->len != right->len || left->len < TRAILER_BYTES ||
                   memcmp(left->str, right->str, left->len - TRAILER_BYTES) != 0 ||
                   left_at->integer != right_at->integer;
        freeReplyObject(left);
        freeReplyObject(left_at);
        freeReplyObject(right);
        freeReplyObject(right_at);
    }
    return unequal;
}

int main(int count, char **words) {
    if (count != 5)
        return 64;
    redisContext *one = redisConnect(words[1], (int)strtol(words[2], NULL, 10));
    redisContext *two = redisConnect(words[3], (int)strtol(words[4], NULL, 10));
    if (!one || one->err || !two || two->err)
        return 1;
    long long keys = 0, unequal = 0, started_us = now_us();
    redisReply *flying = NULL, *names = redisCommand(one, "SCAN 0 COUNT %d", BATCH);
    while (names || flying) {
        int more = names && strcmp(names->element[0]->str, "0") != 0;
        if (more)
            redisAppendCommand(one, "SCAN %s COUNT %d", names->element[0]->str, BATCH);
        if (names) {
            ask(one, names->element[1]);
            ask(two, names->element[1]);
        }
        if (flying) {
            keys += (long long)flying->element[1]->elements;
            unequal += compare(one, two, flying->element[1]->elements);
            freeReplyObject(flying);
        }
        flying = names;
        names = more ? take(one) : NULL;
    }
    long long took_us = now_us() - started_us;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    long long cpu_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL +
                       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    printf("%lld %lld %lld %ld %lld\n", keys, took_us / 1000, keys ? cpu_us * 500 / keys : 0,
           usage.ru_maxrss, unequal);
    redisFree(one);
    redisFree(two);
    return 0;
}
