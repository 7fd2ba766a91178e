/* SPDX-License-Identifier: MIT
 *
 * Where sessions are kept so that other processes of the same user find them:
 * a directory that only this user can enter, on a file system that does not
 * outlive the boot.  The place follows from the effective user alone, never
 * from the environment, which cron, su and service managers all set
 * differently:
 *
 *     root        /run/rmcy
 *     others      /run/user/UID/rmcy if /run/user/UID is theirs,
 *                 else /dev/shm/rmcy-UID
 *
 * The second place of a user can come and go with a login, so those who join
 * look in both.
 */
#pragma once

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define RM_STORE_PATH_MAX 64
#define RM_STORE_PLACES 2

/* The n-th place, best first: 0, or -ENOENT when there is no such place. */
int rm_store_place(unsigned n, char ret_path[RM_STORE_PATH_MAX]);

/* Opens a store and makes sure that it is a directory of this user's that nobody else can enter.  -ENOENT: there is
 * none.  Returns the descriptor. */
int rm_store_open(const char *path);
/* The same, and makes it where it is missing. */
int rm_store_make(const char *path);

/* What is in a store is this user's, nobody else has a right to it, and it is what it should be: -EPERM if not.  No
 * link is followed, and nothing is opened only to be looked at: a FIFO would wait, a device might do something. */
int rm_store_open_directory(int store_fd, const char *name);
/* flags: O_RDONLY, O_WRONLY or O_RDWR.  *ret_st may be NULL. */
int rm_store_open_file(int dir_fd, const char *name, int flags, struct stat *ret_st);

/* The same in the store of any user, for those who may look there: as data only. */
int rm_store_place_of(uint32_t uid, unsigned n, char ret_path[RM_STORE_PATH_MAX]);
int rm_store_open_of(uint32_t uid, const char *path);
int rm_store_open_directory_of(uint32_t uid, int dir_fd, const char *name);
int rm_store_open_file_of(uint32_t uid, int dir_fd, const char *name, int flags, struct stat *ret_st);

/* A stream over a directory that leaves the caller's descriptor alone. */
int rm_store_list(int dir_fd, DIR **ret);
/* 1 and an entry, 0 at the end, or -errno: the end and a failure look the same to readdir. */
int rm_store_next(DIR *dir, struct dirent **ret);

/* Removes a directory of the store with all that is in it, one level deep.  What cannot be removed is left. */
void rm_store_remove(int store_fd, const char *name);
