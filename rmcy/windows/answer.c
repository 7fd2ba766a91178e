/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include "cut.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define BYTES(units) ((units) * 3 + 1) /* at most, as WTF-8, with the NUL */

struct pieces {
    RMX_LIST *list;
    RMX_APP *apps;
    const char **files;
    RM_PROCESS_INFO *rows;
    RMX_SKIP *skip;
    uint32_t *missing, *directories;
    char *text;
};

void rm_answer_done(struct rm_answer *answer)
{
    for (UINT i = 0; answer->extras && i < answer->rows.count; i++)
        free(answer->extras[i].exe);
    free(answer->extras);
    rm_rows_done(&answer->rows);
    free((void *)answer->missing);
    free((void *)answer->directories);
    *answer = (struct rm_answer){0};
}

static size_t count_text(const struct rm_answer *a)
{
    size_t size = 0;

    for (UINT i = 0; i < a->rows.count; i++)
        size += (a->extras[i].exe ? strlen(a->extras[i].exe) + 1 : 0) + BYTES(CCH_RM_MAX_SVC_NAME);
    for (UINT i = 0; i < a->missing_count; i++)
        size += BYTES(wcslen(a->missing[i]));
    for (UINT i = 0; i < a->directory_count; i++)
        size += BYTES(wcslen(a->directories[i]));
    return size;
}

static struct pieces lay_out(struct rm_block *b, const struct rm_answer *a, size_t text)
{
    struct pieces p;

    p.list = RM_CUT(b, 1, RMX_LIST);
    p.apps = RM_CUT(b, a->rows.count, RMX_APP);
    p.files = RM_CUT(b, a->missing_count + a->directory_count, const char *);
    p.rows = RM_CUT(b, a->rows.count, RM_PROCESS_INFO);
    p.skip = RM_CUT(b, 1, RMX_SKIP);
    p.missing = RM_CUT(b, a->missing_count, uint32_t);
    p.directories = RM_CUT(b, a->directory_count, uint32_t);
    p.text = RM_CUT(b, text, char);
    return p;
}

static const char *put_bytes(char **to, const char *bytes)
{
    char *at = *to;
    size_t size = strlen(bytes) + 1;

    memcpy(at, bytes, size);
    *to += size;
    return at;
}

static const char *put(char **to, const WCHAR *text)
{
    char *at = *to;
    long size = rm_text_to_bytes(text, at, wcslen(text) * 3);

    at[size > 0 ? size : 0] = 0;
    *to += strlen(at) + 1;
    return at;
}

static void fill_apps(const struct rm_answer *a, struct pieces *p)
{
    for (UINT i = 0; i < a->rows.count; i++) {
        RM_PROCESS_INFO *row = &p->rows[i];

        *row = a->rows.at[i];
        row->strAppName[CCH_RM_MAX_APP_NAME] = 0;
        row->strServiceShortName[CCH_RM_MAX_SVC_NAME] = 0;
        p->apps[i] = (RMX_APP){
            .uid = RMX_NO_UID,
            .manager_uid = RMX_NO_UID,
            .exe = a->extras[i].exe ? put_bytes(&p->text, a->extras[i].exe) : NULL,
            .unit = row->strServiceShortName[0] ? put(&p->text, row->strServiceShortName) : NULL,
            .cause = a->extras[i].cause,
        };
    }
}

static void fill_files(const struct rm_answer *a, struct pieces *p)
{
    uint32_t n = 0;

    for (UINT i = 0; i < a->missing_count; i++) {
        p->missing[i] = n;
        p->files[n++] = put(&p->text, a->missing[i]);
    }
    for (UINT i = 0; i < a->directory_count; i++) {
        p->directories[i] = n;
        p->files[n++] = put(&p->text, a->directories[i]);
    }
}

RMX_LIST *rm_answer_block(const struct rm_answer *answer, uint64_t nanoseconds)
{
    struct rm_block block = {0};
    size_t text = count_text(answer);
    struct pieces p;

    lay_out(&block, answer, text);
    block = (struct rm_block){.base = calloc(1, block.used)};
    if (!block.base)
        return NULL;
    p = lay_out(&block, answer, text);
    *p.list = (RMX_LIST){
        .size = sizeof *p.list,
        .flags = answer->denied_count ? 0 : RMX_LIST_COMPLETE,
        .reboot_reasons = answer->rows.reboot_reasons,
        .app_count = answer->rows.count,
        .rows = p.rows,
        .apps = p.apps,
        .file_count = answer->missing_count + answer->directory_count,
        .files = p.files,
        .missing = p.missing,
        .missing_count = answer->missing_count,
        .directories = p.directories,
        .directory_count = answer->directory_count,
        .skips = p.skip,
        .skip_count = answer->denied_count > 0,
        .retries = answer->rows.retries,
        .nanoseconds = nanoseconds,
        .scanner = "rstrtmgr",
    };
    *p.skip = (RMX_SKIP){.cause = RMX_SKIP_FILE, .count = answer->denied_count};
    fill_apps(answer, &p);
    fill_files(answer, &p);
    return p.list;
}
