#include "providers/local/fault/mishap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "providers/local/state/endpoint.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define MISHAP_FILE "faults.json"
#define LOCK_FILE "faults.lock"
#define CEILING_BYTES ((size_t)1 << 20)

const struct mishap_row mishap_rows[MISHAP_COUNT] = {
#define MISHAP(symbol, name, scope, uses, summary)                                                 \
    [MISHAP_##symbol] = { name, summary, MISHAP_SCOPE_##scope, uses },
#include "providers/local/fault/mishaps.def"
#undef MISHAP
};

static const char *const kind_names[] = {
#define MISHAP(symbol, name, scope, uses, summary) name,
#include "providers/local/fault/mishaps.def"
#undef MISHAP
    NULL,
};

static const struct shape_field mishap_fields[] = {
    FIELD(struct mishap, kind, SHAPE_CHOICE, .choices = kind_names, .flags = SHAPE_REQUIRED),
    FIELD(struct mishap, action, SHAPE_STRING),
    FIELD(struct mishap, count, SHAPE_INT),
    FIELD(struct mishap, share_percent, SHAPE_INT),
    FIELD(struct mishap, charge_percent, SHAPE_INT),
    FIELD(struct mishap, for_ms, SHAPE_INT),
    FIELD(struct mishap, status, SHAPE_STRING),
    FIELD(struct mishap, node, SHAPE_STRING),
    FIELD(struct mishap, until_ms, SHAPE_INT),
};
static const struct shape mishap_shape = SHAPE("fault", struct mishap, mishap_fields);

struct mishap_page {
    struct mishaps faults;
};
static const struct shape_field page_fields[] = {
    FIELD(struct mishap_page, faults, SHAPE_LIST, .shape = &mishap_shape),
};
static const struct shape page_shape = SHAPE("faults", struct mishap_page, page_fields);

bool mishaps_load(const char *dir, struct mishaps *out, struct error *err) {
    AUTO(string_free) char *path = endpoint_file(dir, MISHAP_FILE);
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(json_free) struct json *json = NULL;
    struct mishap_page page = { 0 };
    if (path_exists(path) && (!file_read(path, CEILING_BYTES, &bytes, err) ||
                              !json_parse(text_string(&bytes), bytes.length, path, &json, err) ||
                              !shape_read(&page_shape, json, &page, err)))
        return false;
    *out = page.faults;
    return true;
}

struct json *mishaps_describe(const struct mishaps *mishaps) {
    const struct mishap_page page = { *mishaps };
    return shape_write(&page_shape, &page);
}

static bool save(const char *dir, const struct mishaps *mishaps, struct error *err) {
    AUTO(string_free) char *path = endpoint_file(dir, MISHAP_FILE);
    AUTO(json_free) struct json *json = mishaps_describe(mishaps);
    AUTO(string_free) char *bytes = json_write(json, JSON_PRETTY);
    if (!mishaps->count)
        return unlink(path) == 0 || !path_exists(path) ||
               error_set_errno(err, "cannot remove '%s'", path);
    return file_write(path, bytes, strlen(bytes), 0600, err);
}

void mishaps_clear(struct mishaps *mishaps) {
    struct mishap_page page = { 0 };
    if (!mishaps)
        return;
    page.faults = *mishaps;
    shape_clear(&page_shape, &page);
    *mishaps = (struct mishaps){ 0 };
}

void mishap_clear(struct mishap *mishap) {
    if (mishap)
        shape_clear(&mishap_shape, mishap);
}

static void lock_close(int *fd) {
    if (*fd >= 0)
        close(*fd);
}

static bool lock(const char *dir, int *fd, struct error *err) {
    AUTO(string_free) char *path = endpoint_file(dir, LOCK_FILE);
    *fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return (*fd >= 0 && flock(*fd, LOCK_EX) == 0) || error_set_errno(err, "cannot lock '%s'", path);
}

static void copy(const struct mishap *from, struct mishap *to) {
    *to = *from;
    to->action = from->action ? xstrdup(from->action) : NULL;
    to->status = from->status ? xstrdup(from->status) : NULL;
    to->node = from->node ? xstrdup(from->node) : NULL;
}

static void remove_at(struct mishaps *mishaps, size_t at) {
    mishap_clear(&mishaps->items[at]);
    memmove(&mishaps->items[at], &mishaps->items[at + 1],
            (mishaps->count - at - 1) * sizeof *mishaps->items);
    mishaps->count--;
}

bool mishap_add(const char *dir, const struct mishap *mishap, struct error *err) {
    AUTO(mishaps_clear) struct mishaps mishaps = { 0 };
    int fd = -1;
    bool done = lock(dir, &fd, err) && mishaps_load(dir, &mishaps, err);
    if (done) {
        copy(mishap, LIST_ADD(&mishaps));
        done = save(dir, &mishaps, err);
    }
    lock_close(&fd);
    return done;
}

bool mishap_forget(const char *dir, struct error *err) {
    AUTO(mishaps_clear) struct mishaps mishaps = { 0 };
    int fd = -1;
    bool done = lock(dir, &fd, err) && mishaps_load(dir, &mishaps, err);
    for (size_t i = mishaps.count; i-- > 0;) {
        if (mishaps.items[i].until_ms)
            mishaps.items[i].until_ms = 1;
        else
            remove_at(&mishaps, i);
    }
    done = done && save(dir, &mishaps, err);
    lock_close(&fd);
    return done;
}

/* Whether it is this one's turn; counts. */
static bool is_due(struct mishap *mishap) {
    if (!mishap->share_percent)
        return true;
    mishap->charge_percent += mishap->share_percent;
    if (mishap->charge_percent < 100)
        return false;
    mishap->charge_percent -= 100;
    return true;
}

struct occasion {
    enum mishap_scope scope;
    const char *action;    /* of a call */
    enum mishap_kind kind; /* of a phase */
};

static bool applies(const struct mishap *mishap, const struct occasion *occasion) {
    if (mishap_rows[mishap->kind].scope != occasion->scope)
        return false;
    if (occasion->scope == MISHAP_SCOPE_PHASE)
        return mishap->kind == (int)occasion->kind;
    return !mishap->action || strcmp(mishap->action, occasion->action) == 0;
}

static bool take(const char *dir, const struct occasion *occasion, struct mishap *out) {
    AUTO(string_free) char *path = endpoint_file(dir, MISHAP_FILE);
    AUTO(mishaps_clear) struct mishaps mishaps = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    int fd = -1;
    bool found = false, changed = false;
    if (!path_exists(path))
        return false;
    if (lock(dir, &fd, &err) && mishaps_load(dir, &mishaps, &err)) {
        for (size_t i = 0; !found && i < mishaps.count; i++) {
            struct mishap *mishap = &mishaps.items[i];
            if (!applies(mishap, occasion))
                continue;
            changed = true;
            found = is_due(mishap);
            if (found)
                copy(mishap, out);
            if (found && mishap->count && --mishap->count == 0)
                remove_at(&mishaps, i);
        }
        if (changed && !save(dir, &mishaps, &err))
            endpoint_log("faults: %s", err.message);
    }
    lock_close(&fd);
    return found;
}

bool mishap_denies(const char *dir, const char *action) {
    const struct occasion occasion = { .scope = MISHAP_SCOPE_CALL, .action = action };
    AUTO(mishaps_clear) struct mishaps mishaps = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (!mishaps_load(dir, &mishaps, &err))
        return false;
    for (size_t i = 0; i < mishaps.count; i++)
        if (mishaps.items[i].kind == MISHAP_DENY && applies(&mishaps.items[i], &occasion))
            return true;
    return false;
}

bool mishap_on_call(const char *dir, const char *action, struct mishap *out) {
    const struct occasion occasion = { .scope = MISHAP_SCOPE_CALL, .action = action };
    return take(dir, &occasion, out);
}

bool mishap_on_phase(const char *dir, enum mishap_kind kind, int64_t *for_ms) {
    const struct occasion occasion = { .scope = MISHAP_SCOPE_PHASE, .kind = kind };
    AUTO(mishap_clear) struct mishap mishap = { 0 };
    if (!take(dir, &occasion, &mishap))
        return false;
    if (for_ms)
        *for_ms = mishap.for_ms;
    endpoint_log("fault %s", mishap_rows[kind].name);
    return true;
}

/* Begins, goes on with and ends one; false: it is over. */
static bool advance(struct endpoint *endpoint, struct mishap *mishap, bool *changed) {
    int64_t until_ms = mishap->until_ms;
    bool goes_on = mishap_happen(endpoint, mishap);
    *changed = *changed || !goes_on || until_ms != mishap->until_ms;
    return goes_on;
}

void mishaps_advance(struct endpoint *endpoint) {
    AUTO(string_free) char *path = endpoint_file(endpoint->dir, MISHAP_FILE);
    AUTO(mishaps_clear) struct mishaps mishaps = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    int fd = -1;
    bool changed = false;
    if (!path_exists(path))
        return;
    if (lock(endpoint->dir, &fd, &err) && mishaps_load(endpoint->dir, &mishaps, &err)) {
        for (size_t i = 0; i < mishaps.count;) {
            bool at_once = mishap_rows[mishaps.items[i].kind].scope == MISHAP_SCOPE_AT_ONCE;
            if (!at_once || advance(endpoint, &mishaps.items[i], &changed))
                i++;
            else
                remove_at(&mishaps, i);
        }
        if (changed && !save(endpoint->dir, &mishaps, &err))
            endpoint_log("faults: %s", err.message);
    }
    lock_close(&fd);
}
