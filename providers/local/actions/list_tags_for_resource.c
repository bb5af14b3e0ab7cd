#include "providers/local/actions/answers.h"
#include "providers/local/actions/tagged.h"

bool serve_list_tags_for_resource(struct request *request) {
    struct group *group = NULL;
    if (!tagged_group(request, &group))
        return false;
    answer_tags(request, &group->tags);
    return true;
}
