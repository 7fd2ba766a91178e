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
        int64_t started
        const char *label

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
