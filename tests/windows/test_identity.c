/* SPDX-License-Identifier: MIT
 *
 * Which file a name means: one file under many names, and two files under none
 * in common.
 */
#include "own_store.h"

#include "host.h"
#include "text.h"

#include <stdbool.h>

#define NAME_SIZE (3 * OWN_PATH_SIZE)

static void make_file(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);

    CHECK(file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
}

static struct rm_identity identify_bytes(const char *name)
{
    struct rm_identity id;

    CHECK_EQUAL(rm_host_identify(name, &id), 0);
    return id;
}

static struct rm_identity identify(const WCHAR *path)
{
    char name[NAME_SIZE];
    long size = rm_text_to_bytes(path, name, sizeof name - 1);

    CHECK(size > 0);
    name[size] = 0;
    return identify_bytes(name);
}

static bool is_same(const WCHAR *a, const WCHAR *b)
{
    struct rm_identity x = identify(a), y = identify(b);

    CHECK(!rm_identity_is_odd(&x));
    return rm_identity_equal(&x, &y);
}

static void test_one_file_by_many_names(void)
{
    WCHAR path[OWN_PATH_SIZE], other[OWN_PATH_SIZE];

    own_join(own_store, L"File.txt", path);
    make_file(path);
    own_join(own_store, L"file.TXT", other);
    CHECK(is_same(path, other));
    own_join(own_store, L".\\nothing\\..\\File.txt", other);
    CHECK(is_same(path, other));
    swprintf(other, OWN_PATH_SIZE, L"\\\\?\\%ls", path);
    CHECK(is_same(path, other));
    wcscpy(other, path);
    for (WCHAR *c = other; *c; c++)
        if (*c == '\\')
            *c = '/';
    CHECK(is_same(path, other));
    own_join(own_store, L"link", other);
    CHECK(CreateHardLinkW(other, path, NULL));
    CHECK(is_same(path, other));
}

static void test_a_new_file_of_the_same_name_is_another(void)
{
    WCHAR path[OWN_PATH_SIZE], other[OWN_PATH_SIZE], kept[OWN_PATH_SIZE];
    struct rm_identity before, after;

    own_join(own_store, L"library", path);
    own_join(own_store, L"library.new", other);
    own_join(own_store, L"library.old", kept);
    make_file(path);
    make_file(other);
    CHECK(!is_same(path, other));
    before = identify(path);
    CHECK(MoveFileExW(path, kept, 0));
    CHECK(MoveFileExW(other, path, 0));
    after = identify(path);
    CHECK(!rm_identity_equal(&before, &after));
    after = identify(kept);
    CHECK(rm_identity_equal(&before, &after));
}

static void test_what_is_no_file(void)
{
    WCHAR path[OWN_PATH_SIZE];

    CHECK_EQUAL(identify(own_store).flags & (RM_ID_DIRECTORY | RM_ID_MISSING), RM_ID_DIRECTORY);
    own_join(own_store, L"missing", path);
    CHECK_EQUAL(identify(path).flags, RM_ID_MISSING);
    own_join(own_store, L"missing\\below", path);
    CHECK_EQUAL(identify(path).flags, RM_ID_MISSING);
    own_join(own_store, L"File.txt\\below", path);
    CHECK_EQUAL(identify(path).flags, RM_ID_MISSING);
    own_join(own_store, L"no|name", path);
    CHECK_EQUAL(identify(path).flags, RM_ID_MISSING);
    own_join(own_store, (WCHAR[]){'a', 0xD800, 'b', 0}, path);
    CHECK_EQUAL(identify(path).flags, RM_ID_MISSING);
}

/* Whoever has it for himself alone does not keep others from seeing which file it is. */
static void test_a_file_that_is_locked(void)
{
    WCHAR path[OWN_PATH_SIZE];
    struct rm_identity before;
    HANDLE file;

    own_join(own_store, L"locked", path);
    make_file(path);
    before = identify(path);
    file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(!rm_identity_is_odd(&before));
    struct rm_identity now = identify(path);
    CHECK(rm_identity_equal(&before, &now));
    CloseHandle(file);
}

static void test_a_path_of_more_than_260_units(void)
{
    WCHAR path[OWN_PATH_SIZE], part[80];

    for (int i = 0; i < 79; i++)
        part[i] = 'a';
    part[79] = 0;
    swprintf(path, OWN_PATH_SIZE, L"\\\\?\\%ls", own_store);
    for (int i = 0; i < 4; i++) {
        own_join(path, part, path);
        CHECK(CreateDirectoryW(path, NULL));
    }
    own_join(path, L"deep", path);
    make_file(path);
    CHECK(wcslen(path) > 300);
    CHECK(is_same(path, path + 4)); /* without \\?\ */
    CHECK(DeleteFileW(path));
}

static void absolute(const char *name, const char *expected)
{
    char to[NAME_SIZE];

    CHECK_EQUAL(rm_host_absolute(name, to, sizeof to), 0);
    CHECK(!strcmp(to, expected));
}

static void test_absolute_names(void)
{
    CHECK(rm_host_is_absolute("C:\\x"));
    CHECK(rm_host_is_absolute("c:/x"));
    CHECK(rm_host_is_absolute("\\\\server\\share\\x"));
    CHECK(rm_host_is_absolute("\\\\?\\C:\\x"));
    CHECK(!rm_host_is_absolute("C:x"));
    CHECK(!rm_host_is_absolute("\\x"));
    CHECK(!rm_host_is_absolute("x"));
    CHECK(!rm_host_is_absolute(""));

    CHECK(SetCurrentDirectoryW(L"C:\\windows"));
    absolute("x", "C:\\windows\\x");
    absolute("..\\x/y", "C:\\x\\y");
    absolute("\\x", "C:\\x");
    absolute("C:x", "C:\\windows\\x");
    absolute("D:/a/../b", "D:/a/../b"); /* as it was written */
    CHECK_EQUAL(rm_host_absolute("x", (char[12]){0}, 12), -ENAMETOOLONG);
    CHECK_EQUAL(rm_host_absolute("C:\\x", (char[4]){0}, 4), -ENAMETOOLONG);
}

static void test_many_at_once(void)
{
    const struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1}, late = {.deadline = 0, .cancel_fd = -1};
    struct rm_names names = {0};
    uint32_t at = 7;

    CHECK_EQUAL(rm_names_add(&names, "C:\\windows"), 0);
    CHECK_EQUAL(rm_names_add(&names, "C:\\no such file"), 0);
    CHECK_EQUAL(rm_host_identify_all(&names, false, &wait, &at), 0);
    CHECK(names.ids[0].flags & RM_ID_DIRECTORY);
    CHECK(names.ids[1].flags & RM_ID_MISSING);
    CHECK_EQUAL(at, 7); /* only of a failure is it said where */
    CHECK_EQUAL(rm_host_identify_all(&names, false, &late, &at), -ETIMEDOUT);
    CHECK_EQUAL(at, 0);
    rm_names_done(&names);
}

int main(void)
{
    store_renew();
    RUN(test_one_file_by_many_names);
    RUN(test_a_new_file_of_the_same_name_is_another);
    RUN(test_what_is_no_file);
    RUN(test_a_file_that_is_locked);
    RUN(test_a_path_of_more_than_260_units);
    RUN(test_absolute_names);
    RUN(test_many_at_once);
    store_done();
    return 0;
}
