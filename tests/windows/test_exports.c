/* SPDX-License-Identifier: MIT
 *
 * The library as a program finds it that was linked with Windows' own: the same
 * twelve names under the same ordinals, and nothing else.
 */
#include "own_store.h"
#include "restartmanager_ext.h"

static const char *const names[] = {
    "RmAddFilter",         "RmCancelCurrentTask", "RmEndSession",  "RmGetFilterList", "RmGetList",  "RmJoinSession",
    "RmRegisterResources", "RmRemoveFilter",      "RmReserveHeap", "RmRestart",       "RmShutdown", "RmStartSession",
};

#define COUNT (sizeof names / sizeof *names)

static HMODULE library;

static const void *at(DWORD offset)
{
    return (const char *)library + offset;
}

static void test_twelve_names(void)
{
    const IMAGE_DOS_HEADER *dos = at(0);
    const IMAGE_NT_HEADERS *headers = at((DWORD)dos->e_lfanew);
    const IMAGE_EXPORT_DIRECTORY *exports = at(headers->OptionalHeader.DataDirectory[0].VirtualAddress);
    const DWORD *exported = at(exports->AddressOfNames);
    const WORD *ordinals = at(exports->AddressOfNameOrdinals);

    CHECK_EQUAL(exports->Base, 1);
    CHECK_EQUAL(exports->NumberOfFunctions, COUNT);
    CHECK_EQUAL(exports->NumberOfNames, COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        CHECK(!strcmp(at(exported[i]), names[i]));
        CHECK_EQUAL(ordinals[i], i);
        CHECK(GetProcAddress(library, names[i]) == GetProcAddress(library, MAKEINTRESOURCEA(i + 1)));
    }
}

static FARPROC address_of(const char *name)
{
    FARPROC address = GetProcAddress(library, name);

    CHECK(address);
    return address;
}

static void test_a_session(void)
{
    DWORD (*start)(DWORD *, DWORD, WCHAR[]) = (void *)address_of("RmStartSession");
    DWORD (*join)(DWORD *, const WCHAR[]) = (void *)address_of("RmJoinSession");
    DWORD (*end)(DWORD) = (void *)address_of("RmEndSession");
    WCHAR key[CCH_RM_SESSION_KEY + 1];
    DWORD primary, secondary;

    CHECK_EQUAL(start(&primary, 0, key), ERROR_SUCCESS);
    CHECK_EQUAL(primary, 0);
    CHECK_EQUAL(join(&secondary, key), ERROR_SUCCESS);
    CHECK_EQUAL(end(secondary), ERROR_SUCCESS);
    CHECK_EQUAL(end(primary), ERROR_SUCCESS);
}

static void test_the_undocumented_one(void)
{
    DWORD (*reserve)(DWORD) = (void *)address_of("RmReserveHeap");

    CHECK_EQUAL(reserve(4096), ERROR_CALL_NOT_IMPLEMENTED); /* ours */
}

int main(int argc, char *argv[])
{
    CHECK_EQUAL(argc, 2);
    store_renew();
    library = LoadLibraryA(argv[1]);
    CHECK(library);
    RUN(test_twelve_names);
    RUN(test_a_session);
    RUN(test_the_undocumented_one);
    store_done();
    return 0;
}
