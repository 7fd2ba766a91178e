/* SPDX-License-Identifier: MIT
 *
 * The load that "who uses these files" is asked about: processes that sleep
 * and hold files.
 *
 *   load PROCESSES LIBRARIES TARGETS...      in an empty directory
 *
 * Each process has 20 to 50 files of its own open (own/), two maps of files
 * whose descriptors are closed, a pipe, a pair of sockets, an eventfd, an epoll
 * and /dev/null four times; the libraries (all files of the directory LIBRARIES)
 * are loaded before the processes are made.  For each number in TARGETS there is
 * a directory with so many files.  One of a single one is in use, a tenth
 * of up to ten thousand, a hundredth of more: three of five are open, two of
 * five only mapped.
 *
 * It prints who holds which of them, "PID open|mapped DIRECTORY/FILE", then
 * "ready", and ends when its standard input does; the processes end with it.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, NULLS = 4, LEAST = 20, MOST = 50 };

static int must(int result, const char *what)
{
    if (result < 0)
        err(1, "%s", what);
    return result;
}

static unsigned long number(const char *text)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || end == text || *end || !value)
        errx(2, "not a number above 0: %s", text);
    return value;
}

/* How many of so many targets are in use, and which the n-th of those is. */
static unsigned long used(unsigned long targets)
{
    unsigned long share = targets > 10000 ? targets / 100 : targets / 10;
    return share ? share : 1;
}

static void spell_target(char *buffer, size_t size, unsigned long targets, unsigned long n)
{
    snprintf(buffer, size, "%lu/%lu", targets, n * (targets / used(targets)));
}

static int is_open(unsigned long n)
{
    return n % 5 < 3;
}

static unsigned long holder_of(unsigned long n, unsigned long processes)
{
    return n * 7919 % processes;
}

/* Files: empty, but for those that are mapped. */
static void make_targets(unsigned long targets)
{
    char name[64];
    snprintf(name, sizeof(name), "%lu", targets);
    must(mkdir(name, 0700), name);
    int dir = must(open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), name);
    for (unsigned long n = 0; n < targets; n++) {
        snprintf(name, sizeof(name), "%lu", n);
        must(mknodat(dir, name, S_IFREG | 0600, 0), name);
    }
    close(dir);
    for (unsigned long n = 0; n < used(targets); n++) {
        spell_target(name, sizeof(name), targets, n);
        must(truncate(name, PAGE), name);
    }
}

static void map(const char *name)
{
    int fd = must(open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600), name);
    must(ftruncate(fd, PAGE), name);
    if (mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED)
        err(1, "%s", name);
    close(fd);
}

static void hold_own(unsigned long me)
{
    char name[64];
    int pair[2];
    unsigned long files = LEAST + me * 13 % (MOST - LEAST + 1);
    for (unsigned long n = 0; n < files; n++) {
        snprintf(name, sizeof(name), "own/%lu-%lu", me, n);
        must(open(name, O_RDWR | O_CREAT, 0600), name);
    }
    for (int n = 0; n < 2; n++) {
        snprintf(name, sizeof(name), "own/%lu-map-%d", me, n);
        map(name);
    }
    must(pipe(pair), "a pipe");
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "a pair of sockets");
    must(eventfd(0, 0), "an eventfd");
    must(epoll_create1(0), "an epoll");
    for (int n = 0; n < NULLS; n++)
        must(open("/dev/null", O_RDWR), "/dev/null");
}

static void hold_targets(unsigned long me, unsigned long processes, unsigned long targets)
{
    char name[64];
    for (unsigned long n = 0; n < used(targets); n++) {
        if (holder_of(n, processes) != me)
            continue;
        spell_target(name, sizeof(name), targets, n);
        if (is_open(n))
            must(open(name, O_RDONLY), name);
        else
            map(name);
    }
}

static void load_libraries(const char *path)
{
    char name[PAGE];
    DIR *dir = opendir(path);
    if (!dir)
        err(1, "%s", path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (!dlopen(name, RTLD_NOW))
            errx(1, "%s", dlerror());
    }
    closedir(dir);
}

/* Its standard input and output are /dev/null: nobody's pipe stays open because of it. */
static void become_holder(unsigned long me, unsigned long processes, char **targets, int ready, pid_t parent)
{
    must(prctl(PR_SET_PDEATHSIG, SIGKILL), "the signal that ends holders");
    if (getppid() != parent)
        _exit(1);
    int null = must(open("/dev/null", O_RDWR), "/dev/null");
    dup2(null, 0);
    dup2(null, 1);
    close(null);
    hold_own(me);
    for (; *targets; targets++)
        hold_targets(me, processes, number(*targets));
    must((int)write(ready, "", 1), "the pipe of those who are ready");
    close(ready);
    for (;;)
        pause();
}

static void wait_until_ready(int ready, unsigned long processes)
{
    char byte;
    for (unsigned long n = 0; n < processes; n++)
        if (read(ready, &byte, 1) != 1)
            errx(1, "a holder ended before it held its files");
}

int main(int count, char **arguments)
{
    char name[64];
    int ready[2];
    struct rlimit files;
    pid_t parent = getpid();

    if (count < 4)
        errx(2, "usage: load PROCESSES LIBRARIES TARGETS...");
    unsigned long processes = number(arguments[1]);
    pid_t *pids = calloc(processes, sizeof(*pids));
    if (!pids)
        err(1, "%lu processes", processes);
    /* A single process may have to hold all that are in use. */
    must(getrlimit(RLIMIT_NOFILE, &files), "the limit of open files");
    files.rlim_cur = files.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &files), "the limit of open files");
    must(mkdir("own", 0700), "own");
    for (char **targets = arguments + 3; *targets; targets++)
        make_targets(number(*targets));
    load_libraries(arguments[2]);
    must(pipe2(ready, O_CLOEXEC), "a pipe");
    for (unsigned long n = 0; n < processes; n++) {
        pids[n] = must(fork(), "a holder");
        if (pids[n] == 0) {
            close(ready[0]);
            become_holder(n, processes, arguments + 3, ready[1], parent);
        }
    }
    close(ready[1]);
    wait_until_ready(ready[0], processes);
    for (char **targets = arguments + 3; *targets; targets++)
        for (unsigned long n = 0; n < used(number(*targets)); n++) {
            spell_target(name, sizeof(name), number(*targets), n);
            printf("%d %s %s\n", (int)pids[holder_of(n, processes)], is_open(n) ? "open" : "mapped", name);
        }
    puts("ready");
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0 || errno == EINTR)
        errno = 0;
    /* Where nobody reaps orphans, they would be in everybody's way for ever. */
    for (unsigned long n = 0; n < processes; n++)
        kill(pids[n], SIGKILL);
    for (unsigned long n = 0; n < processes; n++)
        waitpid(pids[n], NULL, 0);
    free(pids);
    return 0;
}
