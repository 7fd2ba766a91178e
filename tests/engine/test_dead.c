/* SPDX-License-Identifier: MIT
 *
 * A file system whose server does not answer, and processes that wait for it.
 * The answers are right for everybody else, what could not be looked at is
 * counted as blocked, and threads that were left behind end in peace when the
 * server goes on.  What each test waits for is an event; that a call comes
 * back at all is what the test's own time limit watches over.
 */
#include "dead_world.h"
#include "pin.h"
#include "whole_list.h"

#define OPEN KIND(RMX_USE_OPEN)
#define MAPPED KIND(RMX_USE_MAPPED)

static void hold_open(const char *path)
{
    let_go();
    CHECK(open(path, O_RDONLY) >= 0 && open(local, O_RDONLY) >= 0);
}

static void hold_map(const char *path)
{
    let_go();
    int fd = open(path, O_RDONLY), other = open(local, O_RDONLY);
    CHECK(fd >= 0 && mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
    CHECK(other >= 0 && mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, other, 0) != MAP_FAILED);
    close(fd), close(other);
}

static struct question question_about_real(const char *path)
{
    char real[PATH_MAX];
    CHECK(realpath(path, real));
    return question_about(real);
}

/* Nothing about a held file is asked of the server, so its holders are seen as ever, and no thread is left behind. */
static void holder_of_a_dead_file(void (*hold)(const char *), const char *path, unsigned kind)
{
    struct question q = question_about_real(path), other = question_about(local);
    struct holder h = holder_start(hold, path);
    fuse_stop(&server);
    for (int again = 0; again < 2; again++) {
        RMX_LIST *list = question_ask(&q);
        CHECK(!answer_skips(list, RMX_SKIP_BLOCKED, (uint32_t)h.pid));
        CHECK(!answer_skips(list, RMX_SKIP_UNCERTAIN, (uint32_t)h.pid));
        CHECK_EQUAL(answer_kinds(list, h.pid), kind);
        free(list);
        CHECK_EQUAL(question_kinds(&other, h.pid), kind);
        CHECK_EQUAL(rm_stuck_count(), 0);
        fuse_continue(&server);
    }
    holder_stop(&h);
    question_done(&q), question_done(&other);
}

/* a: the kernel remembers where the name leads.  b: it does not, and there are no birth times, so the name decides by
 * which the file is held. */
static void test_a_process_that_has_a_dead_file_open(void)
{
    holder_of_a_dead_file(hold_open, "dead/a0", OPEN);
    holder_of_a_dead_file(hold_open, "dead/b0", OPEN);
}

static void test_a_process_that_has_a_dead_file_mapped(void)
{
    holder_of_a_dead_file(hold_map, "dead/a1", MAPPED);
    holder_of_a_dead_file(hold_map, "dead/b1", MAPPED);
}

/* The number of a registered file, but not its name: as when the number has been given again, or by a link. */
static void held_by_another_name(void (*hold)(const char *), const char *path, const char *registered)
{
    struct question q = question_about(registered), other = question_about_real(path);
    struct holder h = holder_start(hold, path);
    CHECK_EQUAL(rm_resources_identity(q.resources, 0).inode, rm_resources_identity(other.resources, 0).inode);
    fuse_stop(&server);
    for (int again = 0; again < 2; again++) {
        CHECK(question_skips(&q, RMX_SKIP_UNCERTAIN, h.pid));
        CHECK_EQUAL(question_kinds(&q, h.pid), 0);
        CHECK_EQUAL(question_kinds(&other, h.pid), hold == hold_map ? MAPPED : OPEN);
        fuse_continue(&server);
    }
    CHECK_EQUAL(rm_stuck_count(), 0);
    holder_stop(&h);
    question_done(&q), question_done(&other);
}

static void test_a_process_that_holds_a_dead_file_by_another_name(void)
{
    char real[PATH_MAX];
    CHECK(realpath("dead/b5", real));
    held_by_another_name(hold_open, "dead/d5", real);
    held_by_another_name(hold_map, "dead/d5", real);
    CHECK(realpath(".", real) && symlink("dead", "alias") == 0);
    strcat(real, "/alias/b6");
    held_by_another_name(hold_open, "dead/b6", real);
    held_by_another_name(hold_map, "dead/b6", real);
    CHECK(unlink("alias") == 0);
}

/* ---- a process that waits ---- */

/* Holds the local file, then waits in open(). */
static void open_dead(const char *path)
{
    let_go();
    CHECK(open(local, O_RDONLY) >= 0);
    holder_ready();
    CHECK(open(path, O_RDONLY) >= 0);
    holder_wait();
}

static void test_an_open_in_progress(void)
{
    struct question q = question_about(local);
    fuse_stop(&server);
    struct holder h = holder_start(open_dead, "dead/b2");
    fuse_await_request(&server);
    RMX_LIST *list = question_ask(&q);
    CHECK_EQUAL(answer_kinds(list, h.pid), OPEN);
    CHECK(!answer_skips(list, RMX_SKIP_BLOCKED, (uint32_t)h.pid));
    free(list);
    fuse_continue(&server);
    holder_stop(&h);
    question_done(&q);
}

static void read_dead(const char *path)
{
    let_go();
    int fd = open(path, O_RDONLY), other = open(local, O_RDONLY);
    CHECK(fd >= 0 && other >= 0);
    const volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(page != MAP_FAILED);
    holder_ready();
    char c;
    CHECK(read(holder_hears, &c, 1) == 1);
    CHECK(*page == 0);
    holder_wait();
}

/* Kernels differ in whether a fault keeps the memory locked while it waits; each way the process is not passed over. */
static void test_a_process_stuck_in_a_page_fault(void)
{
    struct question q = question_about(local);
    struct holder h = holder_start(read_dead, way.query ? "dead/b3" : "dead/b4"); /* what was read once is cached */
    fuse_stop(&server);
    CHECK(write(h.end, "", 1) == 1);
    fuse_await_request(&server);
    RMX_LIST *list = question_ask(&q);
    CHECK(answer_kinds(list, h.pid) == OPEN || answer_skips(list, RMX_SKIP_BLOCKED, (uint32_t)h.pid));
    free(list);
    fuse_continue(&server);
    holder_stop(&h);
    await_threads();
    question_done(&q);
}

static void test_a_process_whose_memory_is_locked(void)
{
    struct question q = question_about(local);
    struct holder other = holder_start(hold_map, "dead/a4"), h = start_locked("dead/a3");
    RMX_LIST *list = question_ask(&q);
    CHECK(answer_skips(list, RMX_SKIP_BLOCKED, (uint32_t)h.pid));
    CHECK_EQUAL(answer_row(list, h.pid), -1);
    CHECK_EQUAL(answer_kinds(list, other.pid), MAPPED);
    CHECK(!(list->flags & RMX_LIST_COMPLETE));
    uint32_t left = rm_stuck_count();
    CHECK(left >= 1);
    free(list);
    /* The next one knows: no further thread is lost to it. */
    list = question_ask(&q);
    CHECK(answer_skips(list, RMX_SKIP_BLOCKED, (uint32_t)h.pid));
    CHECK_EQUAL(answer_kinds(list, other.pid), MAPPED);
    CHECK_EQUAL(rm_stuck_count(), left);
    free(list);
    /* The thread has its own view of what was registered, so this may change under it. */
    struct rm_identity missing = {.flags = RM_ID_MISSING};
    question_reserve(q.resources);
    rm_resources_add_file(q.resources, "/nowhere", &missing);
    end_locked(&h);
    CHECK_EQUAL(question_kinds(&q, other.pid), MAPPED);
    holder_stop(&other);
    question_done(&q);
}

/* The thread that is left behind takes no pin with it, and closes none that is not its own. */
static void test_pins_while_a_process_is_stuck(void)
{
    struct rm_session *session = session_about(local);
    struct holder other = holder_start(hold_map, way.query ? "dead/a5" : "dead/a6");
    unsigned before = count_descriptors();
    struct holder h = start_locked(way.query ? "dead/a7" : "dead/a8");
    struct rm_pin **pins;
    RMX_LIST *list;
    CHECK_EQUAL(rm_list_get(session, 0, &for_ever, &list, &pins), 0);
    CHECK(answer_skips(list, RMX_SKIP_BLOCKED, (uint32_t)h.pid) && answer_row(list, h.pid) < 0);
    CHECK_EQUAL(list->app_count, 1);
    CHECK_EQUAL(rm_host_pin_process(pins[0]).dwProcessId, other.pid);
    end_locked(&h);
    CHECK_EQUAL(count_descriptors(), before + 1);
    CHECK(!rm_host_pin_ended(pins[0]));
    rm_host_pins_free(pins, list->app_count);
    free(list);
    CHECK_EQUAL(count_descriptors(), before);
    holder_stop(&other);
    rm_session_unref(session);
}

/* ---- names ---- */

static void wide(const char *text, WCHAR *ret)
{
    while ((*ret++ = (WCHAR)(unsigned char)*text++))
        ;
}

static void test_registering_a_name_on_a_dead_mount(void)
{
    WCHAR good[PATH_MAX], dead[64];
    LPCWSTR names[] = {good, NULL, dead};
    DWORD handle;
    UINT bad = 0;
    RMX_LIST *list;
    wide(local, good);
    wide("dead/b5", dead);
    struct holder h = holder_start(hold_open, "dead/a5");
    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    fuse_stop(&server);
    CHECK_EQUAL(RmxRegisterResources(handle, 3, names, 0, NULL, 0, NULL, 0, 300, NULL, &bad), ERROR_SEM_TIMEOUT);
    CHECK_EQUAL(bad, 2);
    CHECK_EQUAL(RmxGetList(handle, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->app_count, 0); /* ours: nothing at all has been registered */
    RmxFreeList(list);
    names[2] = NULL;
    CHECK_EQUAL(RmxRegisterResources(handle, 3, names, 0, NULL, 0, NULL, 0, RMX_TIMEOUT_DEFAULT, NULL, &bad),
                ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetList(handle, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    CHECK_EQUAL(answer_kinds(list, h.pid), OPEN);
    RmxFreeList(list);
    fuse_continue(&server);
    await_threads();
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    holder_stop(&h);
}

static void test_looking_again_for_a_missing_file(void)
{
    WCHAR good[PATH_MAX], missing[2][64];
    LPCWSTR names[] = {missing[0], good, missing[1]};
    DWORD handle;
    RMX_LIST *list;
    wide(local, good);
    wide("dead/c6", missing[0]);
    wide("dead/c7", missing[1]);
    struct holder h = holder_start(hold_open, "dead/a6");
    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(handle, 3, names, 0, NULL, 0, NULL), ERROR_SUCCESS);
    fuse_stop(&server);
    for (int again = 0; again < 2; again++) {
        CHECK_EQUAL(RmxGetList(handle, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
        CHECK_EQUAL(answer_kinds(list, h.pid), OPEN);
        CHECK(answer_skips(list, RMX_SKIP_FILE, 0) && !list->missing_count);
        CHECK_EQUAL(rm_stuck_count(), 2); /* the second list has left no more behind */
        RmxFreeList(list);
    }
    fuse_continue(&server);
    await_threads();
    CHECK_EQUAL(RmxGetList(handle, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    CHECK(!answer_skips(list, RMX_SKIP_FILE, 0) && list->missing_count == 2);
    RmxFreeList(list);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    holder_stop(&h);
}

static void test_a_filter_for_a_program_on_a_dead_mount(void)
{
    WCHAR name[PATH_MAX];
    char path[PATH_MAX];
    DWORD handle;
    CHECK(realpath("dead", path));
    strcat(path, "/b8");
    wide(path, name);
    CHECK_EQUAL(RmxStartSession(&handle, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmAddFilter(handle, name, NULL, NULL, RmNoShutdown), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

/* It is known by its name alone then. */
static void test_a_critical_program_on_a_dead_mount(void)
{
    struct rm_critical critical = {0};
    char path[PATH_MAX];
    CHECK(realpath("dead", path));
    strcat(path, "/c0");
    fuse_stop(&server);
    CHECK_EQUAL(rm_critical_add(&critical, path), 0);
    CHECK(rm_critical_has(&critical, &(struct rm_program){.exe = path}));
    fuse_continue(&server);
    await_threads();
    rm_critical_done(&critical);
}

/* ---- many names ---- */

/* With a second processor two workers share them: one of them gets stuck, the other looks up the rest. */
static void test_many_names_of_which_one_is_on_a_dead_mount(void)
{
    enum { MANY = 1000, DEAD = 300 };
    struct rm_wait soon = {.cancel_fd = -1}, never = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};
    struct rm_names names = {0};
    uint32_t at = 0;
    for (int i = 0; i < MANY; i++)
        CHECK_EQUAL(rm_names_add(&names, i == DEAD ? "dead/b7" : i % 2 ? "/proc/self/exe" : "/proc/self/nothing"), 0);
    fuse_stop(&server);
    soon.deadline = rm_host_now() + 300000000;
    CHECK_EQUAL(rm_host_identify_all(&names, false, &soon, &at), -ETIMEDOUT);
    CHECK_EQUAL(at, DEAD);
    CHECK_EQUAL(rm_host_identify_all(&names, true, &never, &at), 0);
    for (int i = 0; i < MANY; i++) {
        unsigned wanted = i == DEAD ? RM_ID_DENIED : i % 2 ? 0 : RM_ID_MISSING;
        CHECK_EQUAL(names.ids[i].flags & (RM_ID_DENIED | RM_ID_MISSING), wanted);
        CHECK(wanted || names.ids[i].inode == names.ids[1].inode);
    }
    fuse_continue(&server);
    await_threads();
    rm_names_done(&names);
}

/* ---- the limit ---- */

/* When too many threads have been left behind, what would need one more is given up at once. */
static void test_too_many_threads_left_behind(void)
{
    struct rm_wait soon = {.deadline = 0, .cancel_fd = -1}, never = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};
    char path[PATH_MAX];
    uint32_t at = 0;
    struct rm_names names = {0}, one = {0};
    fuse_stop(&server);
    CHECK_EQUAL(rm_names_add(&one, "dead/b9"), 0);
    while (rm_stuck_has_room()) {
        soon.deadline = rm_host_now() + 20000000;
        CHECK_EQUAL(rm_host_identify_all(&one, false, &soon, &at), -ETIMEDOUT);
    }
    CHECK_EQUAL(rm_stuck_count(), RM_STUCK_MAX);
    CHECK_EQUAL(rm_host_identify_all(&one, false, &never, &at), -ETIMEDOUT);
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof(path), "%s", i == 7 ? "dead/b9" : "/proc/self/status");
        CHECK_EQUAL(rm_names_add(&names, path), 0);
    }
    CHECK_EQUAL(rm_host_identify_all(&names, true, &never, &at), 0);
    for (int i = 0; i < 40; i++)
        CHECK(names.ids[i].flags & RM_ID_DENIED);
    struct question q = question_about("/proc/self/exe");
    RMX_LIST *list = question_ask(&q);
    CHECK(answer_skips(list, RMX_SKIP_BLOCKED, (uint32_t)getpid()) && list->app_count == 0);
    free(list);
    fuse_continue(&server);
    await_threads();
    CHECK_EQUAL(rm_host_identify_all(&names, true, &never, &at), 0);
    for (int i = 0; i < 40; i++)
        CHECK(!(names.ids[i].flags & RM_ID_DENIED));
    question_done(&q);
    rm_names_done(&names), rm_names_done(&one);
}

static void all(void)
{
    RUN(test_a_process_that_has_a_dead_file_open);
    RUN(test_a_process_that_has_a_dead_file_mapped);
    RUN(test_a_process_that_holds_a_dead_file_by_another_name);
    RUN(test_an_open_in_progress);
    RUN(test_a_process_stuck_in_a_page_fault);
    RUN(test_a_process_whose_memory_is_locked);
    RUN(test_pins_while_a_process_is_stuck);
    RUN(test_registering_a_name_on_a_dead_mount);
    RUN(test_looking_again_for_a_missing_file);
    RUN(test_a_filter_for_a_program_on_a_dead_mount);
    RUN(test_a_critical_program_on_a_dead_mount);
    RUN(test_many_names_of_which_one_is_on_a_dead_mount);
    RUN(test_too_many_threads_left_behind);
}

int main(void)
{
    if (!dead_world_enter())
        return SKIPPED;
    for (int query = 0; query <= rm_maps_can_query(); query++) {
        way.query = query;
        way.share_from = (uint32_t)query; /* and by two workers, of whom one gets stuck */
        printf("-- %s\n", query ? "query" : "text");
        all();
    }
    dead_world_leave();
    return 0;
}
