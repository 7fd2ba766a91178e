/* SPDX-License-Identifier: MIT
 *
 * Sizes, offsets and values that restartmanager.h must have, whoever wrote it.
 * The engine compiles this against our header and a test against mingw-w64's,
 * so the two cannot drift apart.
 */
#pragma once

#include <stddef.h>

#define RM_ABI(condition) _Static_assert(condition, #condition)

RM_ABI(sizeof(WCHAR) == 2);
RM_ABI(sizeof(DWORD) == 4);
RM_ABI(sizeof(ULONG) == 4);
RM_ABI(sizeof(UINT) == 4);
RM_ABI(sizeof(BOOL) == 4);
RM_ABI(sizeof(RM_APP_TYPE) == 4);

RM_ABI(CCH_RM_SESSION_KEY == 32);
RM_ABI(CCH_RM_MAX_APP_NAME == 255);
RM_ABI(CCH_RM_MAX_SVC_NAME == 63);
RM_ABI(RM_SESSION_KEY_LEN == 16);
RM_ABI(RM_INVALID_TS_SESSION == -1);
RM_ABI(RM_INVALID_PROCESS == -1);

RM_ABI(sizeof(RM_UNIQUE_PROCESS) == 12);
RM_ABI(offsetof(RM_UNIQUE_PROCESS, dwProcessId) == 0);
RM_ABI(offsetof(RM_UNIQUE_PROCESS, ProcessStartTime) == 4);
RM_ABI(sizeof(FILETIME) == 8);

RM_ABI(sizeof(RM_PROCESS_INFO) == 668);
RM_ABI(_Alignof(RM_PROCESS_INFO) == 4);
RM_ABI(offsetof(RM_PROCESS_INFO, Process) == 0);
RM_ABI(offsetof(RM_PROCESS_INFO, strAppName) == 12);
RM_ABI(offsetof(RM_PROCESS_INFO, strServiceShortName) == 524);
RM_ABI(offsetof(RM_PROCESS_INFO, ApplicationType) == 652);
RM_ABI(offsetof(RM_PROCESS_INFO, AppStatus) == 656);
RM_ABI(offsetof(RM_PROCESS_INFO, TSSessionId) == 660);
RM_ABI(offsetof(RM_PROCESS_INFO, bRestartable) == 664);

RM_ABI(sizeof(RM_FILTER_INFO) == (sizeof(void *) == 8 ? 32 : 24));
RM_ABI(offsetof(RM_FILTER_INFO, FilterAction) == 0);
RM_ABI(offsetof(RM_FILTER_INFO, FilterTrigger) == 4);
RM_ABI(offsetof(RM_FILTER_INFO, cbNextOffset) == 8);
RM_ABI(offsetof(RM_FILTER_INFO, strFilename) == (sizeof(void *) == 8 ? 16 : 12));

RM_ABI(RmUnknownApp == 0 && RmMainWindow == 1 && RmOtherWindow == 2 && RmService == 3);
RM_ABI(RmExplorer == 4 && RmConsole == 5 && RmCritical == 1000);
RM_ABI(RmForceShutdown == 0x1 && RmShutdownOnlyRegistered == 0x10);
RM_ABI(RmStatusUnknown == 0 && RmStatusRunning == 0x1 && RmStatusStopped == 0x2 && RmStatusStoppedOther == 0x4);
RM_ABI(RmStatusRestarted == 0x8 && RmStatusErrorOnStop == 0x10 && RmStatusErrorOnRestart == 0x20);
RM_ABI(RmStatusShutdownMasked == 0x40 && RmStatusRestartMasked == 0x80);
RM_ABI(RmRebootReasonNone == 0 && RmRebootReasonPermissionDenied == 0x1 && RmRebootReasonSessionMismatch == 0x2);
RM_ABI(RmRebootReasonCriticalProcess == 0x4 && RmRebootReasonCriticalService == 0x8);
RM_ABI(RmRebootReasonDetectedSelf == 0x10);
RM_ABI(RmFilterTriggerInvalid == 0 && RmFilterTriggerFile == 1 && RmFilterTriggerProcess == 2);
RM_ABI(RmFilterTriggerService == 3);
RM_ABI(RmInvalidFilterAction == 0 && RmNoRestart == 1 && RmNoShutdown == 2);

RM_ABI(ERROR_SUCCESS == 0 && ERROR_FILE_NOT_FOUND == 2 && ERROR_ACCESS_DENIED == 5 && ERROR_INVALID_HANDLE == 6);
RM_ABI(ERROR_OUTOFMEMORY == 14 && ERROR_WRITE_FAULT == 29 && ERROR_CALL_NOT_IMPLEMENTED == 120);
RM_ABI(ERROR_SEM_TIMEOUT == 121 && ERROR_BAD_ARGUMENTS == 160 && ERROR_MORE_DATA == 234);
RM_ABI(ERROR_DIRECTORY == 267 && ERROR_FAIL_NOACTION_REBOOT == 350 && ERROR_FAIL_SHUTDOWN == 351);
RM_ABI(ERROR_FAIL_RESTART == 352 && ERROR_MAX_SESSIONS_REACHED == 353 && ERROR_REQUEST_OUT_OF_SEQUENCE == 776);
RM_ABI(ERROR_SESSION_CREDENTIAL_CONFLICT == 1219 && ERROR_CANCELLED == 1223 && ERROR_RETRY == 1237);
