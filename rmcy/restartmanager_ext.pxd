# SPDX-License-Identifier: MIT
"""restartmanager_ext.h again: what restartmanager.h has no room for, in the header's order."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from rmcy.restartmanager cimport BYTE, DWORD, LPCWSTR, RM_PROCESS_INFO, RM_UNIQUE_PROCESS, UINT, ULONG, WCHAR

cdef extern from "restartmanager_ext.h" nogil:
    const ULONG RMX_TIMEOUT_DEFAULT
    const ULONG RMX_TIMEOUT_NONE
    const DWORD RMX_INTERRUPTIBLE

    ctypedef struct RMX_INFO:
        uint32_t size
        uint32_t session_limit
        const char *backend
        const char *version
        const char *scanners
        const char *scanner
        const char *store

    DWORD RmxGetInfo(const RMX_INFO **ret_info) noexcept

    const DWORD RMX_START_PRIVATE

    DWORD RmxStartSession(DWORD *ret_handle, DWORD flags, const char *label, ULONG timeout_ms,
                          WCHAR *ret_key) noexcept
    DWORD RmxJoinSession(DWORD *ret_handle, const WCHAR *key, DWORD flags, ULONG timeout_ms) noexcept
    DWORD RmxEndSession(DWORD handle, DWORD flags, ULONG timeout_ms) noexcept

    ctypedef struct RMX_SESSION:
        uint32_t slot
        uint32_t owner_pid
        uint64_t owner_start
        uint32_t state
        uint32_t secondaries
        uint64_t records
        uint32_t stopped
        uint32_t reserved
        int64_t started
        const char *label

    const uint32_t RMX_NO_SLOT
    const uint32_t RMX_SESSION_LIVE
    const uint32_t RMX_SESSION_ABANDONED
    const uint32_t RMX_SESSION_FOREIGN
    const uint32_t RMX_SESSION_UNREADABLE

    ctypedef struct RMX_SESSIONS:
        uint32_t size
        uint32_t count
        const RMX_SESSION *sessions

    DWORD RmxGetSessions(DWORD flags, ULONG timeout_ms, RMX_SESSIONS **ret_sessions) noexcept
    void RmxFreeSessions(RMX_SESSIONS *sessions) noexcept
    DWORD RmxGetLeftStopped(DWORD handle, UINT *ret_count) noexcept

    const DWORD RMX_REGISTER_REFUSE_DIRECTORIES
    const DWORD RMX_REGISTER_SKIP_DIRECTORIES
    const DWORD ERROR_DIRECTORY
    const DWORD ERROR_RETRY

    const BYTE RMX_FILE_STORED
    const BYTE RMX_FILE_MISSING
    const BYTE RMX_FILE_DIRECTORY
    const BYTE RMX_FILE_IGNORED
    const BYTE RMX_FILE_DENIED

    DWORD RmxRegisterResources(DWORD handle, UINT nFiles, LPCWSTR *rgsFileNames, UINT nApplications,
                               RM_UNIQUE_PROCESS *rgApplications, UINT nServices, LPCWSTR *rgsServiceNames,
                               DWORD flags, ULONG timeout_ms, BYTE *file_state, UINT *ret_bad) noexcept

    const uint8_t RMX_USE_OPEN
    const uint8_t RMX_USE_MAPPED
    const uint8_t RMX_USE_EXECUTABLE

    ctypedef struct RMX_USE:
        uint32_t file
        uint8_t kind
        uint8_t deleted
        uint16_t reserved
        uint64_t device
        uint64_t inode

    const uint32_t RMX_NO_UID

    ctypedef struct RMX_APP:
        uint32_t uid
        uint32_t manager_uid
        uint32_t first_use
        uint32_t use_count
        const char *exe
        const char *unit
        uint32_t cause

    const uint32_t RMX_SKIP_PERMISSION
    const uint32_t RMX_SKIP_BLOCKED
    const uint32_t RMX_SKIP_NAMESPACE
    const uint32_t RMX_SKIP_CHANGING
    const uint32_t RMX_SKIP_UNCERTAIN
    const uint32_t RMX_SKIP_ERROR
    const uint32_t RMX_SKIP_FILE

    ctypedef struct RMX_SKIP:
        uint32_t cause
        uint32_t count
        uint32_t first_pid
        uint32_t pid_count

    const uint32_t RMX_LIST_TELLS_USES
    const uint32_t RMX_LIST_COMPLETE

    ctypedef struct RMX_LIST:
        uint32_t size
        uint32_t flags
        uint32_t reboot_reasons
        uint32_t app_count
        const RM_PROCESS_INFO *rows
        const RMX_APP *apps
        const RMX_USE *uses
        uint32_t use_count
        uint32_t file_count
        const char *const *files
        const uint32_t *missing
        uint32_t missing_count
        uint32_t directory_count
        const uint32_t *directories
        const RMX_SKIP *skips
        uint32_t skip_count
        uint32_t pid_count
        const uint32_t *pids
        uint64_t processes
        uint64_t descriptors
        uint64_t maps
        uint64_t retries
        uint64_t nanoseconds
        const char *scanner

    const DWORD RMX_GET_MINE
    const DWORD RMX_GET_SKIP_SELF

    DWORD RmxGetList(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_LIST **ret_list) noexcept
    void RmxFreeList(RMX_LIST *list) noexcept

    DWORD RmxGetProcess(DWORD pid, RM_UNIQUE_PROCESS *ret_process) noexcept

    const uint32_t RMX_ACTION_NONE
    const uint32_t RMX_ACTION_SIGNAL
    const uint32_t RMX_ACTION_UNIT
    const uint32_t RMX_CAUSE_NONE
    const uint32_t RMX_CAUSE_CRITICAL
    const uint32_t RMX_CAUSE_SELF
    const uint32_t RMX_CAUSE_PERMISSION
    const uint32_t RMX_CAUSE_MASKED
    const uint32_t RMX_CAUSE_REFUSES
    const uint32_t RMX_CAUSE_UNREACHABLE
    const uint32_t RMX_CAUSE_NOT_REGISTERED
    const uint32_t RMX_CAUSE_NOT_PLANNED
    const uint32_t RMX_CAUSE_NOTHING_DONE
    const uint32_t RMX_CAUSE_CANCELLED
    const uint32_t RMX_CAUSE_DEPENDS
    const uint32_t RMX_CAUSE_TRIGGERS
    const uint32_t RMX_BACK_NO
    const uint32_t RMX_BACK_UNIT
    const uint32_t RMX_BACK_REGISTERED
    const uint32_t RMX_BACK_MASKED
    const uint32_t RMX_FAIL_NONE
    const uint32_t RMX_FAIL_TIMEOUT
    const uint32_t RMX_FAIL_PERMISSION
    const uint32_t RMX_FAIL_MANAGER
    const uint32_t RMX_FAIL_START_LIMIT
    const uint32_t RMX_FAIL_ENDED
    const uint32_t RMX_FAIL_UNREACHABLE
    const uint32_t RMX_FAIL_NO_WAY
    const uint32_t RMX_FAIL_SYSTEM
    const uint32_t RMX_ITEM_FORCED
    const uint32_t RMX_ITEM_VERIFIED
    const uint32_t RMX_ITEM_STILL_HOLDS
    const uint32_t RMX_ITEM_SHARED
    const uint32_t RMX_ITEM_WAS_UP

    ctypedef struct RMX_ITEM:
        RM_UNIQUE_PROCESS process
        RM_UNIQUE_PROCESS now
        uint32_t action
        uint32_t cause
        uint32_t back
        uint32_t status
        uint32_t failure
        uint32_t flags
        uint32_t type
        uint32_t uid
        uint32_t manager_uid
        uint32_t because
        uint32_t first_process
        uint32_t process_count
        const char *name
        const char *exe
        const char *unit
        const char *detail

    const uint32_t RMX_PHASE_PLAN
    const uint32_t RMX_PHASE_SHUTDOWN
    const uint32_t RMX_PHASE_RESTART
    const uint32_t RMX_PHASE_RECOVER

    ctypedef struct RMX_ACCOUNT:
        uint32_t size
        uint32_t phase
        uint32_t flags
        uint32_t reboot_reasons
        uint32_t item_count
        uint32_t process_count
        const RMX_ITEM *items
        const RM_UNIQUE_PROCESS *processes

    ctypedef void (*RMX_PROGRESS)(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item) noexcept nogil
    const DWORD RMX_SHUTDOWN_SKIP_CRITICAL

    ctypedef struct RMX_SHUTDOWN:
        uint32_t size
        uint32_t flags
        ULONG app_timeout_ms
        ULONG service_timeout_ms
        const RMX_ACCOUNT *only
        RMX_PROGRESS progress
        void *context

    DWORD RmxPlan(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_ACCOUNT **ret_plan) noexcept
    DWORD RmxShutdown(DWORD handle, const RMX_SHUTDOWN *how, ULONG timeout_ms, RMX_ACCOUNT **ret) noexcept
    DWORD RmxRestart(DWORD handle, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret) noexcept
    DWORD RmxLeaveStopped(DWORD handle) noexcept
    const DWORD RMX_RECOVER_FORGET
    DWORD RmxRecover(DWORD flags, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret) noexcept
    void RmxFreeAccount(RMX_ACCOUNT *account) noexcept
    DWORD RmxAddCritical(DWORD handle, LPCWSTR pattern) noexcept
    const DWORD RMX_RELAUNCH_NO_PATCH

    ctypedef struct RMX_RELAUNCH:
        uint32_t size
        uint32_t flags
        const char *const *arguments
        uint32_t argument_count
        uint32_t environment_count
        const char *const *environment
        const char *directory

    DWORD RmxRegisterApplicationRestart(const RMX_RELAUNCH *how) noexcept
