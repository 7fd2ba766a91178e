/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include "error.h"
#include "object.h"
#include "store.h"
#include "waiting.h"

int rm_lock_acquire(const WCHAR *store, const struct rm_wait *wait, struct rm_lock *ret)
{
    WCHAR name[RM_OBJECT_NAME_SIZE], place[RM_STORE_PATH_SIZE];
    HANDLE mutex;
    int e;

    /* Letters do not make it another folder. */
    wcscpy(place, store);
    CharLowerW(place);
    rm_object_name("store", place, wcslen(place) * sizeof *place, name);
    mutex = CreateMutexW(NULL, FALSE, name);
    if (!mutex)
        return rm_last_error();
    e = rm_wait_for(wait, rm_fd_from_handle(mutex));
    if (e < 0) {
        CloseHandle(mutex);
        return e;
    }
    *ret = (struct rm_lock){.mutex = mutex};
    return 0;
}

void rm_lock_release(struct rm_lock *lock)
{
    ReleaseMutex(lock->mutex);
    CloseHandle(lock->mutex);
}
