/* SPDX-License-Identifier: MIT
 *
 * A session's header, as any bytes that a file called "session" can hold, and
 * the judgement on the owner that it names.
 */
#include "header.h"
#include "log.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static char directory[] = "/dev/shm/fuzz-header-XXXXXX";
static int dir_fd = -1;

static void remove_directory(void)
{
    (void)unlinkat(dir_fd, "session", 0);
    (void)rmdir(directory);
}

static int open_header(void)
{
    if (dir_fd < 0) {
        dir_fd = mkdtemp(directory) ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        if (dir_fd < 0)
            abort();
        atexit(remove_directory);
    }
    return openat(dir_fd, "session", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rm_header header;
    int fd = open_header();

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    close(fd);
    memset(&header, 0xA5, sizeof header);
    if (rm_header_read(dir_fd, &header) < 0) {
        for (size_t i = 0; i < sizeof header; i++) /* untouched on failure */
            if (((const uint8_t *)&header)[i] != 0xA5)
                abort();
        return 0;
    }
    if (size < sizeof header || header.slot >= RM_SLOTS || !memchr(header.label, 0, sizeof header.label))
        abort();
    if (rm_owner_state(&header.owner) > RM_OWNER_FOREIGN)
        abort();
    return 0;
}

/* Half of them get a checksum that is right, or nothing would come past it. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    const size_t at = offsetof(struct rm_header, magic);
    uint64_t checksum;

    size = LLVMFuzzerMutate(data, size, max_size);
    if (seed & 1 || size < sizeof(struct rm_header))
        return size;
    memcpy(data + at, "rmcy/1\n", 8);
    checksum = rm_frame_checksum(data + at, sizeof(struct rm_header) - at, 0);
    memcpy(data, &checksum, sizeof checksum);
    return size;
}
