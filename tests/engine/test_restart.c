/* SPDX-License-Identifier: MIT
 *
 * RmRestart and what surrounds it: what comes back and as what, what does not,
 * the journal that is there meanwhile, and the store that is not.
 */
#include "acting.h"

#include <dirent.h>

static UINT count_left(void)
{
    UINT count;
    DWORD handle;

    CHECK_EQUAL(RmStartSession(&handle, 0, session_key), ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetLeftStopped(handle, &count), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    return count;
}

/* How many journals are in the store: one for each session that has stopped something. */
static int count_journals(void)
{
    DIR *store = opendir("/run/rmcy");
    struct dirent *entry;
    int n = 0;

    CHECK(store);
    while ((entry = readdir(store)))
        n += !strncmp(entry->d_name, "w-", 2);
    closedir(store);
    return n;
}

static void test_out_of_sequence(void)
{
    RMX_ACCOUNT *account;

    begin();
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_REQUEST_OUT_OF_SEQUENCE);
    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_DEFAULT, &account), ERROR_REQUEST_OUT_OF_SEQUENCE);
    CHECK_EQUAL(account->item_count, 0);
    CHECK_EQUAL(account->phase, RMX_PHASE_RESTART);
    RmxFreeAccount(account);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS); /* ours */
    CHECK_EQUAL(RmxLeaveStopped(session), ERROR_SUCCESS);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_REQUEST_OUT_OF_SEQUENCE);
    CHECK_EQUAL(RmxLeaveStopped(session), ERROR_SUCCESS);
    end();
}

/* As on Windows, who has not registered for it stays closed; that is no failure (ours). */
static void test_nobody_knows_how(void)
{
    struct told told = {0};
    RMX_ACCOUNT *account;
    struct holder h;

    begin();
    h = holder_start(hold, FILE_NAME);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    CHECK_EQUAL(RmxRestart(session, take_progress, &told, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK(told.count == 3 && told.last == 100 && told.phase == RMX_PHASE_RESTART);
    CHECK_EQUAL(account->item_count, 1);
    CHECK_EQUAL(the_item(account, &h)->failure, RMX_FAIL_NO_WAY);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusStopped);
    CHECK_EQUAL(the_item(account, &h)->now.dwProcessId, 0);
    RmxFreeAccount(account);
    CHECK_EQUAL(listed_status(h.pid), RmStatusStopped);

    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK_EQUAL(account->item_count, 0); /* ours: there is nothing more to do */
    RmxFreeAccount(account);
    end();
}

/* ---- programs that come back ---- */

#define FIFO "/run/back"

/* What a program is when it has been started again. */
static int be_back(void)
{
    pid_t pid = getpid();
    int fifo = open(FIFO, O_WRONLY);

    hold(FILE_NAME);
    CHECK(fifo >= 0 && write(fifo, &pid, sizeof pid) == sizeof pid);
    for (;;)
        pause();
}

static void register_and_hold(const char *path)
{
    const char *arguments[] = {"back"};
    RMX_RELAUNCH how = {.size = sizeof how, .arguments = arguments, .argument_count = 1};

    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_SUCCESS);
    hold(path);
}

static int open_fifo(void)
{
    int fifo;

    CHECK(mkfifo(FIFO, 0600) == 0);
    fifo = open(FIFO, O_RDWR | O_CLOEXEC);
    CHECK(fifo >= 0);
    return fifo;
}

static void test_who_registered_comes_back_once(void)
{
    RMX_ACCOUNT *account;
    const RMX_ITEM *item;
    struct holder h;
    pid_t back;
    int fifo;

    begin();
    fifo = open_fifo();
    h = holder_start(register_and_hold, FILE_NAME);
    CHECK_EQUAL(shut_down(RmShutdownOnlyRegistered, &account), ERROR_SUCCESS);
    CHECK_EQUAL(the_item(account, &h)->back, RMX_BACK_REGISTERED);
    RmxFreeAccount(account);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    CHECK_EQUAL(count_journals(), 1);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS); /* once more, with nobody left */

    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK(read(fifo, &back, sizeof back) == sizeof back);
    CHECK_EQUAL(account->item_count, 1);
    item = the_item(account, &h);
    CHECK_EQUAL(item->now.dwProcessId, back);
    CHECK(item->flags & RMX_ITEM_VERIFIED);
    CHECK_EQUAL(item->failure, RMX_FAIL_NONE);
    CHECK_EQUAL(item->status, RmStatusRunning | RmStatusStopped | RmStatusRestarted);
    RmxFreeAccount(account);
    CHECK_EQUAL(listed_status(back), RmStatusRunning | RmStatusStopped | RmStatusRestarted);
    CHECK_EQUAL(listed_status(h.pid), 0); /* it is the other one now */
    CHECK_EQUAL(count_journals(), 0);

    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_SUCCESS);
    CHECK(fcntl(fifo, F_SETFL, O_NONBLOCK) == 0 && read(fifo, &back, sizeof back) < 0); /* nothing twice */
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS); /* what came back can be stopped again */
    CHECK_EQUAL(listed_status(back), RmStatusStopped | RmStatusRestarted);
    CHECK_EQUAL(listed_status(h.pid), 0);
    close(fifo);
    CHECK(unlink(FIFO) == 0);
    end();
}

static void test_a_mask_after_the_stop(void)
{
    RM_UNIQUE_PROCESS process;
    RMX_ACCOUNT *account;
    struct holder h;

    begin();
    h = holder_start(register_and_hold, FILE_NAME);
    CHECK_EQUAL(RmxGetProcess((DWORD)h.pid, &process), ERROR_SUCCESS);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    CHECK_EQUAL(RmAddFilter(session, NULL, &process, NULL, RmNoRestart), ERROR_SUCCESS);
    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK_EQUAL(the_item(account, &h)->back, RMX_BACK_MASKED);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusStopped | RmStatusRestartMasked);
    CHECK_EQUAL(the_item(account, &h)->failure, RMX_FAIL_NONE);
    RmxFreeAccount(account);
    CHECK_EQUAL(count_journals(), 0);
    end();
}

/* It was asked to end and took its time: until the restart it has ended after all. */
static int slow_gate[2];

static void take_time(int number)
{
    char c;

    (void)number;
    CHECK(read(slow_gate[0], &c, 1) == 1);
    _exit(0);
}

static void register_and_take_time(const char *path)
{
    CHECK(signal(SIGTERM, take_time) != SIG_ERR);
    register_and_hold(path);
    holder_ready();
    for (;;)
        pause();
}

static void test_who_ends_late_comes_back(void)
{
    RMX_SHUTDOWN how = how_to(0);
    RMX_ACCOUNT *account;
    struct holder h;
    pid_t back;
    int fifo;

    begin();
    fifo = open_fifo();
    CHECK(pipe2(slow_gate, O_CLOEXEC) == 0);
    h = holder_start(register_and_take_time, FILE_NAME);
    how.app_timeout_ms = 1;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, NULL), ERROR_FAIL_SHUTDOWN);
    CHECK(write(slow_gate[1], "", 1) == 1);
    CHECK_EQUAL(ended_by(&h), 0);
    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK(read(fifo, &back, sizeof back) == sizeof back);
    CHECK_EQUAL(the_item(account, &h)->status,
                RmStatusRunning | RmStatusStopped | RmStatusErrorOnStop | RmStatusRestarted);
    RmxFreeAccount(account);
    CHECK(kill(back, SIGKILL) == 0);
    close(slow_gate[0]), close(slow_gate[1]), close(fifo);
    CHECK(unlink(FIFO) == 0);
    end();
}

/* Still there at the restart: it was not stopped, so it does not come back as a second one. */
static void test_who_never_ends_is_left(void)
{
    RMX_SHUTDOWN how = how_to(0);
    RMX_ACCOUNT *account;
    struct holder h;

    begin();
    CHECK(pipe2(slow_gate, O_CLOEXEC) == 0);
    h = holder_start(register_and_take_time, FILE_NAME);
    how.app_timeout_ms = 1;
    CHECK_EQUAL(RmxShutdown(session, &how, RMX_TIMEOUT_DEFAULT, NULL), ERROR_FAIL_SHUTDOWN);
    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusRunning | RmStatusErrorOnStop);
    CHECK_EQUAL(the_item(account, &h)->now.dwProcessId, 0);
    RmxFreeAccount(account);
    CHECK(is_alive(&h));
    CHECK_EQUAL(count_journals(), 0);
    CHECK(kill(h.pid, SIGKILL) == 0);
    ended_by(&h);
    close(slow_gate[0]), close(slow_gate[1]);
    end();
}

/* ---- what can happen to the session and its store ---- */

static void test_the_caller_leaves_them_stopped(void)
{
    struct holder h;

    begin();
    h = holder_start(register_and_hold, FILE_NAME);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    CHECK_EQUAL(RmxLeaveStopped(session), ERROR_SUCCESS);
    CHECK_EQUAL(RmRestart(session, 0, NULL), ERROR_REQUEST_OUT_OF_SEQUENCE);
    CHECK_EQUAL(listed_status(h.pid), 0);
    CHECK_EQUAL(count_journals(), 0);

    h = holder_start(register_and_hold, FILE_NAME);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    CHECK_EQUAL(count_journals(), 1);
    end(); /* that is a decision, too: ours */
    CHECK_EQUAL(count_journals(), 0);
}

static void test_the_caller_dies(void)
{
    RMX_ACCOUNT *account;
    struct holder h;
    pid_t back;
    int fifo = open_fifo();

    begin();
    h = holder_start(register_and_hold, FILE_NAME);
    end();
    CHECK_EQUAL(count_left(), 0);
    IN_A_PROCESS({
        begin();
        CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
        _exit(0);
    });
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    CHECK_EQUAL(count_left(), 1);
    CHECK_EQUAL(RmxRecover(0, NULL, NULL, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK(read(fifo, &back, sizeof back) == sizeof back);
    CHECK_EQUAL(the_item(account, &h)->now.dwProcessId, back);
    RmxFreeAccount(account);
    CHECK_EQUAL(count_left(), 0);
    CHECK(kill(back, SIGKILL) == 0 && close(fifo) == 0 && unlink(FIFO) == 0);
}

/* What cannot be written down is not stopped. */
static void test_a_full_store(void)
{
    static char block[4096];
    RMX_ACCOUNT *account;
    struct holder h;
    int filler;

    begin();
    h = holder_start(hold, FILE_NAME);
    filler = open("/run/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(filler >= 0);
    while (write(filler, block, sizeof block) > 0)
        ;
    CHECK_EQUAL(errno, ENOSPC);
    CHECK_EQUAL(shut_down(RmForceShutdown, &account), ERROR_WRITE_FAULT);
    CHECK_EQUAL(the_item(account, &h)->cause, RMX_CAUSE_CANCELLED);
    CHECK_EQUAL(the_item(account, &h)->action, RMX_ACTION_NONE);
    CHECK_EQUAL(the_item(account, &h)->status, RmStatusRunning);
    RmxFreeAccount(account);
    CHECK(is_alive(&h));
    CHECK(close(filler) == 0 && unlink("/run/filler") == 0);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    end();
}

static void test_the_store_vanishes(void)
{
    RMX_ACCOUNT *account;
    struct holder h;
    pid_t back;
    int fifo;

    begin();
    h = holder_start(register_and_hold, FILE_NAME);
    CHECK_EQUAL(RmShutdown(session, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(ended_by(&h), SIGTERM);
    sandbox_renew("size=1m");
    write_file(FILE_NAME, "new");
    fifo = open_fifo();
    CHECK_EQUAL(RmxRestart(session, NULL, NULL, RMX_TIMEOUT_DEFAULT, &account), ERROR_SUCCESS);
    CHECK(read(fifo, &back, sizeof back) == sizeof back);
    CHECK_EQUAL(the_item(account, &h)->now.dwProcessId, back);
    CHECK(the_item(account, &h)->flags & RMX_ITEM_VERIFIED);
    RmxFreeAccount(account);
    CHECK(kill(back, SIGKILL) == 0);
    close(fifo);
    CHECK(unlink(FIFO) == 0);
    end();
}

int main(int count, char **arguments)
{
    if (count > 1 && !strcmp(arguments[1], "back"))
        return be_back();
    sandbox_enter("size=1m");
    RUN(test_out_of_sequence);
    RUN(test_nobody_knows_how);
    RUN(test_who_registered_comes_back_once);
    RUN(test_a_mask_after_the_stop);
    RUN(test_who_ends_late_comes_back);
    RUN(test_who_never_ends_is_left);
    RUN(test_the_caller_leaves_them_stopped);
    RUN(test_the_caller_dies);
    RUN(test_a_full_store);
    RUN(test_the_store_vanishes);
    return 0;
}
