#include <string.h>

#include "executor/journal_inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define CONFLICT_TRIES 50

static char *approvals_folder(const char *migration, const char *digest) {
    return migration_path(migration, "approvals/%s", digest_digits(digest));
}

static bool read_approval(struct gitstore *store, const char *path, const char *digest,
                          struct approval *out, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(json_free) struct json *document = NULL;
    struct approval approval = { 0 };
    if (!gitstore_read(store, path, &bytes, err) ||
        !json_parse(text_string(&bytes), bytes.length, path, &document, err) ||
        !shape_read(&approval_shape, document, &approval, err))
        return error_wrap(err, "'%s'", path);
    if (strcmp(digest_digits(approval.digest), digest_digits(digest)) == 0) {
        *out = approval;
        return true;
    }
    (void)error_set(err, ERROR_FORMAT, "'%s' is an approval of another plan (sha256:%.12s)", path,
                    digest_digits(approval.digest));
    shape_clear(&approval_shape, &approval);
    return error_hint(err, "remove that file from the state repository");
}

struct listing {
    struct approvals approvals;
    struct strings paths; /* of their files, in the same order */
};

static void listing_clear(struct listing *listing) {
    approvals_clear(&listing->approvals);
    strings_clear(&listing->paths);
}
AUTO_VALUE(struct listing, listing_clear)

/* A file that is not an approval of this plan does not count, and stops nobody: anybody with push
 * rights can put it there. With `strict` it is an error. */
static bool list(struct gitstore *store, const char *migration, const char *digest, bool strict,
                 struct listing *out, struct error *err) {
    AUTO(string_free) char *folder = approvals_folder(migration, digest);
    AUTO(strings_clear) struct strings names = { 0 };
    if (!gitstore_list(store, folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        AUTO(string_free) char *path = xasprintf("%s/%s", folder, names.items[i]);
        AUTO(error_clear) struct error foreign = { 0 };
        struct approval approval = { 0 };
        if (read_approval(store, path, digest, &approval, &foreign)) {
            *LIST_ADD(&out->approvals) = approval;
            strings_add(&out->paths, path);
        } else if (strict || foreign.code == ERROR_IO) {
            error_move(err, &foreign);
            return false;
        }
    }
    return true;
}

bool approval_list(struct gitstore *store, const char *migration, const char *digest,
                   struct approvals *out, struct error *err) {
    AUTO(listing_clear) struct listing found = { 0 };
    if (!list(store, migration, digest, false, &found, err))
        return false;
    *out = found.approvals;
    found.approvals = (struct approvals){ 0 };
    return true;
}

bool approval_check(struct gitstore *store, const char *migration, const char *digest,
                    struct error *err) {
    AUTO(listing_clear) struct listing found = { 0 };
    return list(store, migration, digest, true, &found, err);
}

bool approval_rely(struct journal *journal, const char *digest, const char *gate, bool *given,
                   struct error *err) {
    AUTO(listing_clear) struct listing all = { 0 };
    if (!list(journal->store, journal->migration, digest, false, &all, err))
        return false;
    const struct approval *found = approval_find(&all.approvals, gate);
    *given = found != NULL;
    return !found || journal_rely(journal, all.paths.items[found - all.approvals.items], err);
}

/* The plan that is approved can be shown from then on, also where only its digest is known. */
static size_t add_plan(struct gitstore *store, const char *migration,
                       const struct approval *approval, const char *plan,
                       struct gitstore_change *change, char **path) {
    AUTO(text_clear) struct text stored = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    if (!plan || journal_read_plan(store, migration, approval->digest, &stored, &absent))
        return 0;
    *path = migration_path(migration, "plans/%s.json", digest_digits(approval->digest));
    *change = (struct gitstore_change){ *path, plan, strlen(plan) };
    return 1;
}

static bool record_once(struct gitstore *store, const char *migration,
                        const struct approval *approval, const char *plan, struct error *err) {
    AUTO(string_free) char *folder = approvals_folder(migration, approval->digest);
    AUTO(string_free) char *plan_path = NULL;
    AUTO(strings_clear) struct strings names = { 0 };
    if (!gitstore_list(store, folder, &names, err))
        return false;
    /* Four digits keep the order of names the order of time. */
    AUTO(string_free) char *path = xasprintf("%s/%04zu.json", folder, names.count + 1);
    AUTO(json_free) struct json *document = shape_write(&approval_shape, approval);
    AUTO(string_free) char *words = json_write(document, JSON_PRETTY);
    AUTO(string_free) char *bytes = xasprintf("%s\n", words);
    AUTO(string_free)
    char *what = approval->gate ? xasprintf("gate \"%s\"", approval->gate) : xstrdup("plan");
    /* Two who approve in the same moment would make one and the same commit, and both be told that
     * it is theirs. */
    AUTO(string_free) char *nonce = random_hex(8);
    AUTO(string_free)
    char *message =
        xasprintf("ecmig(%s): %s approved by %s\n\nEcmig-Plan: %s\nEcmig-Nonce: %s\n", migration,
                  what, approval->who, digest_digits(approval->digest), nonce);
    struct gitstore_change changes[2] = { { path, bytes, strlen(bytes) } };
    size_t count = 1 + add_plan(store, migration, approval, plan, &changes[1], &plan_path);
    return gitstore_commit(store, changes, count, message, err);
}

bool approval_record(struct gitstore *store, const char *migration, const struct approval *approval,
                     const char *plan, struct error *err) {
    for (int i = 1; !record_once(store, migration, approval, plan, err); i++) {
        if (err->code != ERROR_CONFLICT || i == CONFLICT_TRIES)
            return error_wrap(err, "the approval cannot be recorded");
        error_clear(err);
        if (!gitstore_refresh(store, err))
            return false;
        clock_sleep_ms(i);
    }
    return true;
}
