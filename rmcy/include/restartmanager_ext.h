/* SPDX-License-Identifier: MIT
 *
 * What restartmanager.h has no room for: time-outs, the state of each file at
 * registration, which program holds which file and how, whole unit names,
 * what could not be inspected, what a stop would do and what became of each
 * program, and bringing back what the dead left stopped.  rmcy's own library
 * implements it natively on Linux; on Windows a thin layer over Rstrtmgr.dll
 * does, as far as it goes.
 *
 * Every function returns a code of winerror.h, as the Rm* functions do.  A
 * handle made by either family works with both.  What a system does not have
 * answers ERROR_CALL_NOT_IMPLEMENTED there: on Windows RmxGetSessions,
 * RmxRecover and RmxAddCritical.
 *
 * Pointers inside an answer (RMX_LIST, RMX_SESSIONS, RMX_ACCOUNT) belong to the
 * answer and live until it is freed.  Names are bytes as the system has them,
 * with a NUL behind them.  Structures that can grow carry their size first: read
 * a field only if it lies inside.
 */
#ifndef RMCY_RESTARTMANAGER_EXT_H
#define RMCY_RESTARTMANAGER_EXT_H

#ifdef _WIN32
#include <windows.h> /* the SDK's header wants its types to be there */
#endif
#include "restartmanager.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* On Windows restartmanager_ext.dll lists its exports in a file, and needs no word here. */
#ifndef RM_API
#define RM_API
#endif

/* mingw-w64's winerror.h lacks these. */
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
#ifndef ERROR_RETRY
#define ERROR_RETRY 1237
#endif
#ifndef ERROR_REQUEST_OUT_OF_SEQUENCE
#define ERROR_REQUEST_OUT_OF_SEQUENCE 776
#endif

/* Time-outs are milliseconds for the whole call.  Windows' own functions have none: there RmxGetList, RmxPlan,
 * RmxShutdown and RmxRestart cancel them when the time has come, and the others wait for their turn so long, and then
 * for as long as the system does. */
#define RMX_TIMEOUT_DEFAULT 0xFFFFFFFEu /* 60 s to register, list and plan; none to stop and bring back; else 10 s */
#define RMX_TIMEOUT_NONE 0xFFFFFFFFu

/* A flag that any waiting call takes: a signal handler that ran in this thread
 * ends the wait with ERROR_RETRY; nothing has been changed then.  On Windows it has no effect. */
#define RMX_INTERRUPTIBLE 0x80000000u

/* ---- the backend ------------------------------------------------------- */

typedef struct RMX_INFO {
    uint32_t size;
    uint32_t session_limit;   /* sessions a user can have at a time: 64 */
    const char *backend;      /* "engine", "rstrtmgr" or "none" */
    const char *version;      /* of the backend */
    const char *scanners;     /* separated by spaces, best first; "" where the system lists */
    const char *scanner;      /* the one in use */
    const char *store;        /* where this user's sessions are, or "" */
} RMX_INFO;

RM_API DWORD RmxGetInfo(const RMX_INFO **ret_info);

/* ---- sessions ---------------------------------------------------------- */

/* In memory only: no slot, no store, no key; nobody can join.  On Windows it is an ordinary session. */
#define RMX_START_PRIVATE 0x1u

/* label: UTF-8, at most 255 bytes, may be NULL; shown in lists of sessions.
 * ret_key: CCH_RM_SESSION_KEY + 1 units, always terminated; NULL if private. */
RM_API DWORD RmxStartSession(DWORD *ret_handle, DWORD flags, const char *label, ULONG timeout_ms, WCHAR ret_key[]);
RM_API DWORD RmxJoinSession(DWORD *ret_handle, const WCHAR key[], DWORD flags, ULONG timeout_ms);
/* On Windows a handle that Rmx* functions were used with is to be ended by this one: they remember things of it.
 * On ERROR_SEM_TIMEOUT and ERROR_RETRY the handle stays valid; after any other result it is gone. */
RM_API DWORD RmxEndSession(DWORD handle, DWORD flags, ULONG timeout_ms);

typedef struct RMX_SESSION {
    uint32_t slot;        /* RMX_NO_SLOT: a private session, one whose slot is in use again, or an unreadable one; it is
                             listed for what it has stopped */
    uint32_t owner_pid;
    uint64_t owner_start; /* as in RM_UNIQUE_PROCESS; 0: unknown */
    uint32_t state;       /* RMX_SESSION_* */
    uint32_t secondaries; /* processes that joined and registered, or are still joined */
    uint64_t records;     /* batches that secondaries registered */
    uint32_t stopped;     /* programs and services that it stopped, or was about to, and has not brought back */
    uint32_t reserved;
    int64_t started;      /* seconds since 1970, UTC, by the clock of the start */
    const char *label;
} RMX_SESSION;

#define RMX_NO_SLOT 0xFFFFFFFFu

#define RMX_SESSION_LIVE 0
#define RMX_SESSION_ABANDONED 1 /* its owner died; the next start reuses the slot; RmxRecover brings back what it stopped */
#define RMX_SESSION_FOREIGN 2   /* its owner is in another pid namespace: cannot be judged */
#define RMX_SESSION_UNREADABLE 3

typedef struct RMX_SESSIONS {
    uint32_t size;
    uint32_t count;
    const RMX_SESSION *sessions; /* by slot */
} RMX_SESSIONS;

RM_API DWORD RmxGetSessions(DWORD flags, ULONG timeout_ms, RMX_SESSIONS **ret_sessions);
RM_API void RmxFreeSessions(RMX_SESSIONS *sessions);
/* How many programs and services this user's sessions had stopped whose owners were dead when this primary session was
 * started: what RmxRecover would bring back.  0 for a private session, which does not look. */
RM_API DWORD RmxGetLeftStopped(DWORD handle, UINT *ret_count);

/* ---- registering ------------------------------------------------------- */

#define RMX_REGISTER_REFUSE_DIRECTORIES 0x1u /* a directory: ERROR_DIRECTORY, nothing stored */
#define RMX_REGISTER_SKIP_DIRECTORIES 0x2u   /* a directory is left out */

#ifndef ERROR_DIRECTORY
#define ERROR_DIRECTORY 267
#endif

#define RMX_FILE_STORED 0
#define RMX_FILE_MISSING 1   /* stored; looked for again at each list */
#define RMX_FILE_DIRECTORY 2 /* stored or left out, by the flags */
#define RMX_FILE_IGNORED 3   /* a NULL entry */
#define RMX_FILE_DENIED 4    /* stored, but its identity could not be read: a later list is incomplete */

/* All or nothing; on Windows, which takes files in batches, those of earlier batches stay registered.
 * file_state: nFiles bytes of RMX_FILE_*, may be NULL.
 * ret_bad: index of the entry that is to blame for ERROR_BAD_ARGUMENTS or
 * ERROR_DIRECTORY (counted in its own list, files before services), or of the
 * file that could not be looked up in time (ERROR_SEM_TIMEOUT: a server does
 * not answer), or 0xFFFFFFFF; may be NULL. */
RM_API DWORD RmxRegisterResources(DWORD handle, UINT nFiles, LPCWSTR rgsFileNames[], UINT nApplications,
                                  RM_UNIQUE_PROCESS rgApplications[], UINT nServices, LPCWSTR rgsServiceNames[],
                                  DWORD flags, ULONG timeout_ms, BYTE *file_state, UINT *ret_bad);

/* ---- the answer -------------------------------------------------------- */

#define RMX_USE_OPEN 0       /* an open descriptor */
#define RMX_USE_MAPPED 1     /* a memory map */
#define RMX_USE_EXECUTABLE 2 /* the program that the process runs */

typedef struct RMX_USE {
    uint32_t file;    /* index into RMX_LIST.files */
    uint8_t kind;     /* RMX_USE_* */
    uint8_t deleted;  /* the file has no name any more */
    uint16_t reserved;
    uint64_t device;  /* major << 32 | minor */
    uint64_t inode;
} RMX_USE;

#define RMX_NO_UID 0xFFFFFFFFu

/* A registered service that is active without a process has a row with
 * process 0 and start time 0: it can be stopped all the same. */
typedef struct RMX_APP {
    uint32_t uid;         /* effective user; RMX_NO_UID: unknown */
    uint32_t manager_uid; /* whose service manager runs the unit; RMX_NO_UID: the system's */
    uint32_t first_use;   /* into RMX_LIST.uses */
    uint32_t use_count;
    const char *exe;      /* path of the program, or NULL */
    const char *unit;     /* whole name of the unit, or NULL */
    uint32_t cause;       /* why its type is RmCritical: RMX_CAUSE_CRITICAL, _SELF or _PERMISSION; else _NONE */
    uint32_t reserved;
} RMX_APP;

#define RMX_SKIP_PERMISSION 0 /* the process may not be inspected by this user */
#define RMX_SKIP_BLOCKED 1    /* did not answer before the deadline */
#define RMX_SKIP_NAMESPACE 2  /* processes outside this pid namespace, or hidden by hidepid, cannot be seen */
#define RMX_SKIP_CHANGING 3   /* kept executing other programs while it was read */
#define RMX_SKIP_UNCERTAIN 4  /* may hold a file, but that could not be confirmed */
#define RMX_SKIP_ERROR 5      /* an unexpected error of the system */
#define RMX_SKIP_FILE 6       /* a registered file's identity could not be read; pids are empty */

typedef struct RMX_SKIP {
    uint32_t cause;     /* RMX_SKIP_* */
    uint32_t count;     /* how many processes (or files), 0: not countable */
    uint32_t first_pid; /* into RMX_LIST.pids */
    uint32_t pid_count; /* may be less than count */
} RMX_SKIP;

#define RMX_LIST_TELLS_USES 0x1u /* uses are known: an application without one was registered directly */
#define RMX_LIST_COMPLETE 0x2u   /* each registered resource is settled */

typedef struct RMX_LIST {
    uint32_t size;
    uint32_t flags; /* RMX_LIST_* */
    uint32_t reboot_reasons;
    uint32_t app_count;
    const RM_PROCESS_INFO *rows; /* app_count */
    const RMX_APP *apps;         /* app_count, in the same order */
    const RMX_USE *uses;
    uint32_t use_count;
    uint32_t file_count;
    const char *const *files;    /* the registered names that uses, missing and directories speak of; services among
                                    the missing come last */
    const uint32_t *missing;     /* indexes into files: nothing has that name, or no service manager knows it */
    uint32_t missing_count;
    uint32_t directory_count;
    const uint32_t *directories; /* indexes into files */
    const RMX_SKIP *skips;
    uint32_t skip_count;
    uint32_t pid_count;
    const uint32_t *pids;
    uint64_t processes;   /* inspected */
    uint64_t descriptors;
    uint64_t maps;
    uint64_t retries;     /* times that a process, or the list, was read again */
    uint64_t nanoseconds;
    const char *scanner;
} RMX_LIST;

#define RMX_GET_MINE 0x1u      /* only processes of the caller's effective user are asked about */
#define RMX_GET_SKIP_SELF 0x2u /* leave the calling process out */

/* With ERROR_ACCESS_DENIED an answer comes too; it names the directories and
 * nothing else.  ERROR_SEM_TIMEOUT: the deadline passed.  ERROR_CANCELLED:
 * RmCancelCurrentTask, from another thread.  ERROR_MORE_DATA: on Windows, the
 * list grew faster than it could be read.
 * Windows tells neither uses nor users; missing names and directories are told
 * of among those that this process registered by RmxRegisterResources. */
RM_API DWORD RmxGetList(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_LIST **ret_list);
RM_API void RmxFreeList(RMX_LIST *list);

/* The identity of a living process.  ERROR_FILE_NOT_FOUND: no such process. */
RM_API DWORD RmxGetProcess(DWORD pid, RM_UNIQUE_PROCESS *ret_process);

/* ---- acting ------------------------------------------------------------- */

/* An item is what is stopped and brought back as one: a service with all its
 * processes, or a single process. */

#define RMX_ACTION_NONE 0   /* left alone: `cause` says why */
#define RMX_ACTION_SIGNAL 1 /* asked to end */
#define RMX_ACTION_UNIT 2   /* its service manager stops it */

#define RMX_CAUSE_NONE 0
#define RMX_CAUSE_CRITICAL 1       /* left alone: the system, or the caller's own login, needs it */
#define RMX_CAUSE_SELF 2           /* left alone: the caller, or something that it descends from */
#define RMX_CAUSE_PERMISSION 3     /* left alone: the caller may not stop it */
#define RMX_CAUSE_MASKED 4         /* left alone: a filter says so */
#define RMX_CAUSE_REFUSES 5        /* left alone: the unit refuses to be stopped by hand */
#define RMX_CAUSE_UNREACHABLE 6    /* left alone: its service manager does not answer */
#define RMX_CAUSE_NOT_REGISTERED 7 /* left alone: RmShutdownOnlyRegistered, and it is not */
#define RMX_CAUSE_NOT_PLANNED 8    /* left alone: came up after the plan was made */
#define RMX_CAUSE_NOTHING_DONE 9   /* left alone: because of another item nothing was stopped at all */
#define RMX_CAUSE_CANCELLED 10     /* left alone: its turn had not come */
#define RMX_CAUSE_DEPENDS 11       /* goes down with `because`, holds nothing itself */
#define RMX_CAUSE_TRIGGERS 12      /* a socket, timer or path that would start `because` again */

#define RMX_BACK_NO 0         /* nobody knows how to start it */
#define RMX_BACK_UNIT 1       /* its service manager starts it */
#define RMX_BACK_REGISTERED 2 /* it registered how to be started */
#define RMX_BACK_MASKED 3     /* a filter says that it stays stopped */

#define RMX_FAIL_NONE 0
#define RMX_FAIL_TIMEOUT 1     /* it did not stop, or start, in time */
#define RMX_FAIL_PERMISSION 2
#define RMX_FAIL_MANAGER 3     /* the service manager's job failed; `detail` has its words */
#define RMX_FAIL_START_LIMIT 4 /* started too often: the service manager refuses for now */
#define RMX_FAIL_ENDED 5       /* was started and ended again */
#define RMX_FAIL_UNREACHABLE 6 /* the service manager does not answer */
#define RMX_FAIL_NO_WAY 7      /* nobody knows how to start it */
#define RMX_FAIL_SYSTEM 8      /* an error of the system; `detail` has it */

#define RMX_ITEM_FORCED 0x1u      /* it was killed after the time-out */
#define RMX_ITEM_VERIFIED 0x2u    /* seen running after the restart, on Linux for 0.2 s (ours), as `now` if a process */
#define RMX_ITEM_STILL_HOLDS 0x4u /* holds a registered file now, after all */
#define RMX_ITEM_SHARED 0x8u      /* another session has it stopped too, and brings it back as the last */
#define RMX_ITEM_WAS_UP 0x10u     /* somebody else had started it again already */

typedef struct RMX_ITEM {
    RM_UNIQUE_PROCESS process; /* of a service its main process; zeros: none */
    RM_UNIQUE_PROCESS now;     /* after the restart */
    uint32_t action;           /* RMX_ACTION_* */
    uint32_t cause;            /* RMX_CAUSE_* */
    uint32_t back;             /* RMX_BACK_* */
    uint32_t status;           /* RM_APP_STATUS */
    uint32_t failure;          /* RMX_FAIL_*: of the stop, or of the start where that has been tried */
    uint32_t flags;            /* RMX_ITEM_* */
    uint32_t type;             /* RM_APP_TYPE */
    uint32_t uid;              /* or RMX_NO_UID */
    uint32_t manager_uid;      /* or RMX_NO_UID: the system's */
    uint32_t because;          /* index of an item, or 0xFFFFFFFF */
    uint32_t first_process;    /* into RMX_ACCOUNT.processes: the affected ones that it stands for */
    uint32_t process_count;
    const char *name;
    const char *exe;    /* or NULL */
    const char *unit;   /* or NULL */
    const char *detail; /* or NULL */
} RMX_ITEM;

#define RMX_PHASE_PLAN 0
#define RMX_PHASE_SHUTDOWN 1
#define RMX_PHASE_RESTART 2
#define RMX_PHASE_RECOVER 3

/* A plan, or what has become of it: items in the order of stopping; bringing back goes the other way. */
typedef struct RMX_ACCOUNT {
    uint32_t size;
    uint32_t phase; /* RMX_PHASE_*: what was done last */
    uint32_t flags; /* RMX_LIST_COMPLETE of the list that it rests on */
    uint32_t reboot_reasons;
    uint32_t item_count;
    uint32_t process_count;
    const RMX_ITEM *items;
    const RM_UNIQUE_PROCESS *processes;
} RMX_ACCOUNT;

/* percent grows strictly from call to call, within one operation, and ends with
 * 100 if that does.  item is NULL where it is about none.  Called in the thread
 * of the operation, on Windows in any thread; it may cancel, and may not use the
 * session otherwise.  There item is always NULL, and of more than 16 operations
 * at a time the others tell their beginning and their end only. */
typedef void (*RMX_PROGRESS)(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item);

/* Leave alone what may not be stopped, and do the rest; else 350.  It has no effect on Windows, which answers 350. */
#define RMX_SHUTDOWN_SKIP_CRITICAL 0x100u

typedef struct RMX_SHUTDOWN {
    uint32_t size;
    uint32_t flags;              /* RmForceShutdown, RmShutdownOnlyRegistered, RMX_SHUTDOWN_* */
    ULONG app_timeout_ms;        /* for a program to end; RMX_TIMEOUT_DEFAULT: 30 s */
    ULONG service_timeout_ms;    /* RMX_TIMEOUT_DEFAULT: 20 s.  Windows takes no other: ERROR_CALL_NOT_IMPLEMENTED */
    const RMX_ACCOUNT *only;     /* stop nothing that is not in this plan; or NULL.  On Windows something that comes up
                                    during the call may be stopped all the same */
    RMX_PROGRESS progress;       /* or NULL */
    void *context;
} RMX_SHUTDOWN;

/* Does nothing: says what RmxShutdown with these flags would do now. */
RM_API DWORD RmxPlan(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_ACCOUNT **ret_plan);

/* The account comes with every result but a bad argument, a bad handle, a wrong
 * role, a lack of memory and what is not implemented; *ret is NULL then.  ret may be NULL.  On Windows it rests on the
 * lists before and after, on which processes are there, and on the service control manager: it does not tell what was
 * killed or holds a file after all, and of a program that comes back VERIFIED is said where one runs the same file and
 * was started since (ours). */
RM_API DWORD RmxShutdown(DWORD handle, const RMX_SHUTDOWN *how, ULONG timeout_ms, RMX_ACCOUNT **ret);
RM_API DWORD RmxRestart(DWORD handle, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret);
/* Gives up bringing back what was stopped: from here on as if RmShutdown had not been called. */
RM_API DWORD RmxLeaveStopped(DWORD handle);
#define RMX_RECOVER_FORGET 0x1u /* what fails this time is not tried again */

/* Brings back what sessions of this user stopped whose owners have died, as RmxRestart would have done.  What is up
 * already stays as it is; what a living session has stopped, too, is left to that one.  A program that lives may have
 * been asked to end: it is given 30 s to do so (ours).  Items that fail can be tried again; one that nobody can start
 * is told of once.  ERROR_FAIL_RESTART: not everything is back.  ERROR_WRITE_FAULT: the sessions cannot be read.  It
 * cannot be cancelled.  The account may be empty, and comes as it does above. */
RM_API DWORD RmxRecover(DWORD flags, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret);
RM_API void RmxFreeAccount(RMX_ACCOUNT *account);

/* Adds to what counts as critical in this session: a unit's name, in which *
 * and ? stand for anything, or the absolute path of a program. */
RM_API DWORD RmxAddCritical(DWORD handle, LPCWSTR pattern);

/* How the calling process wants to be started again after a stop: the counterpart of RegisterApplicationRestart. */
#define RMX_RELAUNCH_NO_PATCH 0x4u /* RESTART_NO_PATCH: not after a patch */

typedef struct RMX_RELAUNCH {
    uint32_t size;
    uint32_t flags;                  /* RMX_RELAUNCH_* */
    const char *const *arguments;    /* without the program's name, which is added; at most 1,024 UTF-16 units
                                        together, as Windows would quote and join them */
    uint32_t argument_count;
    uint32_t environment_count;
    const char *const *environment;  /* NAME=VALUE, each name once: only these are set; at most 32,767 bytes (ours) */
    const char *directory;           /* absolute; NULL: the current one */
} RMX_RELAUNCH;

/* A later call replaces the earlier one; NULL takes it back.  It is about this process and the program that it runs now:
 * neither a forked child nor what is executed later has registered anything.  Windows keeps the arguments alone:
 * ERROR_CALL_NOT_IMPLEMENTED with an environment or a directory there.  ERROR_SESSION_CREDENTIAL_CONFLICT: the
 * process has more than one user or group at once (ours). */
RM_API DWORD RmxRegisterApplicationRestart(const RMX_RELAUNCH *how);

#ifdef __cplusplus
}
#endif

#endif
