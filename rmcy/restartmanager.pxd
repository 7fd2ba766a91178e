# SPDX-License-Identifier: MIT
"""restartmanager.h again: types, constants and functions, in the header's order, and nothing else.

Compile with ``rmcy.get_include()`` on the include path and link with ``rmcy.backend_info().library``.
"""

# The SDK's header wants the types of windows.h to be there, and mingw-w64's winerror.h lacks some numbers.
cdef extern from *:
    """
    #ifdef _WIN32
    #include <windows.h>
    #ifndef ERROR_FAIL_NOACTION_REBOOT
    #define ERROR_FAIL_NOACTION_REBOOT 350
    #endif
    #ifndef ERROR_FAIL_SHUTDOWN
    #define ERROR_FAIL_SHUTDOWN 351
    #endif
    #ifndef ERROR_FAIL_RESTART
    #define ERROR_FAIL_RESTART 352
    #endif
    #ifndef ERROR_MAX_SESSIONS_REACHED
    #define ERROR_MAX_SESSIONS_REACHED 353
    #endif
    #ifndef ERROR_REQUEST_OUT_OF_SEQUENCE
    #define ERROR_REQUEST_OUT_OF_SEQUENCE 776
    #endif
    #endif
    """

cdef extern from "restartmanager.h" nogil:
    ctypedef unsigned char BYTE
    ctypedef BYTE *PBYTE
    ctypedef unsigned int DWORD
    ctypedef unsigned int ULONG
    ctypedef unsigned int UINT
    ctypedef int BOOL
    ctypedef unsigned short WCHAR
    ctypedef WCHAR *LPWSTR
    ctypedef const WCHAR *LPCWSTR

    ctypedef struct FILETIME:
        DWORD dwLowDateTime
        DWORD dwHighDateTime

    const DWORD ERROR_SUCCESS
    const DWORD ERROR_FILE_NOT_FOUND
    const DWORD ERROR_ACCESS_DENIED
    const DWORD ERROR_INVALID_HANDLE
    const DWORD ERROR_OUTOFMEMORY
    const DWORD ERROR_WRITE_FAULT
    const DWORD ERROR_CALL_NOT_IMPLEMENTED
    const DWORD ERROR_SEM_TIMEOUT
    const DWORD ERROR_BAD_ARGUMENTS
    const DWORD ERROR_MORE_DATA
    const DWORD ERROR_FAIL_NOACTION_REBOOT
    const DWORD ERROR_FAIL_SHUTDOWN
    const DWORD ERROR_FAIL_RESTART
    const DWORD ERROR_MAX_SESSIONS_REACHED
    const DWORD ERROR_REQUEST_OUT_OF_SEQUENCE
    const DWORD ERROR_SESSION_CREDENTIAL_CONFLICT
    const DWORD ERROR_CANCELLED

    enum:
        CCH_RM_SESSION_KEY
        CCH_RM_MAX_APP_NAME
        CCH_RM_MAX_SVC_NAME
        RM_SESSION_KEY_LEN
        RM_INVALID_TS_SESSION
        RM_INVALID_PROCESS

    ctypedef enum RM_APP_TYPE:
        RmUnknownApp
        RmMainWindow
        RmOtherWindow
        RmService
        RmExplorer
        RmConsole
        RmCritical

    ctypedef enum RM_SHUTDOWN_TYPE:
        RmForceShutdown
        RmShutdownOnlyRegistered

    ctypedef enum RM_APP_STATUS:
        RmStatusUnknown
        RmStatusRunning
        RmStatusStopped
        RmStatusStoppedOther
        RmStatusRestarted
        RmStatusErrorOnStop
        RmStatusErrorOnRestart
        RmStatusShutdownMasked
        RmStatusRestartMasked

    ctypedef enum RM_REBOOT_REASON:
        RmRebootReasonNone
        RmRebootReasonPermissionDenied
        RmRebootReasonSessionMismatch
        RmRebootReasonCriticalProcess
        RmRebootReasonCriticalService
        RmRebootReasonDetectedSelf

    ctypedef enum RM_FILTER_TRIGGER:
        RmFilterTriggerInvalid
        RmFilterTriggerFile
        RmFilterTriggerProcess
        RmFilterTriggerService

    ctypedef enum RM_FILTER_ACTION:
        RmInvalidFilterAction
        RmNoRestart
        RmNoShutdown

    ctypedef struct RM_UNIQUE_PROCESS:
        DWORD dwProcessId
        FILETIME ProcessStartTime

    ctypedef RM_UNIQUE_PROCESS *PRM_UNIQUE_PROCESS

    ctypedef struct RM_PROCESS_INFO:
        RM_UNIQUE_PROCESS Process
        WCHAR strAppName[256]  # CCH_RM_MAX_APP_NAME + 1
        WCHAR strServiceShortName[64]  # CCH_RM_MAX_SVC_NAME + 1
        RM_APP_TYPE ApplicationType
        ULONG AppStatus
        DWORD TSSessionId
        BOOL bRestartable

    ctypedef RM_PROCESS_INFO *PRM_PROCESS_INFO

    # The union at the end is anonymous in C, so its members are the structure's.
    ctypedef struct RM_FILTER_INFO:
        RM_FILTER_ACTION FilterAction
        RM_FILTER_TRIGGER FilterTrigger
        DWORD cbNextOffset
        LPWSTR strFilename
        RM_UNIQUE_PROCESS Process
        LPWSTR strServiceShortName

    ctypedef RM_FILTER_INFO *PRM_FILTER_INFO

    ctypedef void (*RM_WRITE_STATUS_CALLBACK)(UINT nPercentComplete) noexcept nogil

    DWORD RmStartSession(DWORD *pSessionHandle, DWORD dwSessionFlags, WCHAR *strSessionKey) noexcept
    DWORD RmJoinSession(DWORD *pSessionHandle, const WCHAR *strSessionKey) noexcept
    DWORD RmEndSession(DWORD dwSessionHandle) noexcept
    DWORD RmRegisterResources(DWORD dwSessionHandle, UINT nFiles, LPCWSTR *rgsFileNames, UINT nApplications,
                              RM_UNIQUE_PROCESS *rgApplications, UINT nServices, LPCWSTR *rgsServiceNames) noexcept
    DWORD RmGetList(DWORD dwSessionHandle, UINT *pnProcInfoNeeded, UINT *pnProcInfo, RM_PROCESS_INFO *rgAffectedApps,
                    DWORD *lpdwRebootReasons) noexcept
    DWORD RmShutdown(DWORD dwSessionHandle, ULONG lActionFlags, RM_WRITE_STATUS_CALLBACK fnStatus) noexcept
    DWORD RmRestart(DWORD dwSessionHandle, DWORD dwRestartFlags, RM_WRITE_STATUS_CALLBACK fnStatus) noexcept
    DWORD RmCancelCurrentTask(DWORD dwSessionHandle) noexcept
    DWORD RmAddFilter(DWORD dwSessionHandle, LPCWSTR strModuleName, RM_UNIQUE_PROCESS *pProcess,
                      LPCWSTR strServiceShortName, RM_FILTER_ACTION FilterAction) noexcept
    DWORD RmRemoveFilter(DWORD dwSessionHandle, LPCWSTR strModuleName, RM_UNIQUE_PROCESS *pProcess,
                         LPCWSTR strServiceShortName) noexcept
    DWORD RmGetFilterList(DWORD dwSessionHandle, PBYTE pbFilterBuf, DWORD cbFilterBuf,
                          DWORD *cbFilterBufNeeded) noexcept
