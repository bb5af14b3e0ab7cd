#include "providers/signature/keygen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define OUTPUT_BYTES ((size_t)64 << 10)
#define WORDS_BYTES ((size_t)200)

bool keygen_files_open(struct keygen_files *out, struct error *err) {
    const char *given = getenv("TMPDIR");
    char *folder = xasprintf("%s/ecmig-signature.XXXXXX", given && *given ? given : "/tmp");
    if (!mkdtemp(folder)) {
        error_set_errno(err, "cannot create a folder for ssh-keygen's files, '%s'", folder);
        free(folder);
        return error_hint(err, "set TMPDIR to a writable folder");
    }
    out->folder = folder;
    return true;
}

const char *keygen_file(struct keygen_files *files, const char *name, const void *bytes,
                        size_t length, struct error *err) {
    AUTO(string_free) char *path = path_join(files->folder, name);
    const char *at = bytes;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool written = fd >= 0;
    if (written)
        strings_add(&files->names, path);
    while (written && length > 0) {
        ssize_t count = write(fd, at, length);
        written = count > 0 || (count < 0 && errno == EINTR);
        at += count > 0 ? count : 0;
        length -= count > 0 ? (size_t)count : 0;
    }
    if (!written)
        error_set_errno(err, "cannot write '%s'", path);
    if (fd >= 0)
        (void)close(fd);
    return written ? files->names.items[files->names.count - 1] : NULL;
}

void keygen_files_close(struct keygen_files *files) {
    for (size_t i = 0; i < files->names.count; i++)
        (void)unlink(files->names.items[i]);
    strings_clear(&files->names);
    if (files->folder)
        (void)rmdir(files->folder);
    free(files->folder);
    *files = (struct keygen_files){ 0 };
}

bool keygen_run(const struct strings *arguments, const struct signature_message *message,
                int64_t within_ms, struct process_result *out, struct error *err) {
    AUTO(strings_clear) struct strings command = { 0 }, environment = { 0 };
    strings_add(&command, "ssh-keygen");
    for (size_t i = 0; i < arguments->count; i++)
        strings_add(&command, arguments->items[i]);
    /* A passphrase is never asked for: what would ask says no at once. */
    strings_add(&environment, "SSH_ASKPASS=false");
    strings_add(&environment, "SSH_ASKPASS_REQUIRE=force");
    strings_add(&environment, "TZ=UTC");
    strings_add(&environment, "LC_ALL=C");
    const struct process_options options = { .command = &command,
                                             .environment = &environment,
                                             .input = message ? message->bytes : "",
                                             .input_length = message ? message->length : 0,
                                             .output_ceiling_bytes = OUTPUT_BYTES,
                                             .deadline_mono_ms = clock_mono_ms() + within_ms };
    if (process_run(&options, out, err))
        return true;
    if (err->code == ERROR_NOT_FOUND) {
        error_set(err, ERROR_NOT_FOUND, "ssh-keygen, which signs and verifies, is not installed");
        error_hint(err, "install the package openssh-client");
    } else if (err->code == ERROR_DEADLINE) {
        error_hint(err, "a hardware key waits for a touch, or an agent waits for an answer: "
                        "try 'ssh-add -T KEY.pub'");
    }
    return false;
}

char *keygen_words(const struct process_result *result) {
    const char *output = text_string(&result->output), *found = NULL;
    /* This line is of every failure, and says nothing. */
    static const char verdict[] = "Could not verify signature.", input[] = "Signing data on ";
    for (const char *line = output; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (*line != '\n' && strncmp(line, verdict, strlen(verdict)) != 0 &&
            strncmp(line, input, strlen(input)) != 0)
            found = line;
    if (!found)
        return NULL;
    /* The files are ours: their folder says nothing. */
    const char *folder = strstr(found, "/ecmig-signature.");
    if (folder && folder < found + strcspn(found, "\n ") && strchr(folder + 1, '/'))
        found = strchr(folder + 1, '/') + 1;
    size_t length = strcspn(found, "\r\n");
    char *words = xstrndup(found, length < WORDS_BYTES ? length : WORDS_BYTES);
    for (char *at = words; *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    return words;
}
