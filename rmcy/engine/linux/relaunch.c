/* SPDX-License-Identifier: MIT
 *
 * Registering, by the process that wants to come back; and reading what one
 * has registered, through its pin.
 *
 * The program is what /proc/self/exe leads to.  Many programs look at the name
 * that they were called by as well (a Python in a virtual environment finds
 * that environment by it), so an absolute name of the same file is kept too.
 */
#include "relaunch.h"

#include "host.h"
#include "inode.h"
#include "pinned.h"
#include "procfs.h"
#include "registration.h"
#include "store.h"
#include "wished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* ---- the wish ---- */

struct self {
    char exe[RM_WISH_PATH_MAX];
    char name[RM_WISH_PATH_MAX];
    char directory[RM_WISH_PATH_MAX];
};

/* The file's name, also if it has been replaced: what has the name then is this program all the same. */
static int read_exe(char exe[RM_WISH_PATH_MAX], struct rm_inode *ret_named)
{
    static const char mark[] = " (deleted)";
    ssize_t n = readlink("/proc/self/exe", exe, RM_WISH_PATH_MAX - 1);
    if (n < 0)
        return -errno;
    exe[n] = '\0';
    int r = rm_inode_look(exe, ret_named);
    if (r < 0 && (size_t)n > sizeof(mark) - 1 && strcmp(exe + n - (sizeof(mark) - 1), mark) == 0) {
        exe[(size_t)n - (sizeof(mark) - 1)] = '\0';
        r = rm_inode_look(exe, ret_named);
    }
    return r;
}

static bool is_name_of(const char *name, const struct rm_inode *exe)
{
    struct rm_inode inode;
    return *name == '/' && strlen(name) < RM_WISH_PATH_MAX && rm_inode_look(name, &inode) == 0 &&
           rm_identity_equal(&inode.id, &exe->id);
}

/* What it was called by, if it still says so, else what was executed: that may be a link to the program. */
static void read_name(struct self *self, const struct rm_inode *exe)
{
    unsigned long executed = getauxval(AT_EXECFN);
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, self->name, sizeof(self->name) - 1);
    if (fd >= 0)
        close(fd);
    self->name[n > 0 ? n : 0] = '\0';
    if (is_name_of(self->name, exe))
        return;
    const char *name = executed && is_name_of((const char *)executed, exe) ? (const char *)executed : self->exe;
    memcpy(self->name, name, strlen(name) + 1);
}

static int read_directory(const char *given, char directory[RM_WISH_PATH_MAX])
{
    int r = rm_host_absolute(given ? given : "", directory, RM_WISH_PATH_MAX);
    size_t length = r < 0 ? 0 : strlen(directory);
    if (!given && length > 1) /* the slash for what could follow */
        directory[length - 1] = '\0';
    return r;
}

static int make_wish(const RMX_RELAUNCH *how, void **ret, size_t *ret_size)
{
    struct self *self = malloc(sizeof(*self));
    const char **arguments = malloc((how->argument_count + (size_t)1) * sizeof(*arguments));
    struct rm_inode exe;
    int r = self && arguments ? read_exe(self->exe, &exe) : -ENOMEM;
    if (r == 0)
        r = read_directory(how->directory, self->directory);
    if (r == 0) {
        read_name(self, &exe);
        arguments[0] = self->name;
        for (uint32_t i = 0; i < how->argument_count; i++)
            arguments[i + 1] = how->arguments[i];
        r = rm_wish_pack(
            &(struct rm_wish){
                .flags = how->flags,
                .exe = self->exe,
                .directory = self->directory,
                .argument_count = how->argument_count + 1,
                .arguments = arguments,
                .environment_count = how->environment_count,
                .environment = how->environment,
            },
            ret, ret_size);
    }
    free(arguments);
    free(self);
    return r;
}

/* ---- registering ---- */

static int open_directory(unsigned n, bool make)
{
    char path[RM_STORE_PATH_MAX];
    int store = rm_store_place(n, path);
    if (store == 0)
        store = make ? rm_store_make(path) : rm_store_open(path);
    if (store < 0)
        return store;
    int fd = rm_registration_directory(store, make);
    close(store);
    return fd;
}

/* From this place on. */
static void forget(const struct rm_owner *process, unsigned n)
{
    for (; n < RM_STORE_PLACES; n++) {
        int directory = open_directory(n, false);
        if (directory < 0)
            continue;
        rm_registration_remove(directory, process);
        close(directory);
    }
}

/* Has this process one user and one group?  What it registers for another one's store would never be found. */
static bool has_one_user(void)
{
    uid_t uid[3];
    gid_t gid[3];
    return getresuid(&uid[0], &uid[1], &uid[2]) == 0 && getresgid(&gid[0], &gid[1], &gid[2]) == 0 &&
           uid[0] == uid[1] && uid[0] == uid[2] && gid[0] == gid[1] && gid[0] == gid[2];
}

int rm_host_relaunch_register(const RMX_RELAUNCH *how)
{
    struct rm_run run;
    void *wish;
    size_t size;
    int r = rm_run_self(&run);
    if (r < 0)
        return r == -ENOENT ? -EIO : r; /* no /proc */
    if (!how) {
        forget(&run.process, 0);
        return 0;
    }
    if (!has_one_user())
        return -EKEYREJECTED;
    r = make_wish(how, &wish, &size);
    if (r < 0)
        return r;
    int directory = open_directory(0, true);
    r = directory < 0 ? directory : rm_registration_write(directory, &run, wish, size);
    if (r == 0) {
        forget(&run.process, 1);
        rm_registration_sweep(directory, &run.process);
    }
    if (directory >= 0)
        close(directory);
    free(wish);
    return r == -ENOENT ? -EIO : r;
}

/* ---- reading ---- */

int rm_host_relaunch_read(const struct rm_pin *pin, void **ret, size_t *ret_size)
{
    struct rm_credentials credentials;
    struct rm_wish *wish;
    int directory = rm_pin_open_directory(pin);
    if (directory < 0)
        return -ENOENT;
    int r = rm_wished_read(directory, rm_host_pin_process(pin).dwProcessId, &credentials, &wish);
    close(directory);
    if (r < 0)
        return r;
    wish->uid = credentials.uid;
    wish->gid = credentials.gid;
    wish->groups = credentials.groups;
    wish->group_count = credentials.group_count;
    r = rm_wish_pack(wish, ret, ret_size);
    free(wish);
    rm_credentials_done(&credentials);
    return r;
}
