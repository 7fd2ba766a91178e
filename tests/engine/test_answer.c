/* SPDX-License-Identifier: MIT */
#include "answer.h"
#include "check.h"

static struct rm_resources *resources(void)
{
    static const struct {
        const char *path;
        struct rm_identity id;
    } files[] = {
        {"/never/used", {.device = 1, .inode = 1}},
        {"/used", {.device = 1, .inode = 2}},
        {"/gone", {.flags = RM_ID_MISSING}},
        {"/folder", {.device = 1, .inode = 4, .flags = RM_ID_DIRECTORY}},
        {"/also/used", {.device = 1, .inode = 5}},
        {"/secret", {.flags = RM_ID_DENIED}},
    };
    struct rm_resources *r;
    struct rm_resources_need need = {.files = 6, .odd = 3, .text = 256, .devices = 6};
    CHECK(rm_resources_new(&r) == 0 && rm_resources_reserve(r, &need) == 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        rm_resources_add_file(r, files[i].path, &files[i].id);
    return r;
}

static void add(struct rm_answer *a, uint32_t pid, RM_APP_TYPE type, const char *unit)
{
    struct rm_program p = {
        .process = {.dwProcessId = pid, .ProcessStartTime = {.dwLowDateTime = 5, .dwHighDateTime = 6}},
        .name = "name", .exe = pid % 2 ? "/bin/x" : NULL, .unit = unit, .uid = pid, .manager_uid = RMX_NO_UID,
        .type = type, .status = RmStatusRunning, .ts_session = 3, .restartable = type == RmService,
    };
    CHECK_EQUAL(rm_answer_add_program(a, &p), 0);
}

static bool equals(const WCHAR *wide, const char *text)
{
    size_t i = 0;
    while (text[i] && wide[i] == (unsigned char)text[i])
        i++;
    return !text[i] && !wide[i];
}

static void test_empty_answer(void)
{
    struct rm_resources *r;
    struct rm_answer *a;
    RMX_LIST *list;
    CHECK(rm_resources_new(&r) == 0 && rm_answer_new(&a) == 0);
    CHECK_EQUAL(rm_answer_finish_take(a, r, 9, "proc-text", &list), 0);
    CHECK(list->size == sizeof(*list) && list->flags == (RMX_LIST_TELLS_USES | RMX_LIST_COMPLETE));
    CHECK(!list->app_count && !list->use_count && !list->file_count && !list->skip_count && list->nanoseconds == 9);
    CHECK(!strcmp(list->scanner, "proc-text"));
    free(list);
    rm_resources_free(r);
    rm_answer_free(NULL);
}

static void test_rows_are_sorted_and_keep_their_uses(void)
{
    struct rm_resources *r = resources();
    struct rm_answer *a;
    RMX_LIST *list;
    CHECK_EQUAL(rm_answer_new(&a), 0);
    add(a, 9, RmCritical, NULL);
    CHECK_EQUAL(rm_answer_add_use(a, 1, RMX_USE_OPEN, false, 1, 2), 0);
    add(a, 8, RmService, "nginx.service");
    CHECK_EQUAL(rm_answer_add_use(a, 4, RMX_USE_MAPPED, true, 1, 5), 0);
    CHECK_EQUAL(rm_answer_add_use(a, 4, RMX_USE_MAPPED, true, 1, 5), 0); /* folded */
    CHECK_EQUAL(rm_answer_add_use(a, 4, RMX_USE_OPEN, true, 1, 5), 0);
    CHECK_EQUAL(rm_answer_add_use(a, 1, RMX_USE_MAPPED, false, 1, 2), 0);
    add(a, 7, RmConsole, "session-3.scope");
    add(a, 3, RmConsole, NULL);
    CHECK_EQUAL(rm_answer_add_use(a, 1, RMX_USE_OPEN, false, 1, 2), 0); /* another program's: not folded */
    rm_answer_add_reason(a, RmRebootReasonDetectedSelf);
    rm_answer_add_reason(a, RmRebootReasonCriticalProcess);
    *rm_answer_counts(a) = (struct rm_answer_counts){1, 2, 3, 4};
    CHECK_EQUAL(rm_answer_finish_take(a, r, 1, "proc-query", &list), 0);

    static const uint32_t order[] = {3, 7, 8, 9}, counts[] = {1, 0, 3, 1};
    CHECK_EQUAL(list->app_count, 4);
    CHECK_EQUAL(list->use_count, 5);
    uint32_t uses = 0;
    for (size_t i = 0; i < 4; i++) {
        CHECK_EQUAL(list->rows[i].Process.dwProcessId, order[i]);
        CHECK_EQUAL(list->apps[i].uid, order[i]);
        CHECK_EQUAL(list->apps[i].use_count, counts[i]);
        CHECK_EQUAL(list->apps[i].first_use, uses);
        CHECK(equals(list->rows[i].strAppName, "name"));
        CHECK((list->apps[i].exe != NULL) == (order[i] % 2 == 1));
        uses += counts[i];
    }
    CHECK(equals(list->rows[2].strServiceShortName, "nginx.service") && !strcmp(list->apps[2].unit, "nginx.service"));
    CHECK(equals(list->rows[1].strServiceShortName, "") && !strcmp(list->apps[1].unit, "session-3.scope"));
    CHECK(list->rows[2].bRestartable && !list->rows[1].bRestartable && list->rows[0].TSSessionId == 3);
    CHECK(list->rows[0].Process.ProcessStartTime.dwHighDateTime == 6);

    const RMX_USE *use = &list->uses[list->apps[2].first_use];
    CHECK(!strcmp(list->files[use->file], "/also/used") && use->kind == RMX_USE_MAPPED && use->deleted && use->inode == 5);
    CHECK(!strcmp(list->files[list->uses[0].file], "/used"));
    CHECK_EQUAL(list->reboot_reasons, RmRebootReasonDetectedSelf | RmRebootReasonCriticalProcess);
    CHECK(list->processes == 1 && list->descriptors == 2 && list->maps == 3 && list->retries == 4);
    free(list);
    rm_resources_free(r);
}

static void test_only_files_that_are_spoken_of(void)
{
    struct rm_resources *r = resources();
    struct rm_answer *a;
    RMX_LIST *list;
    CHECK_EQUAL(rm_answer_new(&a), 0);
    add(a, 3, RmConsole, NULL);
    CHECK_EQUAL(rm_answer_add_use(a, 1, RMX_USE_OPEN, false, 1, 2), 0);
    CHECK_EQUAL(rm_answer_finish_take(a, r, 1, "proc-query", &list), 0);
    CHECK_EQUAL(list->file_count, 3);
    CHECK(list->missing_count == 1 && !strcmp(list->files[list->missing[0]], "/gone"));
    CHECK(list->directory_count == 1 && !strcmp(list->files[list->directories[0]], "/folder"));
    CHECK(list->flags & RMX_LIST_COMPLETE); /* a missing file is settled */
    free(list);
    rm_resources_free(r);
}

static void test_missing_names_of_no_file_come_last(void)
{
    struct rm_resources *r = resources();
    struct rm_answer *a;
    RMX_LIST *list;
    CHECK(rm_answer_new(&a) == 0);
    CHECK(rm_answer_add_missing(a, "one.service") == 0 && rm_answer_add_missing(a, "other.service") == 0);
    CHECK_EQUAL(rm_answer_finish_take(a, r, 9, "x", &list), 0);
    CHECK(list->missing_count == 3 && list->file_count == 4);
    CHECK(!strcmp(list->files[list->missing[0]], "/gone"));
    CHECK(!strcmp(list->files[list->missing[1]], "one.service") && list->missing[1] == 2);
    CHECK(!strcmp(list->files[list->missing[2]], "other.service") && list->missing[2] == 3);
    CHECK(list->flags & RMX_LIST_COMPLETE);
    free(list);
    rm_resources_free(r);
}

static void test_skips(void)
{
    struct rm_resources *r = resources();
    struct rm_answer *a;
    RMX_LIST *list;
    CHECK_EQUAL(rm_answer_new(&a), 0);
    for (uint32_t pid = 1; pid <= 5000; pid++)
        CHECK_EQUAL(rm_answer_add_skip(a, RMX_SKIP_PERMISSION, pid), 0);
    CHECK_EQUAL(rm_answer_add_skip(a, RMX_SKIP_UNCERTAIN, 77), 0);
    CHECK_EQUAL(rm_answer_add_skip(a, RMX_SKIP_UNCERTAIN, 77), 0); /* the same process */
    CHECK_EQUAL(rm_answer_add_skip(a, RMX_SKIP_NAMESPACE, 0), 0);
    CHECK_EQUAL(rm_answer_add_skip(a, RMX_SKIP_FILE, 0), 0);
    CHECK_EQUAL(rm_answer_add_skip(a, RMX_SKIP_FILE, 0), 0);
    CHECK_EQUAL(rm_answer_add_skip(a, 99, 1), -EINVAL);
    CHECK_EQUAL(rm_answer_finish_take(a, r, 1, "proc-query", &list), 0);
    CHECK_EQUAL(list->flags, RMX_LIST_TELLS_USES);
    CHECK_EQUAL(list->skip_count, 4);
    const RMX_SKIP *permission = &list->skips[0], *namespace = &list->skips[1], *unsure = &list->skips[2];
    CHECK(permission->cause == RMX_SKIP_PERMISSION && permission->count == 5000);
    CHECK_EQUAL(permission->pid_count, 4096); /* ours: the others are counted only */
    CHECK_EQUAL(list->pids[permission->first_pid + 4095], 4096);
    CHECK(namespace->cause == RMX_SKIP_NAMESPACE && !namespace->count && !namespace->pid_count);
    CHECK(unsure->cause == RMX_SKIP_UNCERTAIN && unsure->count == 1 && list->pids[unsure->first_pid] == 77);
    CHECK(list->skips[3].cause == RMX_SKIP_FILE && list->skips[3].count == 2 && !list->skips[3].pid_count);
    free(list);
    rm_resources_free(r);
}

static void test_bad_uses_are_refused(void)
{
    struct rm_resources *r = resources();
    struct rm_answer *a;
    RMX_LIST *list = NULL;
    CHECK_EQUAL(rm_answer_new(&a), 0);
    CHECK_EQUAL(rm_answer_add_use(a, 1, RMX_USE_OPEN, false, 1, 2), -EINVAL); /* no program yet */
    add(a, 3, RmConsole, NULL);
    CHECK_EQUAL(rm_answer_add_use(a, 1, 3, false, 1, 2), -EINVAL);
    CHECK_EQUAL(rm_answer_add_use(a, 6, RMX_USE_OPEN, false, 1, 2), 0);
    CHECK_EQUAL(rm_answer_finish_take(a, r, 1, "proc-query", &list), -EINVAL); /* no such file; taken all the same */
    CHECK(!list);
    rm_resources_free(r);
}

static void test_long_names_are_cut(void)
{
    struct rm_resources *r = resources();
    struct rm_answer *a;
    RMX_LIST *list;
    char name[1000], unit[256];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    memset(unit, 'u', sizeof(unit) - 1);
    strcpy(unit + sizeof(unit) - sizeof(".service"), ".service");
    struct rm_program p = {.process = {.dwProcessId = 1}, .name = name, .unit = unit, .type = RmService};
    CHECK_EQUAL(rm_answer_new(&a), 0);
    CHECK_EQUAL(rm_answer_add_program(a, &p), 0);
    CHECK_EQUAL(rm_answer_finish_take(a, r, 1, "proc-query", &list), 0);
    CHECK(list->rows[0].strAppName[CCH_RM_MAX_APP_NAME - 1] == 'n' && !list->rows[0].strAppName[CCH_RM_MAX_APP_NAME]);
    CHECK(list->rows[0].strServiceShortName[CCH_RM_MAX_SVC_NAME - 1] == 'u');
    CHECK(!list->rows[0].strServiceShortName[CCH_RM_MAX_SVC_NAME] && !strcmp(list->apps[0].unit, unit));
    free(list);
    rm_resources_free(r);
}

int main(void)
{
    RUN(test_empty_answer);
    RUN(test_rows_are_sorted_and_keep_their_uses);
    RUN(test_only_files_that_are_spoken_of);
    RUN(test_missing_names_of_no_file_come_last);
    RUN(test_skips);
    RUN(test_bad_uses_are_refused);
    RUN(test_long_names_are_cut);
    return 0;
}
