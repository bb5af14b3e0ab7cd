/* Paths as the AWS tools expand those in AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE. */
#pragma once

#include "schemas/base/language.h"

/* $NAME and ${NAME} where such a variable is set, then a leading ~ or ~USER. What names nothing
 * stays as it is. Without HOME the home folder is the one of the user database. */
char *expand_path(const char *path);
