/* The folder of an endpoint holds what is acted on: pids to end, addresses to write to. */
#pragma once

#include "schemas/base/error.h"
#include "schemas/base/language.h"

/* It belongs to this user and nobody else can write to it, and there is no symbolic link and no
 * file of another user in it. */
MUST_CHECK bool own_folder_check(const char *path, struct error *err);
