#include "providers/local/actions/answers.h"
#include "providers/local/actions/tagged.h"

bool serve_add_tags_to_resource(struct request *request) {
    struct group *group = NULL;
    AUTO(form_clear) struct pairs tags = { 0 };
    if (!tagged_group(request, &group))
        return false;
    for (size_t i = 0; i < group->tags.count; i++)
        pairs_set(&tags, group->tags.items[i].name, group->tags.items[i].value);
    if (!request_tags(request, &tags))
        return false;
    struct pairs before = group->tags;
    group->tags = tags;
    tags = before;
    answer_tags(request, &group->tags);
    return true;
}
