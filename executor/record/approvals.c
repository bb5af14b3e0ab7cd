#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define CONFLICT_TRIES 50

static char *approvals_folder(const char *migration, const char *digest) {
    return migration_path(migration, "approvals/%s", digest_digits(digest));
}

static bool is_printable(const char *text) {
    for (; text && *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            return false;
    return true;
}

/* What a file claims is shown to people, in one line each. */
static bool is_plain(const struct approval *approval) {
    return is_printable(approval->who) && is_printable(approval->signer) &&
           is_printable(approval->gate) && is_printable(approval->when);
}

static bool read_file(struct gitstore *store, const char *path, const char *digest,
                      struct approval_file *out, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(json_free) struct json *document = NULL;
    AUTO(approval_clear) struct approval approval = { 0 };
    if (!gitstore_read(store, path, &bytes, err) ||
        !json_parse(text_string(&bytes), bytes.length, path, &document, err) ||
        !shape_read(&approval_shape, document, &approval, err))
        return error_wrap(err, "'%s'", path);
    if (!is_plain(&approval)) {
        error_set(err, ERROR_FORMAT, "'%s' holds control characters", path);
        return error_hint(err, "remove that file from the state repository");
    }
    if (strcmp(digest_digits(approval.digest), digest_digits(digest)) != 0) {
        error_set(err, ERROR_FORMAT, "'%s' is an approval of another plan (sha256:%.12s)", path,
                  digest_digits(approval.digest));
        return error_hint(err, "remove that file from the state repository");
    }
    *out = (struct approval_file){ xstrdup(path), approval, document };
    approval = (struct approval){ 0 };
    document = NULL;
    return true;
}

static void approval_file_clear(struct approval_file *file) {
    free(file->path);
    approval_clear(&file->approval);
    json_free(file->document);
}

void approval_files_clear(struct approval_files *files) {
    LIST_CLEAR(files, approval_file_clear);
}

bool approval_files_read(const struct approval_place *place, bool strict,
                         struct approval_files *out, struct error *err) {
    AUTO(string_free) char *folder = approvals_folder(place->migration, place->digest);
    AUTO(strings_clear) struct strings names = { 0 };
    if (!gitstore_list(place->store, folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        AUTO(string_free) char *path = xasprintf("%s/%s", folder, names.items[i]);
        AUTO(error_clear) struct error foreign = { 0 };
        struct approval_file file = { 0 };
        if (read_file(place->store, path, place->digest, &file, &foreign)) {
            *LIST_ADD(out) = file;
        } else if (strict || foreign.code == ERROR_IO) {
            error_move(err, &foreign);
            return false;
        }
    }
    return true;
}

bool approval_check(struct gitstore *store, const char *migration, const char *digest,
                    struct error *err) {
    AUTO(approval_files_clear) struct approval_files files = { 0 };
    const struct approval_place place = { store, migration, digest };
    return approval_files_read(&place, true, &files, err);
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
    char *message = xasprintf("ecmig(%s): %s approved by %s\n\nEcmig-Plan: %s\nEcmig-Nonce: %s\n",
                              migration, what, approval->signer ? approval->signer : approval->who,
                              digest_digits(approval->digest), nonce);
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
