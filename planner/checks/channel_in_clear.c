#include <string.h>
#include <strings.h>

#include "planner/checks/check.h"
#include "schemas/base/memory.h"

/* What others on the network would read or change, by the scheme of an address. */
static const struct channel {
    const char *scheme, *key, *summary, *remedy;
} channels[] = {
    { "http://", "target.endpoint_url",
      "requests signed with the account's key are sent unencrypted to another machine",
      "use https:// in target.endpoint_url, AWS_ENDPOINT_URL or the profile, or remove it" },
    { "http://", "state.repository", "the record is sent unencrypted to another machine",
      "use https:// or ssh:// in state.repository" },
    { "git://", "state.repository",
      "the record is sent unencrypted and unauthenticated to another machine",
      "use https:// or ssh:// in state.repository" },
};

/* The host at the start, up to a port or path, is this machine. */
static bool is_this_machine(const char *host) {
    static const char *const names[] = { "localhost", "[::1]" };
    size_t length = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
    for (size_t i = 0; i < COUNT(names); i++)
        if (length == strlen(names[i]) && strncasecmp(host, names[i], length) == 0)
            return true;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length;
}

static void look_at(const struct check_input *input, const char *key, const char *place,
                    struct findings *out) {
    for (size_t i = 0; place && i < COUNT(channels); i++) {
        const struct channel *channel = &channels[i];
        size_t length = strlen(channel->scheme);
        if (strcmp(channel->key, key) != 0 || strncasecmp(place, channel->scheme, length) != 0 ||
            is_this_machine(place + length))
            continue;
        struct finding *finding = check_found(input, out, key, "%s", channel->summary);
        finding_remedy(finding, "%s", channel->remedy);
    }
}

static void run(const struct check_input *input, struct findings *out) {
    const struct config_source *source = &input->config->source;
    const struct observed_record *record = &input->observed->record;
    const struct config_secret *password = &source->password;
    /* From wherever it was told: the file, the environment or the profile. */
    const char *endpoint = input->observed->target.clear_endpoint;
    look_at(input, "target.endpoint_url", endpoint ? endpoint : input->config->target.endpoint_url,
            out);
    look_at(input, "state.repository",
            record->place ? record->place : input->config->state.repository, out);
    if ((!password->env && !password->file && !password->exec.count) ||
        config_tls_is_given(&source->tls))
        return;
    for (size_t i = 0; i < source->nodes.count; i++)
        if (!is_this_machine(source->nodes.items[i]))
            check_found(input, out, source->nodes.items[i],
                        "the source's password is sent unencrypted to another machine");
}

const struct check check_channel_in_clear = {
    .title = "Secrets and the record are encrypted on the network",
    .reads = "file: target.endpoint_url, state.repository, source.password, source.tls; "
             "environment: AWS_ENDPOINT_URL and others",
    .cause = "http:// and git:// are not encrypted, and neither is a source without source.tls. "
             "Addresses of this machine are ignored.",
    .risk = "Anyone who can read the network learns the password or can replay requests such as "
            "CompleteMigration; anyone who can change the traffic can impersonate the service or "
            "alter the record.",
    .remedy = "configure source.tls, or remove source.password if the source needs none; waive "
              "this where the network itself is trusted or encrypted",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .run = run,
};
