/* SPDX-License-Identifier: MIT
 *
 * A secondary's side of a session in the store: join by key, append, leave.
 */
#include "header.h"
#include "host.h"
#include "lock.h"
#include "slot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What the secondaries of one session may store altogether, so that /run is never filled: this, or a quarter of what
 * is free.  A writer adds the session up at first and at the latest each time it has written so much itself. */
#define CEILING (64u << 20)
#define CEILING_STEP (64u << 10)
#define FIRST_BLOCK 4096 /* what a new log takes */

/* The sessions that this process has joined. */
static pthread_mutex_t joined_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rm_slot *joined;

static void before_fork(void)
{
    pthread_mutex_lock(&joined_mutex);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&joined_mutex);
}

/* The logs are the parent's.  A child that joins writes one of its own. */
static void after_fork_in_child(void)
{
    joined = NULL;
    pthread_mutex_unlock(&joined_mutex);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* The session's directory, if a living process owns it: a descriptor, or -EKEYREJECTED. */
static int open_living(int store_fd, const char *name, struct rm_owner *ret_owner)
{
    int fd = rm_store_open_directory(store_fd, name), e;
    struct rm_header header;

    if (fd < 0)
        return fd == -ENOENT ? -EKEYREJECTED : fd;
    e = rm_header_read(fd, &header);
    if (e >= 0 && rm_owner_state(&header.owner) == RM_OWNER_DEAD)
        e = -EKEYREJECTED;
    if (e < 0) {
        close(fd);
        return e == -ENOENT ? -EKEYREJECTED : e;
    }
    *ret_owner = header.owner;
    return fd;
}

/* How much the secondaries have stored, and how many they are. */
static int measure(int dir_fd, uint64_t *ret_total, uint64_t *ret_logs)
{
    uint64_t total = 0, logs = 0;
    struct dirent *entry;
    DIR *dir;
    int e = rm_store_list(dir_fd, &dir);

    if (e < 0)
        return e;
    while ((e = rm_store_next(dir, &entry)) > 0) {
        struct stat st;

        if (!rm_slot_is_log_name(entry->d_name) || fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        logs++;
        total += st.st_blocks * 512 > st.st_size ? (uint64_t)st.st_blocks * 512 : (uint64_t)st.st_size;
    }
    closedir(dir);
    if (e < 0)
        return e;
    *ret_total = total;
    *ret_logs = logs;
    return 0;
}

static int check_ceiling(int dir_fd, struct rm_slot *slot, size_t more)
{
    uint64_t total = 0, logs = 0, limit = CEILING, step;
    struct statvfs fs;
    int e;

    if (slot->log.good + more <= slot->free_until)
        return 0;
    e = measure(dir_fd, &total, &logs);
    if (e < 0)
        return e;
    /* A quarter of what would be free without this session; f_blocks is 0 where there is no limit. */
    if (fstatvfs(dir_fd, &fs) == 0 && fs.f_blocks && ((uint64_t)fs.f_bavail * fs.f_frsize + total) / 4 < limit)
        limit = ((uint64_t)fs.f_bavail * fs.f_frsize + total) / 4;
    if (total + more > limit)
        return -EFBIG;
    /* What all writers together may write before they look again is a small part of the whole. */
    step = limit / (16 * (logs ? logs : 1));
    slot->free_until = slot->log.good + more + (step < CEILING_STEP ? step : CEILING_STEP);
    return 0;
}

/* A new log with a first, empty record: that a full disk refuses is learned at the join. */
static int create_log(int dir_fd, struct rm_slot *slot)
{
    int fd, e = check_ceiling(dir_fd, slot, FIRST_BLOCK);

    if (e >= 0)
        e = rm_slot_random_name("j-", slot->log_name);
    if (e < 0)
        return e;
    fd = openat(dir_fd, slot->log_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    e = rm_log_append(fd, &slot->log, &slot->process, sizeof slot->process);
    close(fd);
    if (e < 0)
        (void)unlinkat(dir_fd, slot->log_name, 0);
    return e;
}

static int join_in(struct rm_slot *slot, const struct rm_wait *wait)
{
    struct rm_lock lock;
    int store_fd, fd, e;

    store_fd = rm_store_open(slot->store);
    if (store_fd < 0)
        return store_fd == -ENOENT ? -EKEYREJECTED : store_fd;
    /* Without the lock first: nobody should wait to learn that a key is wrong. */
    e = fd = open_living(store_fd, slot->name, &slot->owner);
    if (fd >= 0) {
        close(fd);
        e = rm_lock_acquire(store_fd, wait, &lock);
    }
    if (e >= 0) {
        e = fd = open_living(store_fd, slot->name, &slot->owner);
        if (fd >= 0) {
            e = create_log(fd, slot);
            close(fd);
        }
        rm_lock_release(&lock);
    }
    close(store_fd);
    return e == -ENOENT ? -EKEYREJECTED : e; /* the store was removed while we worked in it */
}

/* The other place of a user may be where the primary started. */
static int join_somewhere(struct rm_slot *slot, const struct rm_wait *wait)
{
    int e = -EKEYREJECTED;

    for (unsigned n = 0; n < RM_STORE_PLACES; n++) {
        int r = rm_store_place(n, slot->store);

        if (r == -ENOENT)
            break;
        r = join_in(slot, wait);
        if (r >= 0 || r == -ETIMEDOUT || r == -ECANCELED || r == -EINTR)
            return r;
        if (r != -EKEYREJECTED)
            e = r;
    }
    return e;
}

/* Is the session that a reference speaks of still there?  -EOWNERDEAD if not. */
static int check_living(const struct rm_slot *slot)
{
    int fd = rm_slot_open(slot, NULL);

    if (fd < 0)
        return fd == -ENOENT ? -EOWNERDEAD : fd;
    close(fd);
    return rm_owner_state(&slot->owner) == RM_OWNER_DEAD ? -EOWNERDEAD : 0;
}

/* Under the mutex. */
static struct rm_slot *find_joined(const char *name)
{
    struct rm_slot *slot = joined;

    while (slot && strcmp(slot->name, name))
        slot = slot->next;
    return slot;
}

int rm_host_slot_join(const uint8_t key_hash[32], const struct rm_wait *wait, struct rm_slot **ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char name[RM_SLOT_NAME_SIZE];
    struct rm_slot *slot;
    int e;

    pthread_once(&once, watch_forks);
    rm_slot_name(key_hash, name);

    pthread_mutex_lock(&joined_mutex);
    slot = find_joined(name);
    if (slot) {
        e = check_living(slot);
        if (e >= 0) {
            slot->joins++;
            *ret = slot;
        }
        pthread_mutex_unlock(&joined_mutex);
        return e == -EOWNERDEAD ? -EKEYREJECTED : e;
    }
    pthread_mutex_unlock(&joined_mutex);

    slot = calloc(1, sizeof *slot);
    if (!slot)
        return -ENOMEM;
    slot->process = getpid();
    slot->joins = 1;
    pthread_mutex_init(&slot->mutex, NULL);
    memcpy(slot->name, name, sizeof name);
    e = join_somewhere(slot, wait);
    if (e < 0) {
        pthread_mutex_destroy(&slot->mutex);
        free(slot);
        return e;
    }
    /* Two threads may have joined at once; then there are two logs, which does no harm. */
    pthread_mutex_lock(&joined_mutex);
    slot->next = joined;
    joined = slot;
    pthread_mutex_unlock(&joined_mutex);
    *ret = slot;
    return 0;
}

/* Gives up one join; true if it was the last. */
static bool drop_join(struct rm_slot *slot)
{
    bool last;

    pthread_mutex_lock(&joined_mutex);
    last = --slot->joins == 0;
    for (struct rm_slot **p = &joined; last && *p; p = &(*p)->next)
        if (*p == slot) {
            *p = slot->next;
            break;
        }
    pthread_mutex_unlock(&joined_mutex);
    return last;
}

/* The session and what was registered live on; a log in which nothing was registered goes. */
int rm_secondary_leave_take(struct rm_slot *slot)
{
    int fd;

    if (slot->process != getpid() || !drop_join(slot))
        return 0;
    if (!slot->registered) {
        fd = rm_slot_open(slot, NULL);
        if (fd >= 0) {
            (void)unlinkat(fd, slot->log_name, 0);
            close(fd);
        }
    }
    pthread_mutex_destroy(&slot->mutex);
    free(slot);
    return 0;
}

/* Under the slot's mutex. */
static int append(int dir_fd, struct rm_slot *slot, const void *data, size_t size)
{
    int fd, e = check_ceiling(dir_fd, slot, size);

    if (e < 0)
        return e;
    fd = rm_store_open_file(dir_fd, slot->log_name, O_WRONLY, NULL);
    if (fd < 0)
        return fd;
    e = rm_log_append(fd, &slot->log, data, size);
    close(fd);
    return e;
}

int rm_host_slot_append(struct rm_slot *slot, const void *data, size_t size)
{
    int dir_fd, e;

    dir_fd = rm_slot_open(slot, NULL);
    if (dir_fd < 0)
        return dir_fd == -ENOENT ? -EOWNERDEAD : dir_fd;
    if (rm_owner_state(&slot->owner) == RM_OWNER_DEAD) {
        close(dir_fd);
        return -EOWNERDEAD;
    }

    pthread_mutex_lock(&slot->mutex);
    e = append(dir_fd, slot, data, size);
    if (e >= 0)
        slot->registered = true;
    pthread_mutex_unlock(&slot->mutex);
    close(dir_fd);
    if (e != -ENOENT)
        return e;
    /* The log is gone: with its session, or it alone. */
    e = check_living(slot);
    return e >= 0 ? -EIO : e;
}
