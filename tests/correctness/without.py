# SPDX-License-Identifier: MIT
"""Run a command on a kernel that lacks something: `without.py FEATURE... -- COMMAND...`.

A seccomp filter answers the missing system calls as an older kernel or a
sandbox would, and capabilities are dropped; the program under test knows
nothing of it. `without.py --check` says with its status whether this kernel
can filter.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 22, 38, 24
SECCOMP_MODE_FILTER = 2
CAP_SYS_ADMIN, CAP_CHECKPOINT_RESTORE = 21, 40
PROCMAP_QUERY = 0xC0686611

# Calls older than 2019 have a number for each architecture.
NUMBERS = {
    "x86_64": {"ioctl": 16, "kcmp": 312, "memfd_create": 319, "statx": 332}
    | {"execve": 59, "execveat": 322, "fork": 57, "vfork": 58, "ptrace": 101, "process_vm_writev": 311}
    | {"kill": 62, "tkill": 200, "tgkill": 234, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297},
    "aarch64": {"ioctl": 29, "kcmp": 272, "memfd_create": 279, "statx": 291}
    | {"execve": 221, "execveat": 281, "ptrace": 117, "process_vm_writev": 271}
    | {"kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240},
}.get(platform.machine(), {}) | {"pidfd_send_signal": 424, "pidfd_open": 434, "close_range": 436, "openat2": 437}

CAPABILITIES = "map_files"
QUERY = "procmap_query"
CALLS = ("kcmp", "memfd_create", "pidfd_send_signal", "pidfd_open", "close_range", "openat2")

# Of linux/bpf_common.h: BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET.
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER, SECOND_ARGUMENT = 0, 24  # offsets in struct seccomp_data; the low half of an argument, little-endian
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000

# What signals whoever has a number at the moment.
SIGNALS_BY_NUMBER = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
# What only somebody who executes, signals or changes other processes calls.
ACTS = ("execve", "execveat", "fork", "vfork", "ptrace", "process_vm_writev", *SIGNALS_BY_NUMBER)


def instruction(code: int, k: int, if_equal: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_equal, if_not, k)


def refuse(feature: str, error: int) -> list[bytes]:
    """The part of a filter that refuses one feature and passes everything else on."""
    if feature == QUERY:
        return [
            instruction(LOAD, NUMBER),
            instruction(JUMP_EQUAL, NUMBERS["ioctl"], 0, 3),
            instruction(LOAD, SECOND_ARGUMENT),
            instruction(JUMP_EQUAL, PROCMAP_QUERY, 0, 1),
            instruction(RETURN, ERRNO | errno.ENOTTY),
        ]
    return [
        instruction(LOAD, NUMBER),
        instruction(JUMP_EQUAL, NUMBERS[feature], 0, 1),
        instruction(RETURN, ERRNO | error),
    ]


def prctl(option: int, argument: int, pointer: object = None) -> None:
    if LIBC.prctl(option, ctypes.c_ulong(argument), pointer, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}: {os.strerror(ctypes.get_errno())}")


def install(program: list[bytes]) -> None:
    code = b"".join([*program, instruction(RETURN, ALLOW)])
    text = ctypes.create_string_buffer(code, len(code))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(text)))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head)


def kill_for(calls: tuple[str, ...]) -> list[bytes]:
    """The part of a filter that kills whoever makes one of these calls."""
    program: list[bytes] = []
    for call in calls:
        if call in NUMBERS:
            program += [
                instruction(LOAD, NUMBER),
                instruction(JUMP_EQUAL, NUMBERS[call], 0, 1),
                instruction(RETURN, KILL),
            ]
    return program


def forbid_signals_by_number() -> None:
    """From here on, this process is killed if it signals anybody but through a pidfd."""
    install(kill_for(SIGNALS_BY_NUMBER))


def forbid_acting() -> None:
    """From here on, this process is killed if it executes a program, or signals or changes a process.

    pidfd_send_signal may ask whether a signal could be sent, which is signal 0.
    """
    program = [
        *kill_for(ACTS),
        instruction(LOAD, NUMBER),
        instruction(JUMP_EQUAL, NUMBERS["pidfd_send_signal"], 0, 3),
        instruction(LOAD, SECOND_ARGUMENT),
        instruction(JUMP_EQUAL, 0, 1, 0),
        instruction(RETURN, KILL),
    ]
    install(program)


def drop_capabilities() -> None:
    """Lose what map_files asks for. An ordinary user has none of it, and may not lose it either."""
    if os.geteuid() == 0:
        prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN)
        prctl(PR_CAPBSET_DROP, CAP_CHECKPOINT_RESTORE)


def main(arguments: list[str]) -> None:
    if arguments == ["--check"]:
        install([])
        return
    end = arguments.index("--")
    program: list[bytes] = []
    for word in arguments[:end]:
        feature, _, error = word.partition("=")
        if feature == CAPABILITIES:
            drop_capabilities()
        else:
            program += refuse(feature, getattr(errno, error or "ENOSYS"))
    if program:
        install(program)
    os.execvp(arguments[end + 1], arguments[end + 1 :])


if __name__ == "__main__":
    main(sys.argv[1:])
