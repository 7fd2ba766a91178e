/* SPDX-License-Identifier: MIT
 *
 * Who holds a file: each way of holding one, by a real process.  Everything is
 * run by each way of reading maps, and as a user without privileges too.
 */
#include "hold.h"
#include "reader.h"

#include <pthread.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/sysmacros.h>

static void expect(void (*hold)(const char *), const char *path, unsigned kinds)
{
    struct question q = question_about(path);
    struct holder h = holder_start(hold, path);
    CHECK_EQUAL(question_kinds(&q, h.pid), kinds);
    holder_stop(&h);
    CHECK_EQUAL(question_kinds(&q, h.pid), 0);
    question_done(&q);
}

static void test_each_way_of_holding(void)
{
    make("file");
    copy_program("/bin/cat", "program");
    expect(hold_open, "file", OPEN);
    expect(hold_map, "file", MAPPED);
    expect(hold_executable, "program", EXECUTABLE | MAPPED);
    unlink("file");
    unlink("program");
}

static void test_other_names(void)
{
    make("file");
    CHECK(link("file", "hard") == 0 && symlink("file", "soft") == 0);
    make("raw-\xff\xfe\n(deleted)");
    struct question q = question_about("hard");
    struct holder h = holder_start(hold_map, "file");
    CHECK_EQUAL(question_kinds(&q, h.pid), MAPPED);
    question_done(&q);
    q = question_about("soft");
    CHECK_EQUAL(question_kinds(&q, h.pid), MAPPED);
    question_done(&q);
    holder_stop(&h);
    expect(hold_map, "raw-\xff\xfe\n(deleted)", MAPPED);
    unlink("file"), unlink("hard"), unlink("soft"), unlink("raw-\xff\xfe\n(deleted)");
}

static void after_deletion(void (*hold)(const char *), unsigned kinds)
{
    copy_program("/bin/cat", "file");
    struct question q = question_about("file");
    struct holder h = holder_start(hold, "file");
    CHECK(unlink("file") == 0);
    /* A map alone of a file without a name needs map_files; without it the answer says that it is uncertain.  A
     * program that runs is known by itself, and what it maps of itself by that. */
    if (!confirms && kinds == MAPPED) {
        CHECK_EQUAL(question_skips(&q, RMX_SKIP_UNCERTAIN, h.pid), 1);
        kinds = 0;
    } else {
        CHECK_EQUAL(question_skips(&q, RMX_SKIP_UNCERTAIN, h.pid), 0);
    }
    CHECK_EQUAL(question_kinds(&q, h.pid), kinds ? kinds | DELETED : 0);
    holder_stop(&h);
    question_done(&q);
}

static void test_deleted(void)
{
    after_deletion(hold_open, OPEN);
    after_deletion(hold_map, MAPPED);
    after_deletion(hold_executable, EXECUTABLE | MAPPED);
}

static void test_replaced_by_rename(void)
{
    make("file");
    make("new");
    struct question before = question_about("file");
    struct holder old = holder_start(hold_open, "file");
    CHECK(rename("new", "file") == 0);
    struct question after = question_about("file");
    struct holder young = holder_start(hold_open, "file");
    CHECK_EQUAL(question_kinds(&before, old.pid), OPEN | DELETED);
    CHECK_EQUAL(question_kinds(&before, young.pid), 0);
    CHECK_EQUAL(question_kinds(&after, old.pid), 0);
    CHECK_EQUAL(question_kinds(&after, young.pid), OPEN);
    holder_stop(&old), holder_stop(&young);
    question_done(&before), question_done(&after);
    unlink("file");
}

static void test_current_directory_is_no_use(void)
{
    struct question q = question_new();
    struct rm_identity id;
    CHECK(mkdir("folder", 0700) == 0 && rm_host_identify("folder", &id) == 0 && id.flags & RM_ID_DIRECTORY);
    id.flags &= ~(uint32_t)RM_ID_DIRECTORY; /* the core refuses directories: ask the scanner all the same */
    rm_resources_add_file(q.resources, "folder", &id);
    struct holder h = holder_start(hold_directory, "folder");
    CHECK_EQUAL(question_kinds(&q, h.pid), 0);
    holder_stop(&h);
    question_done(&q);
    CHECK(rmdir("folder") == 0);
}

/* The registered file has gone and another is given its number: whoever holds that one is innocent. */
static void test_number_given_to_another_file(void)
{
    struct rm_identity id, other = {0};
    char name[32];
    int made = 0;
    make("file");
    CHECK_EQUAL(rm_host_identify("file", &id), 0);
    struct question q = question_about("file");
    CHECK(unlink("file") == 0);
    for (int tries = 0; made < 100 && tries < 100000 && (tries == 0 || rm_identity_equal(&id, &other) ||
                                                         other.inode != id.inode); tries++) {
        snprintf(name, sizeof(name), "next-%d", made);
        make(name);
        CHECK_EQUAL(rm_host_identify(name, &other), 0);
        /* Born in the same tick of the clock that birth times are taken from: not yet another birth time. */
        if (rm_identity_equal(&id, &other))
            CHECK(unlink(name) == 0);
        else
            made++;
    }
    if (other.inode != id.inode) {
        /* This file system does not give numbers again: a registered birth time that is not this file's is the same. */
        question_done(&q);
        q = question_new();
        CHECK(other.flags & RM_ID_BTIME);
        id = other;
        id.btime ^= 1;
        rm_resources_add_file(q.resources, "file", &id);
    }
    struct holder opened = holder_start(hold_open, name), mapped = holder_start(hold_map, name);
    RMX_LIST *list = question_ask(&q);
    CHECK_EQUAL(answer_row(list, opened.pid), -1);
    CHECK_EQUAL(answer_row(list, mapped.pid), -1);
    /* Not even uncertain: the map's own path shows whose number it is now. */
    CHECK(!answer_skips(list, RMX_SKIP_UNCERTAIN, (uint32_t)mapped.pid));
    free(list);

    /* The same with the new file under the old name. */
    CHECK(rename(name, "file") == 0);
    list = question_ask(&q);
    CHECK(answer_row(list, opened.pid) == -1 && answer_row(list, mapped.pid) == -1);
    free(list);
    holder_stop(&opened), holder_stop(&mapped);
    question_done(&q);
    unlink("file");
    while (made-- > 0) {
        snprintf(name, sizeof(name), "next-%d", made);
        unlink(name);
    }
}

/* Memory that looks like files: the registered identity has its number, on a file system whose device says nothing. */
static void hold_memory(const char *unused)
{
    int fd = memfd_create("held", MFD_CLOEXEC), id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    int zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
    (void)unused;
    CHECK(fd >= 0 && ftruncate(fd, 4096) == 0 && id >= 0 && zero >= 0);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
    CHECK(shmat(id, NULL, SHM_RDONLY) != (void *)-1 && shmctl(id, IPC_RMID, NULL) == 0);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, zero, 0) != MAP_FAILED);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    close(fd), close(zero);
}

static void test_memory_is_no_file(void)
{
    struct holder h = holder_start(hold_memory, NULL);
    struct question q = question_new();
    struct rm_maps maps;
    struct rm_map map;
    char name[32], path[4200];
    int seen = 0;
    snprintf(name, sizeof(name), "/proc/%d/maps", h.pid);
    CHECK_EQUAL(rm_maps_open(&maps, AT_FDCWD, name, way.query), 0);
    while (rm_maps_next(&maps, &map) > 0) {
        CHECK_EQUAL(rm_maps_path(&maps, &map, path, sizeof(path)), 0);
        if (strncmp(path, "/memfd:", 7) != 0 && strncmp(path, "/SYSV", 5) != 0 && strncmp(path, "/dev/zero", 9) != 0)
            continue;
        struct rm_identity id = {.device = 0xffffffff, .inode = map.inode, .flags = RM_ID_BTIME | RM_ID_ODD_DEVICE};
        rm_resources_add_file(q.resources, "/nowhere", &id);
        seen++;
    }
    rm_maps_done(&maps);
    CHECK(seen >= 3);
    RMX_LIST *list = question_ask(&q);
    CHECK_EQUAL(answer_row(list, h.pid), -1);
    CHECK(!answer_skips(list, RMX_SKIP_UNCERTAIN, (uint32_t)h.pid));
    free(list);
    question_done(&q);
    holder_stop(&h);
}

/* ---- threads ---- */

static const char *thread_file;
static pthread_t first_thread;

static void *open_in_own_table(void *unused)
{
    (void)unused;
    CHECK(unshare(CLONE_FILES) == 0 && open(thread_file, O_RDONLY) >= 0);
    holder_ready();
    holder_wait();
    return NULL;
}

static void hold_in_thread(const char *path)
{
    pthread_t thread;
    thread_file = path;
    CHECK_EQUAL(pthread_create(&thread, NULL, open_in_own_table, NULL), 0);
    pthread_join(thread, NULL);
}

/* Ended, as /proc shows it: the join is over a moment before. */
static void wait_for_zombie(void)
{
    char text[RM_STAT_SIZE];
    struct rm_stat stat;
    do {
        long n = rm_procfs_read(AT_FDCWD, "/proc/self/stat", text, sizeof(text));
        CHECK(n > 0 && rm_stat_parse(text, (size_t)n, &stat) == 0);
        sched_yield();
    } while (stat.state != 'Z');
}

static void *outlive_first(void *hold)
{
    CHECK_EQUAL(pthread_join(first_thread, NULL), 0);
    wait_for_zombie();
    (*(void (**)(const char *))hold)(thread_file);
    holder_ready();
    holder_wait();
    return NULL;
}

static void hold_without_first(void (*hold)(const char *), const char *path)
{
    static void (*how)(const char *);
    pthread_t thread;
    how = hold;
    thread_file = path;
    first_thread = pthread_self();
    CHECK_EQUAL(pthread_create(&thread, NULL, outlive_first, &how), 0);
    pthread_exit(NULL);
}

static void open_without_first(const char *path)
{
    hold_without_first(hold_open, path);
}

static void map_without_first(const char *path)
{
    hold_without_first(hold_map, path);
}

static void test_threads(void)
{
    make("file");
    expect(hold_in_thread, "file", OPEN);
    expect(open_without_first, "file", OPEN);
    expect(map_without_first, "file", MAPPED);
    unlink("file");
}

static void test_executable_of_a_process_without_first_thread(void)
{
    struct question q = question_about("/proc/self/exe");
    make("file");
    struct holder h = holder_start(open_without_first, "file");
    CHECK_EQUAL(question_kinds(&q, h.pid), EXECUTABLE | MAPPED);
    holder_stop(&h);
    question_done(&q);
    unlink("file");
}

static void test_deadline_and_cancellation(void)
{
    make("file");
    struct question q = question_about("file");
    struct rm_answer *answer;
    int fds[2];
    CHECK(rm_answer_new(&answer) == 0 && pipe2(fds, O_CLOEXEC) == 0);
    struct rm_wait wait = {.deadline = rm_host_now(), .cancel_fd = -1};
    struct rm_scan scan = {.resources = q.resources, .wait = &wait};
    CHECK_EQUAL(rm_pass_run(&scan, &way, answer), -ETIMEDOUT);
    wait = (struct rm_wait){.deadline = RM_NO_DEADLINE, .cancel_fd = fds[0]};
    CHECK_EQUAL(rm_pass_run(&scan, &way, answer), 0);
    CHECK(write(fds[1], "", 1) == 1);
    CHECK_EQUAL(rm_pass_run(&scan, &way, answer), -ECANCELED);
    close(fds[0]), close(fds[1]);
    rm_answer_free(answer);
    question_done(&q);
    unlink("file");
}

static void test_identities(void)
{
    struct rm_identity id;
    CHECK(rm_host_identify("nothing", &id) == 0 && id.flags == RM_ID_MISSING && !id.inode);
    make("file");
    CHECK(rm_host_identify("file/below", &id) == 0 && id.flags == RM_ID_MISSING);
    CHECK(symlink("nothing", "soft") == 0 && rm_host_identify("soft", &id) == 0 && id.flags == RM_ID_MISSING);
    CHECK(symlink("loop", "loop") == 0 && rm_host_identify("loop", &id) == 0 && id.flags == RM_ID_DENIED);
    CHECK(rm_host_identify(".", &id) == 0 && id.flags & RM_ID_DIRECTORY);
    struct stat st;
    CHECK(stat("file", &st) == 0 && rm_host_identify("file", &id) == 0);
    CHECK(id.inode == st.st_ino && id.device == ((uint64_t)major(st.st_dev) << 32 | minor(st.st_dev)));
    unlink("file"), unlink("soft"), unlink("loop");
}

static void each(void)
{
    RUN(test_identities);
    RUN(test_each_way_of_holding);
    RUN(test_other_names);
    RUN(test_deleted);
    RUN(test_replaced_by_rename);
    RUN(test_current_directory_is_no_use);
    RUN(test_number_given_to_another_file);
    RUN(test_memory_is_no_file);
    RUN(test_threads);
    RUN(test_executable_of_a_process_without_first_thread);
    RUN(test_deadline_and_cancellation);
}

/* By one worker, and by two. */
static void all(void)
{
    for (way.share_from = 0; way.share_from < 2; way.share_from++)
        each();
}

int main(void)
{
    as_everybody(all);
    return 0;
}
