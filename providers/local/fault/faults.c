#include "providers/local/fault/faults.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "providers/local/state/endpoint.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define FAULT_FILE "faults.json"
#define LOCK_FILE "faults.lock"
#define CEILING_BYTES ((size_t)1 << 20)

const struct fault_row fault_rows[FAULT_COUNT] = {
#define FAULT(symbol, name, scope, uses, summary)                                                  \
    [FAULT_##symbol] = { name, summary, FAULT_SCOPE_##scope, uses },
#include "providers/local/fault/faults.def"
#undef FAULT
};

static const char *const kind_names[] = {
#define FAULT(symbol, name, scope, uses, summary) name,
#include "providers/local/fault/faults.def"
#undef FAULT
    NULL,
};

static const struct shape_field fault_fields[] = {
    FIELD(struct fault, kind, SHAPE_CHOICE, .choices = kind_names, .flags = SHAPE_REQUIRED),
    FIELD(struct fault, action, SHAPE_STRING),
    FIELD(struct fault, count, SHAPE_INT),
    FIELD(struct fault, share_percent, SHAPE_INT),
    FIELD(struct fault, charge_percent, SHAPE_INT),
    FIELD(struct fault, for_ms, SHAPE_INT),
    FIELD(struct fault, status, SHAPE_STRING),
    FIELD(struct fault, node, SHAPE_STRING),
    FIELD(struct fault, until_ms, SHAPE_INT),
};
static const struct shape fault_shape = SHAPE("fault", struct fault, fault_fields);

struct fault_page {
    struct faults faults;
};
static const struct shape_field page_fields[] = {
    FIELD(struct fault_page, faults, SHAPE_LIST, .shape = &fault_shape),
};
static const struct shape page_shape = SHAPE("faults", struct fault_page, page_fields);

bool faults_load(const char *dir, struct faults *out, struct error *err) {
    AUTO(string_free) char *path = endpoint_file(dir, FAULT_FILE);
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(json_free) struct json *json = NULL;
    struct fault_page page = { 0 };
    if (path_exists(path) && (!file_read(path, CEILING_BYTES, &bytes, err) ||
                              !json_parse(text_string(&bytes), bytes.length, path, &json, err) ||
                              !shape_read(&page_shape, json, &page, err)))
        return false;
    *out = page.faults;
    return true;
}

struct json *faults_describe(const struct faults *faults) {
    const struct fault_page page = { *faults };
    return shape_write(&page_shape, &page);
}

static bool save(const char *dir, const struct faults *faults, struct error *err) {
    AUTO(string_free) char *path = endpoint_file(dir, FAULT_FILE);
    AUTO(json_free) struct json *json = faults_describe(faults);
    AUTO(string_free) char *bytes = json_write(json, JSON_PRETTY);
    if (!faults->count)
        return unlink(path) == 0 || !path_exists(path) ||
               error_set_errno(err, "cannot remove '%s'", path);
    return file_write(path, bytes, strlen(bytes), 0600, err);
}

void faults_clear(struct faults *faults) {
    struct fault_page page = { 0 };
    if (!faults)
        return;
    page.faults = *faults;
    shape_clear(&page_shape, &page);
    *faults = (struct faults){ 0 };
}

void fault_clear(struct fault *fault) {
    if (fault)
        shape_clear(&fault_shape, fault);
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

static void copy(const struct fault *from, struct fault *to) {
    *to = *from;
    to->action = from->action ? xstrdup(from->action) : NULL;
    to->status = from->status ? xstrdup(from->status) : NULL;
    to->node = from->node ? xstrdup(from->node) : NULL;
}

static void remove_at(struct faults *faults, size_t at) {
    fault_clear(&faults->items[at]);
    memmove(&faults->items[at], &faults->items[at + 1],
            (faults->count - at - 1) * sizeof *faults->items);
    faults->count--;
}

bool fault_add(const char *dir, const struct fault *fault, struct error *err) {
    AUTO(faults_clear) struct faults faults = { 0 };
    int fd = -1;
    bool done = lock(dir, &fd, err) && faults_load(dir, &faults, err);
    if (done) {
        copy(fault, LIST_ADD(&faults));
        done = save(dir, &faults, err);
    }
    lock_close(&fd);
    return done;
}

bool fault_forget(const char *dir, struct error *err) {
    AUTO(faults_clear) struct faults faults = { 0 };
    int fd = -1;
    bool done = lock(dir, &fd, err) && faults_load(dir, &faults, err);
    for (size_t i = faults.count; i-- > 0;) {
        if (faults.items[i].until_ms)
            faults.items[i].until_ms = 1;
        else
            remove_at(&faults, i);
    }
    done = done && save(dir, &faults, err);
    lock_close(&fd);
    return done;
}

/* Whether it is this one's turn; counts. */
static bool is_due(struct fault *fault) {
    if (!fault->share_percent)
        return true;
    fault->charge_percent += fault->share_percent;
    if (fault->charge_percent < 100)
        return false;
    fault->charge_percent -= 100;
    return true;
}

struct occasion {
    enum fault_scope scope;
    const char *action;   /* of a call */
    enum fault_kind kind; /* of a phase */
};

static bool applies(const struct fault *fault, const struct occasion *occasion) {
    if (fault_rows[fault->kind].scope != occasion->scope)
        return false;
    if (occasion->scope == FAULT_SCOPE_PHASE)
        return fault->kind == (int)occasion->kind;
    return !fault->action || strcmp(fault->action, occasion->action) == 0;
}

void faults_visit(const char *dir, fault_visit *visit, void *context) {
    AUTO(string_free) char *path = endpoint_file(dir, FAULT_FILE);
    AUTO(faults_clear) struct faults faults = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    int fd = -1;
    bool changed = false;
    if (!path_exists(path))
        return;
    if (lock(dir, &fd, &err) && faults_load(dir, &faults, &err)) {
        for (size_t i = 0; i < faults.count;) {
            enum fault_fate fate = visit(context, &faults.items[i]);
            changed |= fate != FATE_SAME;
            if (fate == FATE_OVER)
                remove_at(&faults, i);
            else
                i++;
        }
        if (changed && !save(dir, &faults, &err))
            endpoint_log("faults: %s", err.message);
    }
    lock_close(&fd);
}

struct taking {
    const struct occasion *occasion;
    struct fault *out;
    bool found;
};

static enum fault_fate try_take(void *context, struct fault *fault) {
    struct taking *taking = context;
    if (taking->found || !applies(fault, taking->occasion))
        return FATE_SAME;
    taking->found = is_due(fault);
    if (!taking->found)
        return FATE_CHANGED;
    copy(fault, taking->out);
    return fault->count && --fault->count == 0 ? FATE_OVER : FATE_CHANGED;
}

static bool take(const char *dir, const struct occasion *occasion, struct fault *out) {
    struct taking taking = { .occasion = occasion, .out = out };
    faults_visit(dir, try_take, &taking);
    return taking.found;
}

bool fault_denies(const char *dir, const char *action) {
    const struct occasion occasion = { .scope = FAULT_SCOPE_CALL, .action = action };
    AUTO(faults_clear) struct faults faults = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (!faults_load(dir, &faults, &err))
        return false;
    for (size_t i = 0; i < faults.count; i++)
        if (faults.items[i].kind == FAULT_DENY && applies(&faults.items[i], &occasion))
            return true;
    return false;
}

bool fault_on_call(const char *dir, const char *action, struct fault *out) {
    const struct occasion occasion = { .scope = FAULT_SCOPE_CALL, .action = action };
    return take(dir, &occasion, out);
}

bool fault_on_phase(const char *dir, enum fault_kind kind, int64_t *for_ms) {
    const struct occasion occasion = { .scope = FAULT_SCOPE_PHASE, .kind = kind };
    AUTO(fault_clear) struct fault fault = { 0 };
    if (!take(dir, &occasion, &fault))
        return false;
    if (for_ms)
        *for_ms = fault.for_ms;
    endpoint_log("fault %s", fault_rows[kind].name);
    return true;
}
