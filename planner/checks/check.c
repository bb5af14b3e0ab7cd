#include "planner/checks/check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "planner/group.h"
#include "planner/settings.h"
#include "schemas/base/memory.h"

static struct finding *add(const struct check_input *input, struct findings *out,
                           enum severity severity, const char *subject, const char *format,
                           va_list arguments) {
    AUTO(string_free) char *summary = xvasprintf(format, arguments);
    struct finding *finding = finding_add(out, severity, input->id, subject, "%s", summary);
    string_replace(&finding->remedy, input->check->remedy);
    return finding;
}

struct finding *check_found(const struct check_input *input, struct findings *out,
                            const char *subject, const char *summary_format, ...) {
    va_list arguments;
    va_start(arguments, summary_format);
    struct finding *finding =
        add(input, out, input->check->severity, subject, summary_format, arguments);
    va_end(arguments);
    return finding;
}

struct finding *check_found_as(const struct check_input *input, struct findings *out,
                               enum severity severity, const char *subject,
                               const char *summary_format, ...) {
    va_list arguments;
    va_start(arguments, summary_format);
    struct finding *finding = add(input, out, severity, subject, summary_format, arguments);
    va_end(arguments);
    return finding;
}

void finding_detail(struct finding *finding, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    free(finding->detail);
    finding->detail = xvasprintf(format, arguments);
    va_end(arguments);
}

void finding_remedy(struct finding *finding, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    free(finding->remedy);
    finding->remedy = xvasprintf(format, arguments);
    va_end(arguments);
}

struct finding *check_found_setting(const struct check_input *input, struct findings *out,
                                    const struct observed_node *node, const char *summary) {
    const char *setting = input->check->setting;
    AUTO(string_free) char *lacking = setting_lacking(input->situation, setting, node);
    if (!lacking)
        return NULL;
    struct finding *finding = check_found(input, out, node->address, "%s", summary);
    AUTO(string_free) char *value = setting_shown(setting, pairs_find(&node->settings, setting));
    finding_detail(finding, "%s is \"%s\"", setting, value);
    AUTO(string_free) char *enough = setting_shown(setting, lacking);
    const char *quote = strchr(enough, ' ') ? "\"" : "";
    finding_remedy(finding, "%s: CONFIG SET %s %s%s%s", input->check->remedy, setting, quote,
                   enough, quote);
    return finding;
}

char *check_target_shard(const struct observed_target_shard *shard) {
    return xasprintf(SUBJECT_OF_SHARD "%s", shard->id ? shard->id : "?");
}

const char *check_target(const struct check_input *input) {
    return config_target_name(&input->config->target);
}

bool check_is(const char *value, const char *word) {
    return value && strcmp(value, word) == 0;
}
