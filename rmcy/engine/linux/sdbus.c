/* SPDX-License-Identifier: MIT */
#include "sdbus.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static struct rm_sdbus table;
static bool loaded;

static const struct {
    const char *name;
    size_t offset;
} symbols[] = {
    {"sd_bus_new", offsetof(struct rm_sdbus, new)},
    {"sd_bus_set_address", offsetof(struct rm_sdbus, set_address)},
    {"sd_bus_set_bus_client", offsetof(struct rm_sdbus, set_bus_client)},
    {"sd_bus_start", offsetof(struct rm_sdbus, start)},
    {"sd_bus_close", offsetof(struct rm_sdbus, close)},
    {"sd_bus_unref", offsetof(struct rm_sdbus, unref)},
    {"sd_bus_get_fd", offsetof(struct rm_sdbus, get_fd)},
    {"sd_bus_get_events", offsetof(struct rm_sdbus, get_events)},
    {"sd_bus_get_timeout", offsetof(struct rm_sdbus, get_timeout)},
    {"sd_bus_process", offsetof(struct rm_sdbus, process)},
    {"sd_bus_call_async", offsetof(struct rm_sdbus, call_async)},
    {"sd_bus_match_signal_async", offsetof(struct rm_sdbus, match_signal_async)},
    {"sd_bus_slot_unref", offsetof(struct rm_sdbus, slot_unref)},
    {"sd_bus_path_encode", offsetof(struct rm_sdbus, path_encode)},
    {"sd_bus_message_new_method_call", offsetof(struct rm_sdbus, new_method_call)},
    {"sd_bus_message_unref", offsetof(struct rm_sdbus, message_unref)},
    {"sd_bus_message_get_error", offsetof(struct rm_sdbus, message_get_error)},
    {"sd_bus_message_append_basic", offsetof(struct rm_sdbus, append_basic)},
    {"sd_bus_message_open_container", offsetof(struct rm_sdbus, open_container)},
    {"sd_bus_message_close_container", offsetof(struct rm_sdbus, close_container)},
    {"sd_bus_message_enter_container", offsetof(struct rm_sdbus, enter_container)},
    {"sd_bus_message_exit_container", offsetof(struct rm_sdbus, exit_container)},
    {"sd_bus_message_read_basic", offsetof(struct rm_sdbus, read_basic)},
    {"sd_bus_message_skip", offsetof(struct rm_sdbus, skip)},
};

static void load(void)
{
    void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return;
    for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
        void *address = dlsym(library, symbols[i].name);
        if (!address)
            return;
        /* As POSIX has it: the bytes of a data pointer are those of the function's. */
        memcpy((char *)&table + symbols[i].offset, &address, sizeof(address));
    }
    loaded = true;
}

const struct rm_sdbus *rm_sdbus_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return loaded ? &table : NULL;
}
