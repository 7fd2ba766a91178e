/* SPDX-License-Identifier: MIT
 *
 * A program that holds files, each in the way that it is told: its arguments
 * are verbs with their operands, done in order.  Then it writes "ready PID" and
 * stays until its standard input is closed.  Nothing here waits by the clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <err.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEED(call)                                                                                                     \
    do {                                                                                                               \
        if (!(call))                                                                                                   \
            err(1, "%s", #call);                                                                                       \
    } while (0)

static pid_t outer; /* as whoever started us numbers this process; 0: as it does itself */

static void ready(void)
{
    printf("ready %d\n", outer ? outer : getpid());
    NEED(fflush(stdout) == 0);
}

static void stay(void)
{
    char c;
    while (read(0, &c, 1) != 0)
        ;
    _exit(0);
}

static int open_file(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        err(1, "open %s", path);
    return fd;
}

static void map_fd(int fd, int flags)
{
    NEED(mmap(NULL, 4096, PROT_READ, flags, fd, 0) != MAP_FAILED);
    NEED(close(fd) == 0);
}

static void map_file(const char *path)
{
    map_fd(open_file(path), MAP_PRIVATE);
}

/* ---- threads ---- */

static const char *thread_file;
static void (*thread_hold)(const char *);
static pthread_t first_thread;

static void hold_fd(const char *path)
{
    (void)open_file(path);
}

static void *own_table(void *unused)
{
    (void)unused;
    NEED(unshare(CLONE_FILES) == 0);
    hold_fd(thread_file);
    ready();
    stay();
    return NULL;
}

/* The join is over a moment before /proc says that the thread has ended. */
static void wait_for_zombie(void)
{
    char text[512];
    do {
        int fd = open("/proc/self/stat", O_RDONLY);
        ssize_t n = read(fd, text, sizeof(text) - 1);
        NEED(n > 0 && close(fd) == 0);
        text[n] = '\0';
        sched_yield();
    } while (strncmp(strrchr(text, ')'), ") Z", 3) != 0);
}

static void *outlive_first(void *unused)
{
    (void)unused;
    NEED(pthread_join(first_thread, NULL) == 0);
    wait_for_zombie();
    if (thread_hold)
        thread_hold(thread_file);
    ready();
    stay();
    return NULL;
}

static void in_thread(void *(*body)(void *), const char *path)
{
    pthread_t thread;
    thread_file = path;
    first_thread = pthread_self();
    NEED(pthread_create(&thread, NULL, body, NULL) == 0);
    if (body == outlive_first)
        pthread_exit(NULL);
    pthread_join(thread, NULL);
}

/* ---- where nobody looks ---- */

static void in_flight(const char *path)
{
    int pair[2], fd = open_file(path);
    NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec io = {.iov_base = "", .iov_len = 1};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    NEED(sendmsg(pair[0], &message, 0) == 1);
    NEED(close(fd) == 0);
}

static void in_ring(const char *path)
{
    struct io_uring_params parameters = {0};
    int fd = open_file(path);
    int ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
    NEED(ring >= 0);
    NEED(syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1) == 0);
    NEED(close(fd) == 0);
}

/* ---- memory without a name ---- */

static void memory(const char *directory)
{
    char path[4096];
    int fd = memfd_create("holder", 0);
    NEED(fd >= 0 && ftruncate(fd, 4096) == 0);
    NEED(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
    int id = shmget(IPC_PRIVATE, 4096, 0600);
    NEED(id >= 0 && shmat(id, NULL, 0) != (void *)-1);
    NEED(shmctl(id, IPC_RMID, NULL) == 0);
    NEED(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    map_fd(open_file("/dev/zero"), MAP_SHARED);
    snprintf(path, sizeof(path), "%s/temporary-XXXXXX", directory);
    fd = mkstemp(path);
    NEED(fd >= 0 && unlink(path) == 0 && ftruncate(fd, 4096) == 0);
    map_fd(fd, MAP_SHARED);
}

/* ---- namespaces ---- */

static int old_mounts = -1;

static void own_mounts(void)
{
    old_mounts = open_file("/proc/self/ns/mnt");
    NEED(unshare(CLONE_NEWNS) == 0);
    NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

/* Back, and the own mounts stay, for a descriptor of the namespace is kept. */
static void come_back(void)
{
    open_file("/proc/self/ns/mnt");
    NEED(setns(old_mounts, CLONE_NEWNS) == 0);
}

/* Only a child is in the new namespace; it is told by its parent how it is numbered here. */
static void own_pids(void)
{
    int numbers[2], status;
    NEED(unshare(CLONE_NEWPID) == 0 && pipe(numbers) == 0);
    pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        NEED(read(numbers[0], &outer, sizeof(outer)) == sizeof(outer));
        return;
    }
    NEED(write(numbers[1], &child, sizeof(child)) == sizeof(child));
    waitpid(child, &status, 0);
    _exit(0);
}

/* ---- one program after another ---- */

/* Executes `other`, which executes this one, and so on until the input is closed.  What is open stays open. */
static void alternate(char **argv, const char *other)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    char *next[] = {(char *)other, "alternate-with", argv[0], NULL};
    if (poll(&input, 1, 0) > 0)
        _exit(0);
    execv(other, next);
    err(1, "execute %s", other);
}

static int do_verb(const char *verb, char **at)
{
    const char *a = at[0], *b = a ? at[1] : NULL;
    if (!strcmp(verb, "own-mounts"))
        return own_mounts(), 0;
    if (!strcmp(verb, "come-back"))
        return come_back(), 0;
    if (!strcmp(verb, "own-pids"))
        return own_pids(), 0;
    if (!strcmp(verb, "own-user"))
        return unshare(CLONE_NEWUSER) == 0 ? 0 : -1;
    if (!strcmp(verb, "zombie"))
        return thread_hold = NULL, in_thread(outlive_first, NULL), 0;
    if (!a)
        errx(2, "%s: no such verb, or it needs an operand", verb);
    if (!strcmp(verb, "fd"))
        return hold_fd(a), 1;
    if (!strcmp(verb, "o-path"))
        return open(a, O_PATH) >= 0 ? 1 : -1;
    if (!strcmp(verb, "map"))
        return map_file(a), 1;
    if (!strcmp(verb, "library"))
        return dlopen(a, RTLD_NOW) ? 1 : -1;
    if (!strcmp(verb, "memory"))
        return memory(a), 1;
    if (!strcmp(verb, "in-flight"))
        return in_flight(a), 1;
    if (!strcmp(verb, "in-ring"))
        return in_ring(a), 1;
    if (!strcmp(verb, "thread-fd"))
        return in_thread(own_table, a), 1;
    if (!strcmp(verb, "late-fd"))
        return thread_hold = hold_fd, in_thread(outlive_first, a), 1;
    if (!strcmp(verb, "late-map"))
        return thread_hold = map_file, in_thread(outlive_first, a), 1;
    if (!strcmp(verb, "cwd"))
        return chdir(a) == 0 ? 1 : -1;
    if (!strcmp(verb, "chroot"))
        return chroot(a) == 0 && chdir("/") == 0 ? 1 : -1;
    if (!strcmp(verb, "tmpfs"))
        return mount("tmpfs", a, "tmpfs", 0, NULL) == 0 ? 1 : -1;
    if (!strcmp(verb, "make"))
        return close(open(a, O_WRONLY | O_CREAT | O_EXCL, 0600)) == 0 && truncate(a, 4096) == 0 ? 1 : -1;
    if (!strcmp(verb, "detach"))
        return umount2(a, MNT_DETACH) == 0 ? 1 : -1;
    if (b && !strcmp(verb, "bind"))
        return mount(a, b, NULL, MS_BIND, NULL) == 0 ? 2 : -1;
    errx(2, "%s: no such verb, or it needs an operand more", verb);
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "alternate-with"))
        alternate(argv, argv[2]);
    for (char **at = argv + 1; *at;) {
        if (at[1] && !strcmp(*at, "alternate")) {
            ready();
            alternate(argv, at[1]);
        }
        if (!strcmp(*at, "ended")) { /* nobody waits for this child: it stays a zombie */
            pid_t child = fork();
            if (child == 0)
                _exit(0);
            siginfo_t info;
            NEED(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0);
            outer = child;
            at++;
            continue;
        }
        int taken = do_verb(*at, at + 1);
        if (taken < 0)
            err(1, "%s %s", *at, at[1] ? at[1] : "");
        at += 1 + taken;
    }
    ready();
    stay();
}
