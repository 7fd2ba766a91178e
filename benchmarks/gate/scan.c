/* SPDX-License-Identifier: MIT
 *
 * Passes of the scanner over what is always the same, for somebody who counts:
 *
 *   scan tree TIMES         a recorded /proc of 200 processes, made here
 *   scan query|text TIMES DESCRIPTORS    one real process, which holds so many files
 *
 * The difference between two TIMES is what a pass takes, whatever it takes to
 * get ready.  The current directory must be empty; nobody holds what is asked
 * about.
 */
#include "check.h"
#include "pass.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 200, DESCRIPTORS = 40, MAPS = 60, ASKED = 1000 };

static __attribute__((format(printf, 2, 3))) void write_file(const char *path, const char *format, ...)
{
    va_list arguments;
    FILE *file = fopen(path, "we");
    CHECK(file);
    va_start(arguments, format);
    CHECK(vfprintf(file, format, arguments) >= 0);
    va_end(arguments);
    CHECK(fclose(file) == 0);
}

static void make_maps(const char *path)
{
    FILE *file = fopen(path, "we");
    CHECK(file);
    for (unsigned n = 0; n < MAPS; n++)
        CHECK(fprintf(file, "7f%010x-7f%010x r-xp 00000000 08:01 %llu                    /usr/lib/library-%u.so.1\n",
                      n << 16, (n << 16) + 0x8000, (1ULL << 40) + n, n) > 0);
    CHECK(fclose(file) == 0);
}

static void record_process(unsigned pid)
{
    char path[64];
    CHECK(snprintf(path, sizeof(path), "tree/%u", pid) > 0 && mkdir(path, 0700) == 0);
    CHECK(snprintf(path, sizeof(path), "tree/%u/stat", pid) > 0);
    write_file(path, "%u (a program) S 1 %u %u 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 5000 100 10 0\n", pid, pid, pid);
    CHECK(snprintf(path, sizeof(path), "tree/%u/exe", pid) > 0 && symlink("../../held", path) == 0);
    CHECK(snprintf(path, sizeof(path), "tree/%u/maps", pid) > 0);
    make_maps(path);
    CHECK(snprintf(path, sizeof(path), "tree/%u/fd", pid) > 0 && mkdir(path, 0700) == 0);
    for (unsigned n = 0; n < DESCRIPTORS; n++) {
        CHECK(snprintf(path, sizeof(path), "tree/%u/fd/%u", pid, n) > 0);
        CHECK(symlink("../../../held", path) == 0);
    }
}

static pid_t hold(unsigned descriptors)
{
    int ready[2];
    char byte;
    CHECK(pipe2(ready, O_CLOEXEC) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
        for (int fd = 0; fd < 64; fd++)
            if (fd != ready[1])
                close(fd);
        for (unsigned n = 0; n < descriptors; n++)
            if (open("held", O_RDONLY) < 0)
                _exit(1);
        if (write(ready[1], "", 1) != 1)
            _exit(1);
        close(ready[1]);
        for (;;)
            pause();
    }
    close(ready[1]);
    CHECK(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    return pid;
}

/* A tree in which there is but that process. */
static void link_process(pid_t pid)
{
    char from[32], to[32];
    CHECK(snprintf(from, sizeof(from), "/proc/%d", (int)pid) > 0 && snprintf(to, sizeof(to), "tree/%d", (int)pid) > 0);
    CHECK(symlink(from, to) == 0);
}

static struct rm_resources *ask_about_others(void)
{
    struct rm_resources_need need = {.files = ASKED, .text = ASKED * 16, .devices = 2};
    struct rm_resources *resources;
    struct rm_identity id;
    char path[16];
    CHECK_EQUAL(rm_resources_new(&resources), 0);
    CHECK_EQUAL(rm_resources_reserve(resources, &need), 0);
    for (unsigned n = 0; n < ASKED; n++) {
        CHECK(snprintf(path, sizeof(path), "asked/%u", n) > 0);
        write_file(path, "%s", "");
        CHECK_EQUAL(rm_host_identify(path, &id), 0);
        rm_resources_add_file(resources, path, &id);
    }
    return resources;
}

static unsigned long number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    CHECK(*text && !*end);
    return value;
}

int main(int count, char **arguments)
{
    pid_t holder = 0;

    CHECK(count == 3 || count == 4);
    struct rm_way way = {.proc = "tree", .query = strcmp(arguments[1], "query") == 0};
    CHECK(mkdir("tree", 0700) == 0 && mkdir("asked", 0700) == 0);
    write_file("held", "%s", "");
    if (count == 4)
        link_process(holder = hold((unsigned)number(arguments[3])));
    else
        for (unsigned n = 0; n < PROCESSES; n++)
            record_process(100000 + n);
    struct rm_resources *resources = ask_about_others();
    for (unsigned long times = number(arguments[2]); times; times--) {
        struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};
        struct rm_scan scan = {.resources = resources, .wait = &wait};
        struct rm_answer *answer;
        RMX_LIST *list;
        CHECK_EQUAL(rm_answer_new(&answer), 0);
        CHECK_EQUAL(rm_pass_run(&scan, &way, answer), 0);
        CHECK_EQUAL(rm_answer_finish_take(answer, resources, 1, "gate", &list), 0);
        CHECK_EQUAL(list->app_count, 0);
        CHECK_EQUAL(list->processes, holder ? 1 : PROCESSES);
        free(list);
    }
    rm_resources_free(resources);
    if (holder) {
        CHECK(kill(holder, SIGKILL) == 0);
        CHECK(waitpid(holder, NULL, 0) == holder);
    }
    return 0;
}
