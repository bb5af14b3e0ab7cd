/* Shards are compared by a few threads, each with connections of its own. The caller waits, and
 * alone calls back for progress. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "executor/verify/pairs.h"
#include "executor/verify/settle.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define THREAD_CEILING_COUNT ((size_t)8) /* each holds a few MiB of what is on the wire */
#define STACK_BYTES ((size_t)512 << 10)
#define PROGRESS_MS 50

struct workers;
struct job {
    struct workers *workers;
    const struct verify_pair *pair;
    struct verify_result result;
    struct error err;
    bool failed;
    _Atomic int64_t done, total; /* keys; total 0 until it is known */
};
struct workers {
    const struct verify_options *options;
    const struct verify_keys *keys; /* NULL: the options' mode */
    struct job *jobs;
    size_t count;
    atomic_size_t next, left;
    atomic_size_t hot_count, mismatch_count; /* kept by name of all the shards together */
    atomic_bool stopped;
    pthread_mutex_t mutex; /* of the condition only */
    pthread_cond_t ended;
};

static void workers_clear(struct workers *workers) {
    for (size_t i = 0; i < workers->count; i++) {
        verify_result_clear(&workers->jobs[i].result);
        error_clear(&workers->jobs[i].err);
    }
    free(workers->jobs);
    (void)pthread_cond_destroy(&workers->ended);
    (void)pthread_mutex_destroy(&workers->mutex);
}
AUTO_VALUE(struct workers, workers_clear)

static bool progress(void *context, int64_t done, int64_t total) {
    struct job *job = context;
    if (total > 0) {
        atomic_store(&job->done, done);
        atomic_store(&job->total, total);
    }
    return !atomic_load(&job->workers->stopped);
}

/* The keys of one pair: those in its slots. */
static void keys_of(const struct verify_pair *pair, const struct verify_keys *keys,
                    struct verify_keys *out) {
    bool all = slots_count(&pair->slots) == 0;
    for (size_t i = 0; i < keys->count; i++) {
        const struct verify_key *key = &keys->items[i];
        if (all || slots_have(&pair->slots, slot_of_key(key->bytes, key->length)))
            verify_keys_add(out, key->database, key->bytes, key->length);
    }
}

static char *checkpoint_of(const struct job *job) {
    const char *path = job->workers->options->checkpoint_path;
    return path && *job->pair->name ? xasprintf("%s-%s", path, job->pair->name) : xstrdup(path);
}

static bool is_called_off(void *context) {
    const struct workers *workers = context;
    return atomic_load(&workers->stopped);
}

/* A wait for a server that does not answer ends when the workers are stopped, and says so. */
static void tell_of_stop(struct job *job) {
    if (!job->failed || !atomic_load(&job->workers->stopped))
        return;
    error_clear(&job->err);
    error_set(&job->err, ERROR_INTERRUPTED, "the comparison was stopped");
}

static void job_run(struct job *job) {
    const struct workers *workers = job->workers;
    struct verify_options options = *workers->options;
    AUTO(verify_keys_clear) struct verify_keys own = { 0 };
    options.source = job->pair->source;
    options.target = job->pair->target;
    options.progress = progress;
    options.context = job;
    AUTO(string_free) char *checkpoint = checkpoint_of(job);
    options.checkpoint_path = checkpoint;
    if (workers->keys)
        keys_of(job->pair, workers->keys, &own);
    clock_watch(is_called_off, job->workers);
    job->failed = workers->keys ? !verify_keys(&options, &own, &job->result, &job->err)
                                : !verify_run(&options, &job->result, &job->err);
    if (!job->failed && job->pair->primary)
        job->failed = !verify_settle(&options, job->pair->primary, &job->result, &job->err);
    clock_watch(NULL, NULL);
    tell_of_stop(job);
}

/* What all the shards together keep of names has the ceiling that one has. */
static size_t room(atomic_size_t *kept, size_t wanted, size_t ceiling) {
    size_t before = atomic_fetch_add(kept, wanted), left = before < ceiling ? ceiling - before : 0;
    return wanted < left ? wanted : left;
}

static void keep_names(struct workers *workers, struct verify_result *result) {
    verify_result_keep(
        result, room(&workers->hot_count, result->hot.count, VERIFY_HOT_CEILING_COUNT),
        room(&workers->mismatch_count, result->mismatches.count, VERIFY_MISMATCH_CEILING_COUNT));
}

static void *work(void *context) {
    struct workers *workers = context;
    for (;;) {
        size_t mine = atomic_fetch_add(&workers->next, 1);
        if (mine >= workers->count)
            return NULL;
        job_run(&workers->jobs[mine]);
        keep_names(workers, &workers->jobs[mine].result);
        if (workers->jobs[mine].failed)
            atomic_store(&workers->stopped, true);
        (void)pthread_mutex_lock(&workers->mutex);
        if (atomic_fetch_sub(&workers->left, 1) == 1)
            (void)pthread_cond_signal(&workers->ended);
        (void)pthread_mutex_unlock(&workers->mutex);
    }
}

/* Those that have not counted their keys yet are taken to be like the others. */
static void report(struct workers *workers) {
    int64_t done = 0, total = 0, known = 0;
    for (size_t i = 0; i < workers->count; i++) {
        int64_t of_job = atomic_load(&workers->jobs[i].total);
        done += atomic_load(&workers->jobs[i].done);
        total += of_job;
        known += of_job > 0;
    }
    if (known > 0)
        total = total / known * (int64_t)workers->count;
    const struct verify_options *options = workers->options;
    if (options->progress && !options->progress(options->context, done, total))
        atomic_store(&workers->stopped, true);
}

static void wait_for_all(struct workers *workers) {
    (void)pthread_mutex_lock(&workers->mutex);
    while (atomic_load(&workers->left) > 0) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PROGRESS_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        (void)pthread_cond_timedwait(&workers->ended, &workers->mutex, &until);
        (void)pthread_mutex_unlock(&workers->mutex);
        report(workers);
        (void)pthread_mutex_lock(&workers->mutex);
    }
    (void)pthread_mutex_unlock(&workers->mutex);
}

/* Signals are for the thread that called. */
static size_t start(struct workers *workers, pthread_t *threads) {
    size_t wanted = workers->count < THREAD_CEILING_COUNT ? workers->count : THREAD_CEILING_COUNT;
    size_t started = 0;
    pthread_attr_t attributes;
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (started < wanted && pthread_create(&threads[started], &attributes, work, workers) == 0)
        started++;
    (void)pthread_attr_destroy(&attributes);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* The fault of one shard stops the others, whose own end then says nothing. */
static bool first_failure(struct workers *workers, struct error *err) {
    struct job *first = NULL;
    for (size_t i = 0; i < workers->count; i++) {
        struct job *job = &workers->jobs[i];
        bool before = !first || first->err.code == ERROR_INTERRUPTED;
        if (job->failed && before)
            first = job;
    }
    if (!first)
        return true;
    error_move(err, &first->err);
    return *first->pair->name && error_wrap(err, "slots %s", first->pair->name);
}

static void run_jobs(struct workers *workers) {
    pthread_t threads[THREAD_CEILING_COUNT];
    size_t started = start(workers, threads);
    if (started == 0)
        (void)work(workers);
    wait_for_all(workers);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
}

static bool run_all(const struct verify_options *options, const struct verify_pairs *pairs,
                    const struct verify_keys *keys, struct verify_result *result,
                    struct error *err) {
    AUTO(verify_result_clear) struct verify_result total = { 0 };
    AUTO(workers_clear)
    struct workers workers = { .options = options,
                               .keys = keys,
                               .jobs = xcalloc(pairs->count + 1, sizeof *workers.jobs),
                               .count = pairs->count,
                               .left = pairs->count,
                               .mutex = PTHREAD_MUTEX_INITIALIZER,
                               .ended = PTHREAD_COND_INITIALIZER };
    int64_t start_mono_ms = clock_mono_ms();
    if (pairs->count == 0)
        return error_set(err, ERROR_NOT_FOUND, "there is no shard to compare");
    for (size_t i = 0; i < workers.count; i++) {
        workers.jobs[i].workers = &workers;
        workers.jobs[i].pair = &pairs->items[i];
    }
    run_jobs(&workers);
    if (!first_failure(&workers, err))
        return false;
    for (size_t i = 0; i < workers.count; i++) {
        AUTO(string_free) char *checkpoint = checkpoint_of(&workers.jobs[i]);
        if (checkpoint && !keys && options->mode == VERIFY_FULL)
            (void)unlink(checkpoint);
        verify_pairs_add(&total, workers.jobs[i].pair, &workers.jobs[i].result);
    }
    total.took_ms = clock_mono_ms() - start_mono_ms;
    verify_result_clear(result);
    *result = MOVE(total);
    return true;
}

bool verify_run_pairs(const struct verify_options *options, const struct verify_pairs *pairs,
                      struct verify_result *result, struct error *err) {
    return run_all(options, pairs, NULL, result, err);
}

bool verify_keys_pairs(const struct verify_options *options, const struct verify_pairs *pairs,
                       const struct verify_keys *keys, struct verify_result *result,
                       struct error *err) {
    return run_all(options, pairs, keys, result, err);
}
