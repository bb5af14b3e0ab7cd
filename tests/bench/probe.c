/* probe HOST PORT PID: how long a client waits for the server of that process, asked twice a
 * millisecond until TERM. Prints "<answers> <longest ms> <over 10 ms> <longest of itself ms> <of
 * these over 10 ms>": of itself is without the time for which the server, or the probe, was ready
 * to run and another process had the processor. For the scenarios of verify; not built with the
 * program. */
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_US 500
#define LONG_US 10000

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

/* "<ns it ran> <ns it waited to run> <times>" */
static long long waited_us(int schedstat) {
    char text[96];
    unsigned long long ran, waited = 0;
    ssize_t length = pread(schedstat, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    (void)sscanf(text, "%llu %llu", &ran, &waited);
    return (long long)(waited / 1000);
}

int main(int count, char **words) {
    if (count != 4)
        return 64;
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/schedstat", strtol(words[3], NULL, 10));
    int theirs = open(path, O_RDONLY), own = open("/proc/self/schedstat", O_RDONLY);
    redisContext *server = redisConnect(words[1], (int)strtol(words[2], NULL, 10));
    struct sigaction action = { .sa_handler = end };
    sigaction(SIGTERM, &action, NULL);
    if (!server || server->err || theirs < 0 || own < 0)
        return 1;
    long long longest_us = 0, longest_itself_us = 0;
    long answers = 0, over = 0, over_itself = 0;
    while (!ended) {
        const struct timespec pause = { 0, PAUSE_US * 1000 };
        nanosleep(&pause, NULL);
        long long waited = waited_us(theirs) + waited_us(own), from_us = now_us();
        redisReply *reply = redisCommand(server, "PING");
        long long took_us = now_us() - from_us;
        if (!reply)
            break;
        freeReplyObject(reply);
        long long itself_us = took_us - (waited_us(theirs) + waited_us(own) - waited);
        answers++;
        over += took_us > LONG_US;
        over_itself += itself_us > LONG_US;
        longest_us = took_us > longest_us ? took_us : longest_us;
        longest_itself_us = itself_us > longest_itself_us ? itself_us : longest_itself_us;
    }
    printf("%ld %.1f %ld %.1f %ld\n", answers, (double)longest_us / 1000, over,
           (double)longest_itself_us / 1000, over_itself);
    redisFree(server);
    return 0;
}
