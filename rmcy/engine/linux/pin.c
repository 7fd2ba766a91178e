/* SPDX-License-Identifier: MIT
 *
 * Pins.  The order makes them right: the process is looked at through its
 * /proc directory, which never means another; its number is turned into a
 * pidfd; it is looked at again.  A process keeps its number until it is gone,
 * so if it is still there then, the number was its own in between.
 *
 * Nothing is sent but through a pidfd.
 */
#include "pinned.h"

#include "calls.h"
#include "host.h"
#include "polling.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rm_pin {
    int fd;
    RM_UNIQUE_PROCESS process;
};

/* A sandbox may know no pidfds, and say EPERM. */
static int open_pidfd(uint32_t pid)
{
    int fd = (int)syscall(RM_CALL_PIDFD_OPEN, pid, 0);
    if (fd >= 0)
        return fd;
    /* EINVAL, ENOENT: the number is a thread's by now. */
    return errno == EINVAL || errno == ENOENT ? -ESRCH : errno == EPERM ? -ENOSYS : -errno;
}

/* Do the tree and system calls number processes alike?  A tree of a namespace further out shows a process with a
 * number for each namespace that it is in. */
static int check_numbers(const struct rm_procfs *proc, int own_fd)
{
    static const char key[] = "\nNSpid:";
    char name[48], text[1024];
    snprintf(name, sizeof(name), "thread-self/fdinfo/%d", own_fd);
    long n = rm_procfs_read(proc->fd, name, text, sizeof(text));
    if (n < 0)
        return (int)n;
    const char *line = strstr(text, key);
    if (!line)
        return 0; /* a kernel without pid namespaces */
    line += strlen(key);
    line += strspn(line, " \t");
    line += strcspn(line, " \t\n");
    return *line == '\n' ? 0 : -ENOSYS;
}

int rm_pin_check(const struct rm_procfs *proc)
{
    int fd = proc->live ? open_pidfd(proc->self) : -ENOSYS;
    if (fd < 0)
        return fd;
    int r = check_numbers(proc, fd);
    close(fd);
    return r;
}

int rm_pin_open(const struct rm_pidref *ref, struct rm_pin **ret)
{
    struct rm_pin *pin = malloc(sizeof(*pin));
    if (!pin)
        return -ENOMEM;
    *pin = (struct rm_pin){.fd = open_pidfd(ref->pid), .process = rm_pidref_process(ref)};
    if (pin->fd < 0) {
        int r = pin->fd;
        free(pin);
        return r;
    }
    *ret = pin;
    return 0;
}

void rm_host_pin_free(struct rm_pin *pin)
{
    if (!pin)
        return;
    close(pin->fd);
    free(pin);
}

void rm_host_pins_free(struct rm_pin **pins, uint32_t count)
{
    for (uint32_t i = 0; pins && i < count; i++)
        rm_host_pin_free(pins[i]);
    free(pins);
}

RM_UNIQUE_PROCESS rm_host_pin_process(const struct rm_pin *pin)
{
    return pin->process;
}

int rm_pin_fd(const struct rm_pin *pin)
{
    return pin->fd;
}

static bool is(const struct rm_pidref *ref, const RM_UNIQUE_PROCESS *process)
{
    RM_UNIQUE_PROCESS seen = rm_pidref_process(ref);
    return memcmp(&seen, process, sizeof(seen)) == 0 && !rm_pidref_ended(ref);
}

static int open_known(const struct rm_procfs *proc, const RM_UNIQUE_PROCESS *process, struct rm_pin **ret)
{
    struct rm_pidref ref;
    struct rm_pin *pin = NULL;
    int r = rm_pidref_open(proc->fd, process->dwProcessId, &ref);
    if (r < 0)
        return r;
    r = is(&ref, process) ? rm_pin_open(&ref, &pin) : -ESRCH;
    if (r == 0)
        r = rm_pidref_refresh(&ref);
    if (r == 0 && !is(&ref, process))
        r = -ESRCH;
    rm_pidref_done(&ref);
    if (r < 0)
        rm_host_pin_free(pin);
    else
        *ret = pin;
    return r;
}

int rm_host_pin(const RM_UNIQUE_PROCESS *process, struct rm_pin **ret)
{
    struct rm_procfs proc;
    if (!process->dwProcessId)
        return -ESRCH;
    int r = rm_procfs_open("/proc", &proc);
    if (r < 0)
        return r;
    r = rm_pin_check(&proc);
    if (r == 0)
        r = open_known(&proc, process, ret);
    rm_procfs_done(&proc);
    return r;
}

bool rm_host_pin_ended(const struct rm_pin *pin)
{
    struct pollfd p = {.fd = pin->fd, .events = POLLIN};
    int n;
    do {
        n = poll(&p, 1, 0);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

int rm_pin_open_directory(const struct rm_pin *pin)
{
    char name[32];
    snprintf(name, sizeof(name), "/proc/%u", (unsigned)pin->process.dwProcessId);
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 ? -errno : fd;
    if (rm_host_pin_ended(pin)) {
        if (fd >= 0)
            close(fd);
        return -ESRCH;
    }
    return r;
}

static int send_signal(const struct rm_pin *pin, int number)
{
    return syscall(RM_CALL_PIDFD_SEND_SIGNAL, pin->fd, number, NULL, 0) == 0 ? 0 : -errno;
}

/* It would not see a request while it is stopped.  Yes too if that cannot be told: it continues what runs. */
static bool may_be_stopped(const struct rm_pin *pin)
{
    char text[RM_STAT_SIZE];
    struct rm_stat stat;
    int directory = rm_pin_open_directory(pin);
    if (directory < 0)
        return directory != -ESRCH;
    long n = rm_procfs_read(directory, "stat", text, sizeof(text));
    close(directory);
    if (n < 0 || rm_stat_parse(text, (size_t)n, &stat) < 0)
        return true;
    /* Where the first thread has ended, it does not tell of the others. */
    return stat.state == 'T' || rm_stat_ended(&stat);
}

int rm_host_pin_ask(const struct rm_pin *pin, enum rm_request request)
{
    if (rm_host_pin_ended(pin))
        return -ESRCH;
    int r = send_signal(pin, request == RM_REQUEST_KILL ? SIGKILL : SIGTERM);
    /* That it goes on is all it needs to act on the request; that it cannot be told so takes nothing away from it. */
    if (r == 0 && request == RM_REQUEST_END && may_be_stopped(pin))
        (void)send_signal(pin, SIGCONT);
    return r;
}

/* ---- waiting ---- */

/* Ours: so many are waited for at a time, the first that live.  To ask about all of thousands each time that one ends
 * would take the square of their number. */
#define WINDOW 256

struct window {
    struct pollfd polled[WINDOW + 1];
    uint32_t indexes[WINDOW];
    uint32_t count;
};

/* The next ones that live, from `at` on; where it goes on after them. */
static uint32_t gather(struct rm_pin *const pins[], const bool ended[], uint32_t count, uint32_t at, struct window *w)
{
    for (w->count = 0; at < count && w->count < WINDOW; at++)
        if (pins[at] && !ended[at]) {
            w->polled[w->count] = (struct pollfd){.fd = pins[at]->fd, .events = POLLIN};
            w->indexes[w->count++] = at;
        }
    return at;
}

static bool mark(const struct window *w, bool ended[])
{
    bool any = false;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->polled[i].revents)
            any = ended[w->indexes[i]] = true;
    return any;
}

int rm_host_pins_wait(struct rm_pin *const pins[], bool ended[], uint32_t count, const struct rm_wait *wait)
{
    struct window w;
    uint32_t at = gather(pins, ended, count, 0, &w);
    int r = rm_wait_for_any(wait, w.polled, w.count);
    bool any = r == 0 && mark(&w, ended);
    /* Who had no place in the window may have ended all the same. */
    while (r == -ETIMEDOUT && at < count) {
        at = gather(pins, ended, count, at, &w);
        if (poll(w.polled, w.count, 0) > 0)
            any |= mark(&w, ended);
    }
    return any ? 0 : r;
}
