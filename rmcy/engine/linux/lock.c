/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include "queue.h"
#include "store.h"
#include "ticket.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_FILE "lock"
#define SMALL_STACK (128u << 10)

/* A thread that blocks for the lock so that its caller need not. */
struct blocker {
    int lock_fd;
    struct rm_ticket ticket;
    int event_fd; /* readable once the thread is through */
    int result;
    bool wanted;  /* somebody waits for it; if not, the thread lets the lock go again */
    bool through;
    dev_t device; /* of the lock file, to know whether a later caller waits for the same one */
    ino_t inode;
};

static struct rm_queue turn = RM_QUEUE_INIT;

/* Covers the blocker's fields, and which descriptors a forked child must close. */
static pthread_mutex_t state_mutex = PTHREAD_MUTEX_INITIALIZER;
static int held_fd = -1;
static struct blocker *blocker; /* at most one: whoever times out leaves it to the next who wants the lock */

static void before_fork(void)
{
    pthread_mutex_lock(&state_mutex);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&state_mutex);
}

static void after_fork_in_child(void)
{
    if (held_fd >= 0)
        close(held_fd);
    held_fd = -1;
    if (blocker) {
        close(blocker->lock_fd);
        close(blocker->event_fd);
        free(blocker);
        blocker = NULL;
    }
    rm_queue_init(&turn);
    pthread_mutex_unlock(&state_mutex);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* Under the state mutex, so that a child knows of the descriptor from the first moment. */
static int open_lock_file(int store_fd, struct stat *ret_st)
{
    for (;;) {
        int fd = rm_store_open_file(store_fd, LOCK_FILE, O_RDWR, ret_st);

        if (fd != -ENOENT)
            return fd;
        fd = openat(store_fd, LOCK_FILE, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0)
            close(fd);
        else if (errno != EEXIST)
            return -errno;
    }
}

static void *block(void *argument)
{
    struct blocker *b = argument;
    int r = rm_ticket_wait(b->lock_fd, &b->ticket);

    pthread_mutex_lock(&state_mutex);
    b->result = r;
    b->through = true;
    if (b->wanted) {
        while (write(b->event_fd, &(uint64_t){1}, sizeof(uint64_t)) < 0 && errno == EINTR)
            ;
    } else {
        rm_ticket_return(b->lock_fd);
        close(b->lock_fd);
        close(b->event_fd);
        if (blocker == b)
            blocker = NULL;
        free(b);
    }
    pthread_mutex_unlock(&state_mutex);
    return NULL;
}

/* stack_size 0: the program's default. */
static int create_thread(struct blocker *b, size_t stack_size)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int e = pthread_attr_init(&attributes);

    if (e)
        return -e;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (stack_size)
        (void)pthread_attr_setstacksize(&attributes, stack_size);
    e = pthread_create(&thread, &attributes, block, b);
    pthread_attr_destroy(&attributes);
    return -e;
}

static int start_thread(struct blocker *b)
{
    sigset_t all, before;
    int e;

    /* No signal of the program's may run in a thread that it knows nothing of. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    e = create_thread(b, SMALL_STACK);
    if (e == -EINVAL) /* the program's thread-local variables alone take more */
        e = create_thread(b, 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return e;
}

/* Under the state mutex.  Takes over `fd` when it succeeds. */
static int start_blocker_take(int fd, const struct stat *st, const struct rm_ticket *ticket, struct blocker **ret)
{
    struct blocker *b = calloc(1, sizeof *b);
    int e;

    if (!b)
        return -ENOMEM;
    *b = (struct blocker){
        .lock_fd = fd, .ticket = *ticket, .wanted = true, .device = st->st_dev, .inode = st->st_ino};
    b->event_fd = eventfd(0, EFD_CLOEXEC);
    if (b->event_fd < 0) {
        e = -errno;
        free(b);
        return e;
    }
    e = start_thread(b);
    if (e < 0) {
        close(b->event_fd);
        free(b);
        return e;
    }
    *ret = b;
    return 0;
}

/* Under the state mutex: is somebody of this process in line for that file, left there by a caller who gave up? */
static bool is_in_line(const struct stat *st)
{
    return blocker && blocker->device == st->st_dev && blocker->inode == st->st_ino;
}

/* Wait, through a blocker, for a lock that somebody else holds.  Consumes `fd`; returns the locked descriptor. */
static int wait_for_lock_take(int fd, const struct stat *st, const struct rm_ticket *ticket,
                              const struct rm_wait *wait)
{
    struct blocker *b = NULL;
    int e = 0;

    pthread_mutex_lock(&state_mutex);
    if (is_in_line(st)) {
        b = blocker;
        b->wanted = true; /* its place is ours */
        rm_ticket_return(fd);
        close(fd);
    } else {
        blocker = NULL; /* one that there may be waits for a lock file that is gone; it ends by itself */
        e = start_blocker_take(fd, st, ticket, &b);
        if (e < 0) {
            rm_ticket_return(fd);
            close(fd);
        } else {
            blocker = b;
        }
    }
    if (held_fd == fd)
        held_fd = -1;
    pthread_mutex_unlock(&state_mutex);
    if (e < 0)
        return e;

    e = rm_wait_for(wait, b->event_fd);

    pthread_mutex_lock(&state_mutex);
    if (!b->through) {
        b->wanted = false;
        if (e >= 0)
            e = -EIO;
    } else {
        e = b->result < 0 ? b->result : b->lock_fd;
        if (e < 0)
            close(b->lock_fd);
        else
            held_fd = b->lock_fd;
        close(b->event_fd);
        if (blocker == b)
            blocker = NULL;
        free(b);
    }
    pthread_mutex_unlock(&state_mutex);
    return e;
}

/* Cleaners of /run and /dev/shm exist: a lock on a file that has no name any more covers nothing. */
static bool is_linked(int store_fd, const struct stat *locked)
{
    struct stat named;

    return fstatat(store_fd, LOCK_FILE, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_dev == locked->st_dev &&
           named.st_ino == locked->st_ino;
}

static int acquire_in_turn(int store_fd, const struct rm_wait *wait, struct rm_lock *ret)
{
    for (;;) {
        struct rm_ticket ticket = {0};
        struct stat st;
        bool in_line;
        int fd, e;

        pthread_mutex_lock(&state_mutex);
        fd = open_lock_file(store_fd, &st);
        held_fd = fd < 0 ? -1 : fd;
        in_line = fd >= 0 && is_in_line(&st);
        pthread_mutex_unlock(&state_mutex);
        if (fd < 0)
            return fd;

        e = in_line ? -EAGAIN : rm_ticket_draw(fd, &ticket);
        if (e >= 0)
            e = rm_ticket_try(fd, &ticket);
        if (e == -EAGAIN) {
            fd = wait_for_lock_take(fd, &st, &ticket, wait);
            if (fd < 0)
                return fd;
            e = fstat(fd, &st) < 0 ? -errno : 0;
        }
        *ret = (struct rm_lock){.fd = fd};
        if (e >= 0 && is_linked(store_fd, &st))
            return 0;

        pthread_mutex_lock(&state_mutex);
        held_fd = -1;
        rm_ticket_return(fd);
        close(fd);
        pthread_mutex_unlock(&state_mutex);
        if (e >= 0)
            e = rm_wait_check(wait);
        if (e < 0)
            return e;
    }
}

int rm_lock_acquire(int store_fd, const struct rm_wait *wait, struct rm_lock *ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int e;

    pthread_once(&once, watch_forks);
    e = rm_queue_enter(&turn, wait);
    if (e < 0)
        return e;
    e = acquire_in_turn(store_fd, wait, ret);
    if (e < 0)
        rm_queue_leave(&turn);
    return e;
}

void rm_lock_release(struct rm_lock *lock)
{
    pthread_mutex_lock(&state_mutex);
    held_fd = -1;
    rm_ticket_return(lock->fd);
    close(lock->fd);
    pthread_mutex_unlock(&state_mutex);
    lock->fd = -1;
    rm_queue_leave(&turn);
}
