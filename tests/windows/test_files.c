/* SPDX-License-Identifier: MIT
 *
 * What a name stands for, in each form that a name can have.
 */
#include "check.h"
#include "files.h"

#include <wchar.h>

static WCHAR folder[MAX_PATH]; /* ends with a backslash */

static WCHAR *in_folder(const WCHAR *name)
{
    static WCHAR path[1024];

    swprintf(path, 1024, L"%ls%ls", folder, name);
    return path;
}

static void make_file(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

    CHECK(file != INVALID_HANDLE_VALUE && CloseHandle(file));
}

static void turn(WCHAR *path)
{
    for (; *path; path++)
        if (*path == L'\\')
            *path = L'/';
}

static void test_what_it_stands_for(void)
{
    make_file(in_folder(L"file"));
    CHECK_EQUAL(rm_file_state(in_folder(L"file")), RMX_FILE_STORED);
    CHECK_EQUAL(rm_file_state(in_folder(L"missing")), RMX_FILE_MISSING);
    CHECK_EQUAL(rm_file_state(in_folder(L"missing\\file")), RMX_FILE_MISSING);
    CHECK_EQUAL(rm_file_state(in_folder(L"in*valid?")), RMX_FILE_MISSING);
    CHECK_EQUAL(rm_file_state(L"Q:\\no such drive"), RMX_FILE_MISSING);
    CHECK_EQUAL(rm_file_state(folder), RMX_FILE_DIRECTORY);
}

static void test_forms_of_a_name(void)
{
    WCHAR *path, extended[MAX_PATH + 8];

    swprintf(extended, MAX_PATH + 8, L"\\\\?\\%lsfile", folder);
    CHECK_EQUAL(rm_file_state(extended), RMX_FILE_STORED);
    path = in_folder(L"file");
    turn(path);
    CHECK_EQUAL(rm_file_state(path), RMX_FILE_STORED);
    CHECK(SetCurrentDirectoryW(folder));
    CHECK_EQUAL(rm_file_state(L"file"), RMX_FILE_STORED);
    CHECK_EQUAL(rm_file_state(L".\\FILE"), RMX_FILE_STORED);
}

static void test_names_of_devices(void)
{
    WCHAR name[MAX_PATH + 16] = L"\\\\.\\", *end = name + 4;

    CHECK(SetCurrentDirectoryW(folder));
    CHECK_EQUAL(rm_file_state(L"NUL"), RMX_FILE_STORED);
    /* Long names of that form are as they are, too. */
    end += swprintf(end, MAX_PATH, L"%ls", folder);
    while (end < name + MAX_PATH + 2)
        end += swprintf(end, 3, L".\\");
    wcscpy(end, L"file");
    CHECK_EQUAL(rm_file_state(name), RMX_FILE_STORED);
}

/* Three levels of 120 characters. */
static void test_past_260_characters(void)
{
    WCHAR path[1024], *end = path + swprintf(path, 1024, L"\\\\?\\%ls", folder);

    for (int level = 0; level < 3; level++) {
        for (int i = 0; i < 120; i++)
            *end++ = L'x';
        *end = 0;
        CHECK(CreateDirectoryW(path, NULL) || GetLastError() == ERROR_ALREADY_EXISTS);
        wcscpy(end++, L"\\");
    }
    CHECK_EQUAL(rm_file_state(path + 4), RMX_FILE_DIRECTORY);
    wcscpy(end, L"file");
    make_file(path);
    CHECK_EQUAL(rm_file_state(path), RMX_FILE_STORED);
    CHECK_EQUAL(rm_file_state(path + 4), RMX_FILE_STORED);
    turn(path + 4);
    CHECK_EQUAL(rm_file_state(path + 4), RMX_FILE_STORED);
    wcscpy(end, L"other");
    CHECK_EQUAL(rm_file_state(path + 4), RMX_FILE_MISSING);
}

static void test_names_are_resolved(void)
{
    WCHAR *made, expected[MAX_PATH];
    const WCHAR *name = in_folder(L"file");

    CHECK(rm_file_resolve(name, &made) == name && !made);
    CHECK(rm_file_resolve(L"\\\\?\\C:/as/it/is", &made) && !made);
    CHECK(!wcscmp(rm_file_resolve(L"C:/a/../b", &made), L"C:\\b") && made);
    free(made);
    CHECK(!wcscmp(rm_file_resolve(L"C:\\a\\\\b", &made), L"C:\\a\\b") && made);
    free(made);
    CHECK(!wcscmp(rm_file_resolve(L"C:\\a\\b. ", &made), L"C:\\a\\b") && made);
    free(made);
    CHECK(rm_file_resolve(L"\\\\server\\share\\.a\\b .c", &made) && !made);
    CHECK(SetCurrentDirectoryW(folder));
    swprintf(expected, MAX_PATH, L"%lsx", folder);
    CHECK(!_wcsicmp(rm_file_resolve(L"x", &made), expected));
    free(made);
}

static void test_each_name_once(void)
{
    static const WCHAR *const some[] = {L"C:\\b", L"C:\\a", L"C:\\b", L"C:/a", L"C:\\c"};
    struct rm_names names = {0};
    const WCHAR **each;
    UINT count;

    for (int i = 0; i < 5; i++)
        CHECK(rm_names_add(&names, some[i]));
    each = rm_names_each(&names, &count);
    CHECK_EQUAL(count, 3);
    CHECK(!wcscmp(each[0], L"C:\\b") && !wcscmp(each[1], L"C:\\a") && !wcscmp(each[2], L"C:\\c"));
    free((void *)each);
    rm_names_done(&names);
}

int main(void)
{
    CHECK(GetTempPathW(MAX_PATH, folder));
    RUN(test_what_it_stands_for);
    RUN(test_forms_of_a_name);
    RUN(test_names_of_devices);
    RUN(test_past_260_characters);
    RUN(test_names_are_resolved);
    RUN(test_each_name_once);
    return 0;
}
