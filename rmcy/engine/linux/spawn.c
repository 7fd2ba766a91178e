/* SPDX-License-Identifier: MIT
 *
 * A child's child, so that process 1 and not the caller is its parent, and the
 * caller's SIGCHLD and wait() see nothing of it.  It waits until it is known
 * who it is, changes into what it is to be, and executes the program.
 *
 * The caller may have threads, and in their child any lock may be held for
 * ever, malloc's too: the child calls the kernel and nothing else, by its bare
 * calls where the library's would look for the other threads (setuid).
 */
#include "spawned.h"

#include "account.h"
#include "calls.h"
#include "host.h"
#include "pin.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
    const struct rm_wish *wish;
    char *const *environment;
    int channel;
    bool changes_user;
};

/* ---- in the child ---- */

static void reset_signals(void)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;
    for (int i = 1; i < NSIG; i++)
        (void)sigaction(i, &usual, NULL); /* what is ignored would stay so */
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int take_own_descriptors(int channel)
{
    int null = open("/dev/null", O_RDWR | O_NOCTTY);
    if (null < 0)
        return -errno;
    for (int i = 0; i < 3; i++)
        if (null != i && dup2(null, i) < 0)
            return -errno;
    /* What is ours is closed by the execution anyway; this is for what others left open. */
    if (channel > 3)
        (void)syscall(RM_CALL_CLOSE_RANGE, 3u, (unsigned)channel - 1, 0);
    (void)syscall(RM_CALL_CLOSE_RANGE, (unsigned)channel + 1, ~0u, 0);
    return 0;
}

static int become_user(const struct child *c)
{
    const struct rm_wish *w = c->wish;
    if (!c->changes_user)
        return 0;
    if (syscall(RM_CALL_SETGROUPS, w->group_count, w->groups) < 0 ||
        syscall(RM_CALL_SETRESGID, w->gid, w->gid, w->gid) < 0 ||
        syscall(RM_CALL_SETRESUID, w->uid, w->uid, w->uid) < 0)
        return -errno;
    return 0;
}

static _Noreturn void run_child(const struct child *c)
{
    int pid = (int)syscall(SYS_getpid), r = 0;
    char go;
    if (write(c->channel, &pid, sizeof(pid)) != sizeof(pid) || read(c->channel, &go, 1) != 1)
        _exit(127); /* nobody wants it any more */
    (void)setsid();
    (void)umask(022);
    reset_signals();
    r = take_own_descriptors(c->channel);
    if (r == 0)
        r = become_user(c);
    if (r == 0 && chdir(c->wish->directory) < 0)
        r = -errno;
    if (r == 0) {
        execve(c->wish->exe, (char *const *)c->wish->arguments, c->environment);
        r = -errno;
    }
    (void)!write(c->channel, &r, sizeof(r));
    _exit(127);
}

/* Without a signal to the parent when it ends, and without what libraries do at fork(). */
static pid_t fork_silently(void)
{
    return (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
}

/* ---- in the caller ---- */

static bool has_groups(const struct rm_wish *w)
{
    int count = getgroups(0, NULL);
    if (count <= 0 || (uint32_t)count != w->group_count)
        return count == 0 && w->group_count == 0;
    gid_t *groups = calloc((size_t)count, sizeof(*groups));
    /* The kernel sorts them. */
    bool same = groups && getgroups(count, groups) == count &&
                memcmp(groups, w->groups, (size_t)count * sizeof(*groups)) == 0;
    free(groups);
    return same;
}

/* Nobody but root can.  Root without capabilities cannot either, nor in a user namespace that denies setgroups: there
 * a program that is of the very same user comes back all the same. */
static bool has_to_change_user(const struct rm_wish *w)
{
    uid_t uids[3];
    gid_t gids[3];
    if (geteuid() != 0)
        return false;
    if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 || getresgid(&gids[0], &gids[1], &gids[2]) < 0)
        return true;
    for (int i = 0; i < 3; i++)
        if (uids[i] != w->uid || gids[i] != w->gid)
            return true;
    return !has_groups(w);
}

/* Gives the caller's end of the channel to the child's child. */
static int fork_twice(struct child *c)
{
    int ends[2];
    sigset_t all, before;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    c->channel = fcntl(ends[1], F_DUPFD_CLOEXEC, 3); /* out of the way of standard input and output */
    int r = c->channel < 0 ? -errno : 0;
    close(ends[1]);
    if (r < 0) {
        close(ends[0]);
        return r;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* no handler runs in the children */
    pid_t middle = fork_silently();
    if (middle == 0) {
        pid_t pid = fork_silently();
        if (pid == 0) {
            close(ends[0]);
            run_child(c);
        }
        _exit(pid < 0 ? errno : 0);
    }
    r = middle < 0 ? -errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(c->channel);
    int status = 0;
    while (middle > 0 && waitpid(middle, &status, __WALL) < 0 && errno == EINTR)
        ;
    if (r == 0 && status)
        r = WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
    if (r < 0) {
        close(ends[0]);
        return r;
    }
    return ends[0];
}

/* A number that the child sends; 1, or 0 if it sends none any more. */
static int receive(int channel, const struct rm_wait *wait, int *ret)
{
    int r = rm_wait_for(wait, channel);
    if (r < 0)
        return r;
    ssize_t n;
    do
        n = read(channel, ret, sizeof(*ret));
    while (n < 0 && errno == EINTR);
    return n < 0 && errno != ECONNRESET ? -errno : n == sizeof(*ret);
}

/* While the child waits for its word nothing else can have its number. */
static int pin_child(int channel, const struct rm_wait *wait, struct rm_pin **ret)
{
    RM_UNIQUE_PROCESS process;
    int pid, r = receive(channel, wait, &pid);
    if (r <= 0)
        return r < 0 ? r : -ECHILD;
    r = rm_host_process((uint32_t)pid, &process);
    return r < 0 ? r : rm_host_pin(&process, ret);
}

static int let_go(int channel, const struct rm_wait *wait)
{
    int failure, r = send(channel, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -ECHILD;
    if (r == 0)
        r = receive(channel, wait, &failure);
    return r > 0 ? failure : r;
}

/* Whatever it is at: it is not to be there. */
static void get_rid_of(struct rm_pin *pin, const struct rm_wait *wait)
{
    bool ended = false;
    if (rm_host_pin_ask(pin, RM_REQUEST_KILL) == 0)
        (void)rm_host_pins_wait(&pin, &ended, 1, wait);
}

int rm_spawn(const struct rm_wish *wish, const struct rm_wait *wait, rm_spawn_before before, void *context,
             RM_UNIQUE_PROCESS *ret)
{
    struct child child = {.wish = wish, .changes_user = has_to_change_user(wish)};
    struct rm_pin *pin = NULL;
    char **environment;
    int r = rm_account_environment(wish, &environment);
    if (r < 0)
        return r;
    child.environment = environment;
    int channel = fork_twice(&child);
    r = channel < 0 ? channel : pin_child(channel, wait, &pin);
    if (r == 0) {
        RM_UNIQUE_PROCESS process = rm_host_pin_process(pin);
        r = rm_wait_check(wait); /* there is still somebody who wants it */
        if (r == 0)
            r = before(context, &process);
        if (r == 0)
            r = let_go(channel, wait);
        if (r == 0 && rm_host_pin_ended(pin))
            r = -ECHILD;
        if (r == 0)
            *ret = process;
        else
            get_rid_of(pin, wait);
    }
    if (channel >= 0)
        close(channel);
    rm_host_pin_free(pin);
    free(environment);
    return r;
}
