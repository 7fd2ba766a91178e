/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "maps.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int parse(const char *line, struct rm_map *ret, const char **ret_path, size_t *ret_length)
{
    return rm_maps_parse(line, strlen(line), ret, ret_path, ret_length);
}

static void test_line(void)
{
    struct rm_map m;
    const char *path;
    size_t length;
    CHECK_EQUAL(parse("7f0000001000-7f0000003000 r-xp 00002000 103:0a 260875        /usr/lib/a b.so", &m, &path, &length),
                0);
    CHECK(m.start == 0x7f0000001000 && m.end == 0x7f0000003000 && m.inode == 260875);
    CHECK_EQUAL(m.device, (uint64_t)0x103 << 32 | 0x0a);
    CHECK(length == 15 && !memcmp(path, "/usr/lib/a b.so", length));

    CHECK_EQUAL(parse("0-1000 rw-p 00000000 00:00 0 ", &m, &path, &length), 0);
    CHECK(m.inode == 0 && length == 0);
    CHECK_EQUAL(parse("0-1000 rw-p 00000000 00:00 0", &m, &path, &length), 0);
    CHECK_EQUAL(parse("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]", &m, &path,
                      &length),
                0);
    CHECK_EQUAL(parse("1-ffffffffffffffff r--s 0 ffffffff:ffffffff 18446744073709551615 /x", &m, &path, &length), 0);
    CHECK(m.end == UINT64_MAX && m.inode == UINT64_MAX && m.device == UINT64_MAX);
}

static void test_hostile_lines(void)
{
    static const char *const bad[] = {
        "", "-", "x-1000 r--p 0 0:0 1 /a", "1000-1000 r--p 0 0:0 1 /a", "2000-1000 r--p 0 0:0 1 /a", "1000 r--p 0 0:0 1 /a",
        "0-10000000000000000 r--p 0 0:0 1 /a", "0-1000 r--p 0 100000000:0 1 /a", "0-1000 r--p 0 0:0 18446744073709551616 /a",
        "0-1000 r--p 0 0:0 -1 /a", "0-1000 r--p 0 0:0 1x /a", "0-1000 r--p 0 0:0", "0-1000 r--p 0 0:0 ", "0-1000 r--p 0", "0-1000 r-",
        "0-1000 r--pp 0 0:0 1 /a", "0-1000 r--p  0:0 1 /a", "-1000 r--p 0 0:0 1 /a",
    };
    struct rm_map m = {.inode = 7};
    const char *path;
    size_t length;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_EQUAL(parse(bad[i], &m, &path, &length), -EBADMSG);
    CHECK_EQUAL(m.inode, 7);
}

static void test_line_that_is_cut_anywhere(void)
{
    const char *whole = "7f0000001000-7f0000003000 r-xp 00002000 103:0a 260875 /a";
    for (size_t size = 0; size < strlen(whole); size++) {
        struct rm_map m;
        const char *path;
        size_t length;
        char *copy = malloc(size ? size : 1);
        CHECK(copy);
        memcpy(copy, whole, size);
        int r = rm_maps_parse(copy, size, &m, &path, &length);
        CHECK(r == 0 || r == -EBADMSG);
        free(copy);
    }
}

static void test_unescape(void)
{
    char to[16];
    CHECK_EQUAL(rm_maps_unescape("/a\\012b", 7, to, sizeof(to)), 0);
    CHECK(!strcmp(to, "/a\nb"));
    CHECK_EQUAL(rm_maps_unescape("/a\\01", 5, to, sizeof(to)), 0);
    CHECK(!strcmp(to, "/a\\01"));
    CHECK_EQUAL(rm_maps_unescape("", 0, to, sizeof(to)), 0);
    CHECK(!strcmp(to, ""));
    CHECK_EQUAL(rm_maps_unescape("/abc", 4, to, 4), -ENAMETOOLONG);
    CHECK_EQUAL(rm_maps_unescape("/abc", 4, to, 5), 0);
    CHECK_EQUAL(rm_maps_unescape("", 0, to, 0), -ENAMETOOLONG);
}

/* A "maps" file as a kernel might give it, or as none would. */
static int walk(int dir, const char *text, size_t size, size_t *ret_count)
{
    struct rm_maps maps;
    struct rm_map m;
    int r, fd = openat(dir, "maps", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, text, size) == (ssize_t)size);
    close(fd);
    CHECK_EQUAL(rm_maps_open(&maps, dir, "maps", false), 0);
    *ret_count = 0;
    while ((r = rm_maps_next(&maps, &m)) > 0)
        ++*ret_count;
    rm_maps_done(&maps);
    return r;
}

static void test_text_in_pieces(void)
{
    char directory[] = "maps-XXXXXX";
    CHECK(mkdtemp(directory));
    int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    size_t count, size = (size_t)RM_MAPS_SIZE * 5, used = 0;
    char *text = malloc(size);
    CHECK(dir >= 0 && text);

    CHECK(walk(dir, "", 0, &count) == 0 && count == 0);
    size_t lines = 0;
    while (used + 256 < size) { /* lines cross every boundary of the buffer */
        used += (size_t)sprintf(text + used, "%zx-%zx r--p 0 8:1 %zu %*s/x\n", lines * 4096, (lines + 1) * 4096, lines % 3,
                                (int)(lines % 97), "");
        lines++;
    }
    CHECK_EQUAL(walk(dir, text, used, &count), 0);
    CHECK_EQUAL(count, lines - (lines + 2) / 3); /* without those that no file backs */
    CHECK_EQUAL(walk(dir, text, used - 1, &count), -EBADMSG); /* the last line is cut */

    memset(text, 'a', size);
    CHECK_EQUAL(walk(dir, text, size, &count), -EBADMSG); /* a line without an end */
    free(text);
    unlinkat(dir, "maps", 0);
    close(dir);
    CHECK_EQUAL(rmdir(directory), 0);
}

/* Our own maps, by both ways: the map, its numbers, its path. */
static void find_own(bool query, const char *file)
{
    char path[4200], want[4200];
    struct rm_maps maps;
    struct rm_map m;
    struct stat st;
    int r, found = 0, fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && ftruncate(fd, 4096) == 0 && fstat(fd, &st) == 0);
    void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    close(fd);
    CHECK(realpath(file, want));
    CHECK_EQUAL(rm_maps_open(&maps, AT_FDCWD, "/proc/self/maps", query), 0);
    while ((r = rm_maps_next(&maps, &m)) > 0) {
        CHECK(m.inode);
        if (m.start != (uintptr_t)p)
            continue;
        found++;
        CHECK_EQUAL(m.inode, st.st_ino);
        CHECK_EQUAL(rm_maps_path(&maps, &m, path, sizeof(path)), 0);
        CHECK(!strcmp(path, want));
    }
    CHECK_EQUAL(r, 0);
    CHECK_EQUAL(found, 1);
    rm_maps_done(&maps);
    munmap(p, 4096);
    unlink(file);
}

static void test_own_maps(void)
{
    static const char *const names[] = {"maps plain", "maps\nnewline", "maps (deleted)", "maps-\xff\xfe"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        find_own(false, names[i]);
        if (rm_maps_can_query())
            find_own(true, names[i]);
    }
}

int main(void)
{
    RUN(test_line);
    RUN(test_hostile_lines);
    RUN(test_line_that_is_cut_anywhere);
    RUN(test_unescape);
    RUN(test_text_in_pieces);
    RUN(test_own_maps);
    return 0;
}
