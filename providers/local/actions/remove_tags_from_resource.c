#include "providers/local/actions/answers.h"
#include "providers/local/actions/tagged.h"

bool serve_remove_tags_from_resource(struct request *request) {
    struct group *group = NULL;
    AUTO(strings_clear) struct strings names = { 0 };
    if (!tagged_group(request, &group))
        return false;
    request_strings(request, "TagKeys.member", &names);
    for (size_t i = 0; i < names.count; i++)
        if (!pairs_find(&group->tags, names.items[i]))
            return refuse(request->refusal, API_ERROR_TAG_NOT_FOUND, "Tag %s not found.",
                          names.items[i]);
    for (size_t i = 0; i < names.count; i++)
        pairs_remove(&group->tags, names.items[i]);
    answer_tags(request, &group->tags);
    return true;
}
