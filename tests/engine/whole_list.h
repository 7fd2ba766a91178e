/* SPDX-License-Identifier: MIT
 *
 * A list as a shutdown asks for it: of a session, with a pin of each row.
 */
#pragma once

#include "for_ever.h"
#include "list.h"
#include "question.h"
#include "session.h"

#include <fcntl.h>

static inline struct rm_session *session_about(const char *path)
{
    struct rm_session *session;
    struct rm_identity id;
    CHECK_EQUAL(rm_session_new(RM_PRIMARY, &session), 0);
    question_reserve(session->resources);
    CHECK_EQUAL(rm_host_identify(path, &id), 0);
    rm_resources_add_file(session->resources, path, &id);
    return session;
}

static inline unsigned count_descriptors(void)
{
    struct rm_entries entries;
    const char *name;
    uint32_t number;
    unsigned n = 0;
    CHECK_EQUAL(rm_entries_open(&entries, AT_FDCWD, "/proc/self/fd"), 0);
    while (rm_entries_next(&entries, &name, &number) > 0)
        n++;
    rm_entries_done(&entries);
    return n;
}
