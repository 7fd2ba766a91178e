/* SPDX-License-Identifier: MIT */
#include "trampolines.h"

static struct {
    struct rm_telling *telling;
    unsigned inside; /* callbacks that tell it something just now */
} slots[RM_TRAMPOLINES];

static SRWLOCK lock = SRWLOCK_INIT; /* never held while something is told */
static CONDITION_VARIABLE all_out = CONDITION_VARIABLE_INIT;

/* Strictly growing, whatever Windows says, and from whatever thread; the last one is kept for the end. */
static void tell(struct rm_telling *telling, LONG percent)
{
    LONG before = telling->percent;

    while (percent > before) {
        LONG found = InterlockedCompareExchange(&telling->percent, percent, before);

        if (found == before) {
            telling->report(telling->context, telling->phase, (uint32_t)percent, NULL);
            return;
        }
        before = found;
    }
}

static void told(int slot, UINT percent)
{
    struct rm_telling *telling;

    AcquireSRWLockExclusive(&lock);
    telling = slots[slot].telling;
    if (telling)
        slots[slot].inside++;
    ReleaseSRWLockExclusive(&lock);
    if (!telling)
        return; /* it has ended */
    tell(telling, percent < 99 ? (LONG)percent : 99);
    AcquireSRWLockExclusive(&lock);
    if (!--slots[slot].inside)
        WakeAllConditionVariable(&all_out);
    ReleaseSRWLockExclusive(&lock);
}

#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#define FUNCTION(n)                      \
    static void told_##n(UINT percent)   \
    {                                    \
        told(n, percent);                \
    }
EACH(FUNCTION)

#define ENTRY(n) told_##n,
static const RM_WRITE_STATUS_CALLBACK callbacks[RM_TRAMPOLINES] = {EACH(ENTRY)};

static void take_slot(struct rm_telling *telling)
{
    AcquireSRWLockExclusive(&lock);
    for (int slot = 0; slot < RM_TRAMPOLINES && !telling->callback; slot++) {
        if (slots[slot].telling)
            continue;
        slots[slot].telling = telling;
        telling->slot = slot;
        telling->callback = callbacks[slot];
    }
    ReleaseSRWLockExclusive(&lock);
}

/* Whoever tells it something in another thread has to be done, for it is gone afterwards. */
static void give_slot_back(const struct rm_telling *telling)
{
    AcquireSRWLockExclusive(&lock);
    while (slots[telling->slot].inside)
        SleepConditionVariableSRW(&all_out, &lock, INFINITE, 0);
    slots[telling->slot].telling = NULL;
    ReleaseSRWLockExclusive(&lock);
}

void rm_telling_begin(struct rm_telling *telling, RMX_PROGRESS report, void *context, uint32_t phase)
{
    *telling = (struct rm_telling){.report = report, .context = context, .phase = phase};
    if (!report)
        return;
    take_slot(telling);
    report(context, phase, 0, NULL);
}

void rm_telling_end(struct rm_telling *telling, DWORD code)
{
    if (telling->callback)
        give_slot_back(telling);
    if (telling->report && (code == ERROR_SUCCESS || code == ERROR_FAIL_NOACTION_REBOOT ||
                            code == ERROR_FAIL_SHUTDOWN || code == ERROR_FAIL_RESTART))
        tell(telling, 100);
}
