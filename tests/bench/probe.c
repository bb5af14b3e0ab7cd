/* probe HOST PORT: how long a client waits for a server, asked twice a millisecond until TERM. Prints
 * "<longest ms> <over 10 ms> <over 5 ms> <answers> <longest the probe itself came late, ms>". For the
 * scenarios of verify; not built with the program. */
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PAUSE_US 500

static volatile sig_atomic_t ended;

static void end(int number) {
    (void)number;
    ended = 1;
}

static long long now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int main(int count, char **words) {
    if (count != 3)
        return 64;
    redisContext *server = redisConnect(words[1], (int)strtol(words[2], NULL, 10));
    long long longest_us = 0, late_us = 0;
    long over_10 = 0, over_5 = 0, answers = 0;
    struct sigaction action = { .sa_handler = end };
    sigaction(SIGTERM, &action, NULL);
    if (!server || server->err)
        return 1;
    while (!ended) {
        const struct timespec pause = { 0, PAUSE_US * 1000 };
        long long from_us = now_us();
        nanosleep(&pause, NULL);
        long long asked_us = now_us();
        redisReply *reply = redisCommand(server, "PING");
        long long took_us = now_us() - asked_us;
        if (!reply)
            break;
        freeReplyObject(reply);
        answers++;
        over_10 += took_us > 10000;
        over_5 += took_us > 5000;
        longest_us = took_us > longest_us ? took_us : longest_us;
        if (asked_us - from_us - PAUSE_US > late_us)
            late_us = asked_us - from_us - PAUSE_US;
    }
    printf("%.1f %ld %ld %ld %.1f\n", (double)longest_us / 1000, over_10, over_5, answers,
           (double)late_us / 1000);
    redisFree(server);
    return 0;
}
