# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""RMX_ACCOUNT and Python: a plan or what became of it as records, and a plan's records for the library."""

cimport cython
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from rmcy._processes cimport pack_process
from rmcy._records cimport member, unique_process
from rmcy._text cimport from_bytes
from rmcy.restartmanager cimport RM_UNIQUE_PROCESS
from rmcy.restartmanager_ext cimport (
    RMX_ACCOUNT, RMX_ACTION_NONE, RMX_ACTION_SIGNAL, RMX_ACTION_UNIT, RMX_BACK_MASKED, RMX_BACK_NO,
    RMX_BACK_REGISTERED, RMX_BACK_UNIT, RMX_CAUSE_CANCELLED, RMX_CAUSE_CRITICAL, RMX_CAUSE_DEPENDS, RMX_CAUSE_MASKED,
    RMX_CAUSE_NONE, RMX_CAUSE_NOTHING_DONE, RMX_CAUSE_NOT_PLANNED, RMX_CAUSE_NOT_REGISTERED, RMX_CAUSE_PERMISSION,
    RMX_CAUSE_REFUSES, RMX_CAUSE_SELF, RMX_CAUSE_TRIGGERS, RMX_CAUSE_UNREACHABLE, RMX_FAIL_ENDED, RMX_FAIL_MANAGER,
    RMX_FAIL_NONE, RMX_FAIL_NO_WAY, RMX_FAIL_PERMISSION, RMX_FAIL_START_LIMIT, RMX_FAIL_SYSTEM, RMX_FAIL_TIMEOUT,
    RMX_FAIL_UNREACHABLE, RMX_ITEM, RMX_ITEM_FORCED, RMX_ITEM_SHARED, RMX_ITEM_STILL_HOLDS, RMX_ITEM_VERIFIED,
    RMX_ITEM_WAS_UP, RMX_LIST_COMPLETE, RMX_NO_UID, RMX_PHASE_PLAN, RMX_PHASE_RECOVER, RMX_PHASE_RESTART,
    RMX_PHASE_SHUTDOWN, RmxFreeAccount,
)

from rmcy._texts import encoded
from rmcy.enums import AppStatus, AppType, ComeBack, Failure, Phase, StopAction, StopCause
from rmcy.items import PlanStep, ProgramOutcome, Progress

cdef uint32_t NO_INDEX = 0xFFFFFFFF

cdef dict ACTIONS = {
    RMX_ACTION_NONE: StopAction.NONE,
    RMX_ACTION_SIGNAL: StopAction.SIGNAL,
    RMX_ACTION_UNIT: StopAction.UNIT,
}
cdef dict CAUSES = {
    RMX_CAUSE_NONE: StopCause.NONE,
    RMX_CAUSE_CRITICAL: StopCause.CRITICAL,
    RMX_CAUSE_SELF: StopCause.SELF,
    RMX_CAUSE_PERMISSION: StopCause.PERMISSION,
    RMX_CAUSE_MASKED: StopCause.MASKED,
    RMX_CAUSE_REFUSES: StopCause.REFUSES,
    RMX_CAUSE_UNREACHABLE: StopCause.UNREACHABLE,
    RMX_CAUSE_NOT_REGISTERED: StopCause.NOT_REGISTERED,
    RMX_CAUSE_NOT_PLANNED: StopCause.NOT_PLANNED,
    RMX_CAUSE_NOTHING_DONE: StopCause.NOTHING_DONE,
    RMX_CAUSE_CANCELLED: StopCause.CANCELLED,
    RMX_CAUSE_DEPENDS: StopCause.DEPENDS,
    RMX_CAUSE_TRIGGERS: StopCause.TRIGGERS,
}
cdef dict BACKS = {
    RMX_BACK_NO: ComeBack.NO,
    RMX_BACK_UNIT: ComeBack.UNIT,
    RMX_BACK_REGISTERED: ComeBack.REGISTERED,
    RMX_BACK_MASKED: ComeBack.MASKED,
}
cdef dict FAILURES = {
    RMX_FAIL_NONE: Failure.NONE,
    RMX_FAIL_TIMEOUT: Failure.TIMEOUT,
    RMX_FAIL_PERMISSION: Failure.PERMISSION,
    RMX_FAIL_MANAGER: Failure.MANAGER,
    RMX_FAIL_START_LIMIT: Failure.START_LIMIT,
    RMX_FAIL_ENDED: Failure.ENDED,
    RMX_FAIL_UNREACHABLE: Failure.UNREACHABLE,
    RMX_FAIL_NO_WAY: Failure.NO_WAY,
    RMX_FAIL_SYSTEM: Failure.SYSTEM,
}
cdef dict PHASES = {
    RMX_PHASE_PLAN: Phase.PLAN,
    RMX_PHASE_SHUTDOWN: Phase.SHUTDOWN,
    RMX_PHASE_RESTART: Phase.RESTART,
    RMX_PHASE_RECOVER: Phase.RECOVER,
}


cdef object optional_process(const RM_UNIQUE_PROCESS *process):
    """None for zeros."""
    if process.dwProcessId == 0:
        return None
    return unique_process(process)


cdef dict common(const RMX_ITEM *item, tuple processes):
    return {
        "name": from_bytes(item.name) or "",
        "process": optional_process(&item.process),
        "processes": processes,
        "exe": from_bytes(item.exe),
        "uid": None if item.uid == RMX_NO_UID else item.uid,
        "service": from_bytes(item.unit),
        "service_manager_uid": None if item.manager_uid == RMX_NO_UID else item.manager_uid,
        "type": AppType(item.type),
        "status": AppStatus(item.status),
        "action": member(StopAction, ACTIONS, item.action),
        "cause": member(StopCause, CAUSES, item.cause),
        "back": member(ComeBack, BACKS, item.back),
        "because": None if item.because == NO_INDEX else item.because,
    }


cdef object outcome(const RMX_ITEM *item, tuple processes):
    return ProgramOutcome(
        **common(item, processes),
        now=optional_process(&item.now),
        failure=member(Failure, FAILURES, item.failure),
        detail=from_bytes(item.detail),
        forced=(item.flags & RMX_ITEM_FORCED) != 0,
        verified=(item.flags & RMX_ITEM_VERIFIED) != 0,
        still_holds=(item.flags & RMX_ITEM_STILL_HOLDS) != 0,
        shared=(item.flags & RMX_ITEM_SHARED) != 0,
        was_up=(item.flags & RMX_ITEM_WAS_UP) != 0,
    )


cdef object progress(uint32_t phase, uint32_t percent, const RMX_ITEM *item):
    # The item stands alone here: the processes that it refers to are in an account that is not made yet.
    app = None if item is NULL else outcome(item, ())
    return Progress(phase=member(Phase, PHASES, phase), percent=percent, app=app)


@cython.final
cdef class Account:
    """What a call accounted for, not yet judged: L3 makes a Plan or an Outcome of it."""


cdef Account decode_take(RMX_ACCOUNT **taken, bint planned):
    """Frees *taken, whatever happens."""
    cdef RMX_ACCOUNT *source = taken[0]
    cdef Account made = Account.__new__(Account)
    cdef const RMX_ITEM *item
    cdef list items = []
    cdef uint32_t n, m
    taken[0] = NULL
    try:
        if source.size < sizeof(RMX_ACCOUNT):
            raise ImportError("the library that is loaded is older than this rmcy: an account of it is too short")
        for n in range(source.item_count):
            item = &source.items[n]
            processes = []
            for m in range(item.first_process, item.first_process + item.process_count):
                processes.append(unique_process(&source.processes[m]))
            items.append(PlanStep(**common(item, tuple(processes))) if planned else outcome(item, tuple(processes)))
        made.items = tuple(items)
        made.phase = member(Phase, PHASES, source.phase)
        made.complete = (source.flags & RMX_LIST_COMPLETE) != 0
        made.reboot_reasons = source.reboot_reasons
        return made
    finally:
        RmxFreeAccount(source)


@cython.final
cdef class PackedPlan:
    """A plan for the library; it owns all memory that the library reads."""

    def __cinit__(self):
        self.items = NULL
        self.processes = NULL
        self.texts = []

    def __dealloc__(self):
        free(self.items)
        free(self.processes)

    cdef const char *keep(self, str text) except? NULL:
        if text is None:
            return NULL
        cdef bytes name = encoded(text)
        if b"\0" in name:
            raise ValueError(f"the plan names {text!r}, with a NUL character in it: no name has one")
        self.texts.append(name)
        return <const char *>name


cdef uint32_t value_of(dict known, object wanted) except? 0xDEAD:
    for value, found in known.items():
        if found is wanted:
            return value
    return int(wanted.value.removeprefix("unknown_"))


cdef int pack_step(PackedPlan made, object step, uint32_t n, uint32_t first) except -1:
    cdef RMX_ITEM *item = &made.items[n]
    cdef uint32_t count = 0
    for process in step.processes:
        pack_process(process, &made.processes[first + count])
        count += 1
    if step.process is not None:
        pack_process(step.process, &item.process)
    item.action = value_of(ACTIONS, step.action)
    item.cause = value_of(CAUSES, step.cause)
    item.back = value_of(BACKS, step.back)
    item.status = step.status
    item.type = step.type
    item.uid = RMX_NO_UID if step.uid is None else step.uid
    item.manager_uid = RMX_NO_UID if step.service_manager_uid is None else step.service_manager_uid
    item.because = NO_INDEX if step.because is None else step.because
    item.first_process = first
    item.process_count = count
    item.name = made.keep(step.name)
    item.exe = made.keep(step.exe)
    item.unit = made.keep(step.service)
    return 0


cdef PackedPlan pack_plan(tuple steps):
    cdef PackedPlan made = PackedPlan.__new__(PackedPlan)
    cdef uint32_t n = 0
    cdef uint32_t first = 0
    cdef uint64_t processes = 0
    for step in steps:
        processes += len(step.processes)
    # One more than there are: nobody is given a pointer to nothing.
    made.items = <RMX_ITEM *>calloc(len(steps) + 1, sizeof(RMX_ITEM))
    made.processes = <RM_UNIQUE_PROCESS *>calloc(processes + 1, sizeof(RM_UNIQUE_PROCESS))
    if made.items is NULL or made.processes is NULL:
        raise MemoryError("no memory for the plan")
    for step in steps:
        pack_step(made, step, n, first)
        n += 1
        first += <uint32_t>len(step.processes)
    made.account.size = sizeof(RMX_ACCOUNT)
    made.account.phase = RMX_PHASE_PLAN
    made.account.item_count = n
    made.account.process_count = first
    made.account.items = made.items
    made.account.processes = made.processes
    return made
