/* SPDX-License-Identifier: MIT
 *
 * Crowds: many processes that register at once, and many sessions one after
 * another.
 */
#include "check.h"
#include "process.h"
#include "roles.h"
#include "sandbox.h"

#include <dirent.h>

#define PROCESSES 64
#define BATCHED 16000
#define BATCH 1000
#define SINGLE 1000

static uint8_t (*seen)[BATCHED + SINGLE]; /* by process and number */

/* "/pp/nnnnn": short, so that a million of them stay below a session's ceiling. */
static void name_of(int process, int n, WCHAR name[16])
{
    char text[32];

    snprintf(text, sizeof text, "/%02d/%05d", process, n);
    for (int i = 0; i < 16; i++)
        name[i] = (WCHAR)text[i];
}

static void register_range(DWORD handle, int process, int from, int count)
{
    static WCHAR names[BATCH][16];
    LPCWSTR list[BATCH];

    for (int i = 0; i < count; i++) {
        name_of(process, from + i, names[i]);
        list[i] = names[i];
    }
    CHECK_EQUAL(RmRegisterResources(handle, (UINT)count, list, 0, NULL, 0, NULL), ERROR_SUCCESS);
}

static void register_all(int process)
{
    DWORD handle;

    CHECK_EQUAL(RmxJoinSession(&handle, key, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    for (int n = 0; n < BATCHED; n += BATCH)
        register_range(handle, process, n, BATCH);
    for (int n = BATCHED; n < BATCHED + SINGLE; n++)
        register_range(handle, process, n, 1);
    /* Half of them leave, half just end. */
    if (process % 2)
        CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

static void mark(const char *name)
{
    int process, n;

    CHECK(sscanf(name, "/%d/%d", &process, &n) == 2);
    CHECK(process >= 0 && process < PROCESSES && n >= 0 && n < BATCHED + SINGLE);
    seen[process][n]++;
}

static void test_64_processes_with_17000_registrations_each_lose_none(void)
{
    struct gate gate;
    pid_t pids[PROCESSES];
    RMX_LIST *list;

    start();
    gate_init(&gate);
    for (int i = 0; i < PROCESSES; i++)
        SPAWN(pids[i], {
            gate_wait(&gate);
            register_all(i);
        });
    gate_open(&gate);
    (void)count_names(); /* in the middle of it */
    for (int i = 0; i < PROCESSES; i++)
        expect_success(pids[i]);

    seen = calloc(PROCESSES, sizeof *seen);
    CHECK(seen);
    CHECK_EQUAL(RmxGetList(primary, 0, RMX_TIMEOUT_NONE, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->missing_count, PROCESSES * (BATCHED + SINGLE));
    for (uint32_t i = 0; i < list->missing_count; i++)
        mark(list->files[list->missing[i]]);
    for (int i = 0; i < PROCESSES; i++)
        for (int n = 0; n < BATCHED + SINGLE; n++)
            CHECK_EQUAL(seen[i][n], 1);
    RmxFreeList(list);
    free(seen);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

static int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int n = 0;

    CHECK(dir);
    while ((entry = readdir(dir)))
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

/* In pages: all that the program has allocated, whoever keeps books of it. */
static long data_size(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long data;

    CHECK(f && fscanf(f, "%*d %*d %*d %*d %*d %ld", &data) == 1);
    fclose(f);
    return data;
}

static void run_sessions(int count)
{
    for (int i = 0; i < count; i++) {
        start_and_join();
        CHECK_EQUAL(register_one(joined), ERROR_SUCCESS);
        end_both();
    }
}

static void test_10000_sessions_one_after_another_leave_nothing_behind(void)
{
    int descriptors, threads;
    long data;

    run_sessions(5000);
    descriptors = count_entries("/proc/self/fd");
    threads = count_entries("/proc/self/task");
    data = data_size();
    run_sessions(5000);
    CHECK_EQUAL(count_entries("/proc/self/fd"), descriptors);
    CHECK_EQUAL(count_entries("/proc/self/task"), threads);
#ifndef __SANITIZE_ADDRESS__ /* it keeps what is freed for a while, and finds leaks by itself */
    CHECK_EQUAL(data_size(), data);
#else
    (void)data;
#endif
    CHECK_EQUAL(count_entries("/run/rmcy"), 1); /* the lock */
}

int main(void)
{
    sandbox_enter("size=1g");
    RUN(test_64_processes_with_17000_registrations_each_lose_none);
    RUN(test_10000_sessions_one_after_another_leave_nothing_behind);
    return 0;
}
