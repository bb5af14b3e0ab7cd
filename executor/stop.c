#include "executor/stop.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

struct stop {
    int descriptor;
    int64_t deadline_mono_ms;
    bool wanted, insisted;
    int64_t first_int_mono_ms;
    const char *reason;
};

bool stop_open(int64_t deadline_mono_ms, struct stop **out, struct error *err) {
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
        return error_set_errno(err, "cannot block signals");
    int descriptor = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0)
        return error_set_errno(err, "cannot read signals");
    struct stop *stop = xcalloc(1, sizeof *stop);
    stop->descriptor = descriptor;
    stop->deadline_mono_ms = deadline_mono_ms;
    *out = stop;
    return true;
}

void stop_close(struct stop *stop) {
    if (!stop)
        return;
    (void)close(stop->descriptor);
    free(stop);
}

static void note_signal(struct stop *stop, uint32_t number) {
    int64_t now_mono_ms = clock_mono_ms();
    if (!stop->wanted)
        stop->reason = number == SIGINT    ? "interrupted by SIGINT"
                       : number == SIGTERM ? "interrupted by SIGTERM"
                                           : "interrupted by SIGHUP";
    stop->wanted = true;
    if (number != SIGINT)
        return;
    if (stop->first_int_mono_ms && now_mono_ms - stop->first_int_mono_ms >= 1000)
        stop->insisted = true;
    if (!stop->first_int_mono_ms)
        stop->first_int_mono_ms = now_mono_ms;
}

static void look(struct stop *stop) {
    struct signalfd_siginfo info;
    while (read(stop->descriptor, &info, sizeof info) == (ssize_t)sizeof info)
        note_signal(stop, info.ssi_signo);
    if (!stop->wanted && stop->deadline_mono_ms && clock_mono_ms() >= stop->deadline_mono_ms) {
        stop->wanted = true;
        stop->reason = "the deadline has passed";
    }
}

bool stop_wanted(struct stop *stop) {
    if (!stop)
        return false;
    look(stop);
    return stop->wanted;
}

bool stop_insisted(struct stop *stop) {
    if (!stop)
        return false;
    look(stop);
    return stop->insisted;
}

const char *stop_reason(struct stop *stop) {
    return stop && stop->reason ? stop->reason : "interrupted";
}

void stop_sleep(struct stop *stop, int64_t milliseconds) {
    int64_t until_mono_ms = clock_mono_ms() + milliseconds;
    if (!stop) {
        clock_sleep_ms(milliseconds);
        return;
    }
    bool was_wanted = stop->wanted;
    while (clock_mono_ms() < until_mono_ms) {
        struct pollfd wait = { .fd = stop->descriptor, .events = POLLIN };
        (void)poll(&wait, 1, clock_left_ms(until_mono_ms));
        if (stop_wanted(stop) && !was_wanted)
            return;
    }
}
