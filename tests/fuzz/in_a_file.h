/* SPDX-License-Identifier: MIT
 *
 * The input as a file, for readers that open one by its name in a directory.
 */
#pragma once

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static char directory[] = "/dev/shm/fuzz-file-XXXXXX"; /* mkdtemp() fills in the end */
static int dir_fd = -1;
static const char *file_name;

static void remove_directory(void)
{
    (void)unlinkat(dir_fd, file_name, 0);
    (void)rmdir(directory);
}

/* The same name each time. */
static void write_file(const char *name, const uint8_t *data, size_t size)
{
    if (dir_fd < 0) {
        file_name = name;
        dir_fd = mkdtemp(directory) ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        if (dir_fd < 0)
            abort();
        atexit(remove_directory);
    }
    int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    close(fd);
}
