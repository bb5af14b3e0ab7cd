/* XML of what several actions show. */
#pragma once

#include "providers/local/actions/request.h"

void answer_group(struct request *request, const struct group *group); /* <ReplicationGroup> */
void answer_tags(struct request *request, const struct pairs *tags);   /* <TagList> */
void answer_arn(struct text *out, const char *region, const char *kind, const char *id);
