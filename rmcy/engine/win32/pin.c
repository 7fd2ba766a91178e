/* SPDX-License-Identifier: MIT
 *
 * A pin is a handle: the process object stays, and so does its number, until it
 * is closed.
 */
#include "pinned.h"

#include "error.h"
#include "items.h"
#include "procref.h"
#include "waiting.h"

#include <errno.h>
#include <stdlib.h>

struct rm_pin {
    HANDLE handle; /* may be waited for; ended, where that is allowed */
    RM_UNIQUE_PROCESS process;
};

int rm_pin_open(HANDLE process, const RM_UNIQUE_PROCESS *known, struct rm_pin **ret)
{
    DWORD access = SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION;
    struct rm_pin *pin = calloc(1, sizeof(*pin));
    if (!pin)
        return -ENOMEM;
    pin->process = *known;
    /* That it may not be ended by force is found out when somebody tries. */
    if (!DuplicateHandle(GetCurrentProcess(), process, GetCurrentProcess(), &pin->handle, access | PROCESS_TERMINATE,
                         FALSE, 0) &&
        !DuplicateHandle(GetCurrentProcess(), process, GetCurrentProcess(), &pin->handle, access, FALSE, 0)) {
        int r = rm_last_error();
        free(pin);
        return r;
    }
    *ret = pin;
    return 0;
}

int rm_host_pin(const RM_UNIQUE_PROCESS *process, struct rm_pin **ret)
{
    RM_UNIQUE_PROCESS now;
    HANDLE handle;
    int r = rm_process_open(process->dwProcessId, 0, &handle);
    if (r < 0)
        return r;
    r = rm_process_identify(handle, process->dwProcessId, &now);
    if (r == 0)
        r = rm_process_is_same(&now, process) ? rm_pin_open(handle, process, ret) : -ESRCH;
    CloseHandle(handle);
    return r;
}

void rm_host_pin_free(struct rm_pin *pin)
{
    if (!pin)
        return;
    CloseHandle(pin->handle);
    free(pin);
}

void rm_host_pins_free(struct rm_pin **pins, uint32_t count)
{
    for (uint32_t i = 0; pins && i < count; i++)
        rm_host_pin_free(pins[i]);
    free(pins);
}

RM_UNIQUE_PROCESS rm_host_pin_process(const struct rm_pin *pin)
{
    return pin->process;
}

bool rm_host_pin_ended(const struct rm_pin *pin)
{
    return rm_process_ended(pin->handle);
}

static int terminate(const struct rm_pin *pin)
{
    if (TerminateProcess(pin->handle, ERROR_PROCESS_ABORTED))
        return 0;
    int r = rm_last_error();
    if (rm_host_pin_ended(pin)) /* which is what "access denied" may mean */
        return -ESRCH;
    return r == -EACCES ? -EPERM : r;
}

int rm_host_pin_ask(const struct rm_pin *pin, enum rm_request request)
{
    if (rm_host_pin_ended(pin))
        return -ESRCH;
    return request == RM_REQUEST_KILL ? terminate(pin) : rm_ask_to_end(pin->process.dwProcessId);
}

/* The system waits for 64 objects at a time; one is the cancellation. */
#define WINDOW (MAXIMUM_WAIT_OBJECTS - 1)

static uint32_t gather(struct rm_pin *const pins[], const bool ended[], uint32_t count, HANDLE handles[WINDOW])
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < count && n < WINDOW; i++)
        if (pins[i] && !ended[i])
            handles[n++] = pins[i]->handle;
    return n;
}

int rm_host_pins_wait(struct rm_pin *const pins[], bool ended[], uint32_t count, const struct rm_wait *wait)
{
    HANDLE handles[WINDOW + 1];
    int r = rm_wait_for_any(wait, handles, gather(pins, ended, count, handles));
    bool any = false;
    if (r < 0 && r != -ETIMEDOUT)
        return r;
    /* Who had no place in the window may have ended all the same. */
    for (uint32_t i = 0; i < count; i++)
        if (pins[i] && !ended[i] && rm_host_pin_ended(pins[i]))
            any = ended[i] = true;
    return any ? 0 : r;
}
