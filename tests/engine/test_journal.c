/* SPDX-License-Identifier: MIT */
#include "journals.h"
#include "left_behind.h"
#include "lock.h"
#include "roles.h"
#include "sandbox.h"
#include "store.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>

/* The path of the one journal in the store; "" if there is none. */
static const char *journal_path(void)
{
    static char path[300];
    DIR *dir = opendir("/run/rmcy");
    struct dirent *entry;

    *path = 0;
    CHECK(dir);
    while ((entry = readdir(dir)))
        if (!strncmp(entry->d_name, "w-", 2)) {
            CHECK(!*path);
            snprintf(path, sizeof path, "/run/rmcy/%s", entry->d_name);
        }
    closedir(dir);
    return path;
}

static void check_none_is_left(void)
{
    CHECK(!adopt());
    CHECK(!*journal_path());
}

static void test_a_journal_outlives_its_owner(void)
{
    struct rm_journal *journal;

    IN_A_PROCESS({
        journal = new_journal();
        write_stop(journal, "a.service");
        write_stop(journal, "b.service");
        write_stop(journal, "c.service");
        write_back(journal, "b.service");
    });
    journal = adopt();
    CHECK(journal);
    CHECK(!strcmp(what_is_stopped(journal), "a.service c.service"));
    write_back(journal, "c.service");
    CHECK(!strcmp(what_is_stopped(journal), "a.service"));
    rm_host_journal_end_take(journal);
    check_none_is_left();
}

static void test_a_living_owner_keeps_it(void)
{
    struct rm_journal *journal = new_journal();

    write_stop(journal, "a.service");
    CHECK(!adopt());
    IN_A_PROCESS(CHECK(!adopt()));
    rm_host_journal_end_take(journal);
    check_none_is_left();
}

static void test_a_forked_child_has_none(void)
{
    struct rm_journal *journal = new_journal();
    bool last;

    IN_A_PROCESS({
        CHECK_EQUAL(try_to_write(journal, RM_ENTRY_STOP, "a.service"), -EBADF);
        CHECK_EQUAL(rm_host_journal_claim(journal, "a.service", &for_ever), -EBADF);
        CHECK_EQUAL(rm_host_journal_unclaim(journal, "a.service", &for_ever, &last), -EBADF);
        CHECK_EQUAL(rm_host_journal_read(journal, rm_stopped_fold_bytes, NULL), -EBADF);
        rm_host_journal_abandon_take(journal);
    });
    IN_A_PROCESS(rm_host_journal_end_take(journal));
    write_stop(journal, "a.service");
    CHECK(!adopt());
    rm_host_journal_end_take(journal);
}

/* The child outlives its parent, which is the owner all the same. */
static void test_a_forked_child_is_not_the_owner(void)
{
    struct rm_journal *journal;
    int channel[2];
    pid_t child;

    CHECK(pipe(channel) == 0);
    IN_A_PROCESS({
        write_stop(new_journal(), "a.service");
        SPAWN(child, pause());
        CHECK(write(channel[1], &child, sizeof child) == sizeof child);
    });
    CHECK(read(channel[0], &child, sizeof child) == sizeof child);
    journal = adopt();
    CHECK(journal);
    rm_host_journal_end_take(journal);
    CHECK(kill(child, SIGKILL) == 0);
    close(channel[0]);
    close(channel[1]);
}

static void test_it_can_be_let_go_of(void)
{
    struct rm_journal *journal = new_journal();

    write_stop(journal, "a.service");
    rm_host_journal_abandon_take(journal);
    journal = adopt();
    CHECK(journal && !strcmp(what_is_stopped(journal), "a.service"));
    CHECK(!adopt());
    rm_host_journal_abandon_take(journal);
    IN_A_PROCESS(CHECK(adopt())); /* and dies with it */
    journal = adopt();
    CHECK(journal && !strcmp(what_is_stopped(journal), "a.service"));
    rm_host_journal_end_take(journal);
    check_none_is_left();
}

static void test_one_with_nothing_stopped_is_nobodys(void)
{
    IN_A_PROCESS({
        struct rm_journal *journal = new_journal();

        write_stop(journal, "a.service");
        write_back(journal, "a.service");
    });
    CHECK(*journal_path());
    start();
    CHECK(!*journal_path()); /* swept */
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    IN_A_PROCESS(new_journal());
    check_none_is_left();
}

/* A kill can stop a write after any byte. */
static void test_a_torn_end_is_cut_off(void)
{
    struct stat st;
    char copy[4096];
    off_t whole;
    int fd;

    LEAVE_BEHIND("a.service");
    CHECK(stat(journal_path(), &st) == 0);
    whole = st.st_size;
    IN_A_PROCESS({
        struct rm_journal *journal = adopt();

        write_stop(journal, "b.service");
    });
    CHECK(stat(journal_path(), &st) == 0 && st.st_size < (off_t)sizeof copy);
    fd = open(journal_path(), O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && pread(fd, copy, sizeof copy, 0) == st.st_size);
    for (off_t end = whole; end < st.st_size; end++) {
        CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, copy, (size_t)end, 0) == end);
        IN_A_PROCESS({
            struct rm_journal *journal = adopt();

            CHECK(journal && !strcmp(what_is_stopped(journal), "a.service"));
            write_stop(journal, "c.service");
            CHECK(!strcmp(what_is_stopped(journal), "a.service c.service"));
        });
    }
    close(fd);
    rm_host_journal_end_take(adopt());
    check_none_is_left();
}

/* One that was written by another owner than this process. */
static void make_with_owner(const struct rm_owner *owner)
{
    struct rm_entry entry = an_item("a.service", 1);
    struct rm_journal_head head;
    struct rm_log log = {0};
    void *data;
    size_t size;
    int fd = open("/run/rmcy/w-0123456789abcdef", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    CHECK(fd >= 0);
    rm_journal_head_init(&head, owner, "label", "");
    CHECK_EQUAL(rm_journal_append(fd, &log, RM_JOURNAL_OWNER, &head, sizeof head), 0);
    CHECK_EQUAL(rm_entry_encode(&entry, &data, &size), 0);
    CHECK_EQUAL(rm_journal_append(fd, &log, RM_JOURNAL_ENTRY, data, size), 0);
    CHECK_EQUAL(rm_journal_append(fd, &log, RM_JOURNAL_CLAIM, "a", 2), 0);
    free(data);
    close(fd);
}

static void test_another_boot_has_left_nothing(void)
{
    struct rm_owner owner;

    CHECK_EQUAL(rm_owner_self(&owner), 0);
    owner.boot[3] ^= 1;
    make_with_owner(&owner);
    check_none_is_left();
    make_with_owner(&owner);
    start();
    CHECK(!*journal_path());
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

static void test_a_foreign_owner_is_not_judged(void)
{
    struct rm_journal *journal = new_journal();
    struct rm_owner owner;
    bool last;

    rm_host_journal_end_take(journal);
    CHECK_EQUAL(rm_owner_self(&owner), 0);
    owner.namespace ^= 1;
    make_with_owner(&owner);
    CHECK(!adopt());
    journal = new_journal();
    CHECK_EQUAL(rm_host_journal_unclaim(journal, "a", &for_ever, &last), 0);
    CHECK(!last); /* perhaps it lives */
    rm_host_journal_end_take(journal);
    CHECK(unlink("/run/rmcy/w-0123456789abcdef") == 0);
}

static void test_what_is_no_journal_is_left_alone(void)
{
    static const char *const wrong[] = {"", "no journal at all, but longer than a record's frame"};

    for (unsigned i = 0; i < 2; i++) {
        write_file("/run/rmcy/w-0123456789abcdef", wrong[i]);
        CHECK(chmod("/run/rmcy/w-0123456789abcdef", 0600) == 0);
        CHECK(!adopt());
        start();
        CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
        CHECK(unlink("/run/rmcy/w-0123456789abcdef") == 0);
    }
    CHECK(mkfifo("/run/rmcy/w-0123456789abcdef", 0600) == 0);
    CHECK(!adopt());
    CHECK(unlink("/run/rmcy/w-0123456789abcdef") == 0);
}

#define ADOPTERS 8
#define LEFT 40

static void test_each_is_adopted_once(void)
{
    pid_t adopters[ADOPTERS];
    struct gate gate;
    unsigned *adopted = shared_memory(ADOPTERS * sizeof *adopted), sum = 0;

    for (int i = 0; i < LEFT; i++)
        LEAVE_BEHIND("a.service");
    gate_init(&gate);
    for (int i = 0; i < ADOPTERS; i++)
        SPAWN(adopters[i], {
            struct rm_journal *journal;

            gate_wait(&gate);
            while ((journal = adopt())) {
                CHECK(!strcmp(what_is_stopped(journal), "a.service"));
                rm_host_journal_end_take(journal);
                adopted[i]++;
            }
        });
    gate_open(&gate);
    for (int i = 0; i < ADOPTERS; i++) {
        expect_success(adopters[i]);
        sum += adopted[i];
    }
    CHECK_EQUAL(sum, LEFT);
    check_none_is_left();
}

static void test_the_store_vanishes(void)
{
    struct rm_journal *journal = new_journal();
    bool last;

    CHECK_EQUAL(rm_host_journal_claim(journal, "a", &for_ever), 0);
    write_stop(journal, "a.service");
    CHECK(system("rm -rf /run/rmcy") == 0);
    CHECK_EQUAL(try_to_write(journal, RM_ENTRY_BACK, "a.service"), -ESTALE);
    CHECK_EQUAL(rm_host_journal_read(journal, rm_stopped_fold_bytes, NULL), -ESTALE);
    CHECK_EQUAL(rm_host_journal_claim(journal, "b", &for_ever), -ESTALE);
    CHECK_EQUAL(rm_host_journal_unclaim(journal, "a", &for_ever, &last), 0);
    CHECK(last);
    rm_host_journal_end_take(journal);

    journal = new_journal(); /* makes the store again */
    CHECK(unlink(journal_path()) == 0);
    CHECK_EQUAL(try_to_write(journal, RM_ENTRY_STOP, "a.service"), -ESTALE);
    CHECK_EQUAL(rm_host_journal_unclaim(journal, "a", &for_ever, &last), 0);
    CHECK(last);
    rm_host_journal_end_take(journal);
    check_none_is_left();
}

static void test_a_full_store_takes_nothing_and_loses_nothing(void)
{
    struct rm_journal *journal = new_journal(), *another;
    struct stat before, after;
    char *name = malloc(200000);

    CHECK(name);
    memset(name, 'a', 199999);
    name[199999] = 0;
    write_stop(journal, "a.service");
    fill_run();
    CHECK(stat(journal_path(), &before) == 0);
    CHECK_EQUAL(try_to_write(journal, RM_ENTRY_STOP, name), -ENOSPC);
    CHECK(stat(journal_path(), &after) == 0);
    CHECK_EQUAL(before.st_size, after.st_size);
    CHECK_EQUAL(rm_host_journal_new(NULL, &for_ever, &another), -ENOSPC);
    CHECK(unlink("/run/filler") == 0);
    CHECK(!strcmp(what_is_stopped(journal), "a.service"));
    write_stop(journal, "b.service");
    CHECK(!strcmp(what_is_stopped(journal), "a.service b.service"));
    rm_host_journal_end_take(journal);
    free(name);
    check_none_is_left();
}

static void test_the_lock_is_waited_for_in_vain(void)
{
    struct rm_journal *journal = new_journal(), *another = NULL;
    struct rm_wait at_once = {.deadline = 1, .cancel_fd = -1};
    int ready[2];
    struct gate go;
    pid_t holder;
    bool last;

    CHECK(pipe(ready) == 0);
    gate_init(&go);
    SPAWN(holder, {
        int store = rm_store_open("/run/rmcy");
        struct rm_lock lock;

        CHECK_EQUAL(rm_lock_acquire(store, &for_ever, &lock), 0);
        report(ready);
        gate_wait(&go);
    });
    await_report(ready);
    CHECK_EQUAL(rm_host_journal_claim(journal, "a", &at_once), -ETIMEDOUT);
    CHECK_EQUAL(rm_host_journal_unclaim(journal, "a", &at_once, &last), -ETIMEDOUT);
    CHECK_EQUAL(rm_host_journal_new(NULL, &at_once, &another), -ETIMEDOUT);
    CHECK_EQUAL(rm_host_journal_adopt(&at_once, &another), -ETIMEDOUT);
    CHECK(!another);
    write_stop(journal, "a.service"); /* nobody else writes into it */
    gate_open(&go);
    expect_success(holder);
    rm_host_journal_end_take(journal);
    check_none_is_left();
    close(ready[0]);
    close(ready[1]);
}

int main(void)
{
    sandbox_enter("size=1m");
    RUN(test_a_journal_outlives_its_owner);
    RUN(test_a_living_owner_keeps_it);
    RUN(test_a_forked_child_has_none);
    RUN(test_a_forked_child_is_not_the_owner);
    RUN(test_it_can_be_let_go_of);
    RUN(test_one_with_nothing_stopped_is_nobodys);
    RUN(test_a_torn_end_is_cut_off);
    RUN(test_another_boot_has_left_nothing);
    RUN(test_a_foreign_owner_is_not_judged);
    RUN(test_what_is_no_journal_is_left_alone);
    RUN(test_each_is_adopted_once);
    RUN(test_the_store_vanishes);
    RUN(test_a_full_store_takes_nothing_and_loses_nothing);
    RUN(test_the_lock_is_waited_for_in_vain);
    return 0;
}
