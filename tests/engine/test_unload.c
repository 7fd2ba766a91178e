/* SPDX-License-Identifier: MIT
 *
 * The shared library is closed while a thread of its waits for the lock: its
 * code has to stay where the thread will go on.
 *
 * Argument: the library.  This program is not linked with the engine.
 */
#include "check.h"
#include "process.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>

static int count_threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    int n = 0;

    CHECK(dir);
    while ((entry = readdir(dir)))
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void test_a_thread_that_waits_outlives_dlclose(const char *path)
{
    DWORD (*start)(DWORD *, DWORD, const char *, ULONG, WCHAR *);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    WCHAR key[33];
    DWORD handle;
    int fd, before;

    CHECK(library);
    *(void **)&start = dlsym(library, "RmxStartSession");
    CHECK(start);
    CHECK_EQUAL(start(&handle, 0, NULL, RMX_TIMEOUT_DEFAULT, key), ERROR_SUCCESS);
    before = count_threads();

    fd = open("/run/rmcy/lock", O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && fcntl(fd, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK, .l_len = 1}) == 0);
    CHECK_EQUAL(start(&handle, 0, NULL, 0, key), ERROR_SEM_TIMEOUT);
    CHECK_EQUAL(count_threads(), before + 1);
    CHECK(dlclose(library) == 0);
    close(fd);
    while (count_threads() > before) /* it comes through, lets go, and ends */
        sched_yield();

    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK(library);
    *(void **)&start = dlsym(library, "RmxStartSession");
    CHECK_EQUAL(start(&handle, 0, NULL, 0, key), ERROR_SUCCESS);
    CHECK(dlclose(library) == 0);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    sandbox_enter("size=1m");
    printf("test_a_thread_that_waits_outlives_dlclose\n");
    test_a_thread_that_waits_outlives_dlclose(argv[1]);
    return 0;
}
