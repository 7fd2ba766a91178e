/* SPDX-License-Identifier: MIT
 *
 * sd-bus, as sd-bus(3) and the pages that it names describe it.  libsystemd
 * is opened at run time: where systemd is, it is, and elsewhere rmcy works
 * without it.  It stays loaded.
 */
#pragma once

#include <stdint.h>

typedef struct sd_bus sd_bus;
typedef struct sd_bus_message sd_bus_message;
typedef struct sd_bus_slot sd_bus_slot;

typedef struct {
    const char *name;
    const char *message;
    int need_free;
} sd_bus_error;

typedef int (*sd_bus_message_handler_t)(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

struct rm_sdbus {
    int (*new)(sd_bus **ret);
    int (*set_address)(sd_bus *bus, const char *address);
    int (*set_bus_client)(sd_bus *bus, int yes);
    int (*start)(sd_bus *bus);
    void (*close)(sd_bus *bus);
    sd_bus *(*unref)(sd_bus *bus);
    int (*get_fd)(sd_bus *bus);
    int (*get_events)(sd_bus *bus);
    int (*get_timeout)(sd_bus *bus, uint64_t *ret_usec);
    int (*process)(sd_bus *bus, sd_bus_message **ret);
    int (*call_async)(sd_bus *bus, sd_bus_slot **slot, sd_bus_message *message, sd_bus_message_handler_t callback,
                      void *userdata, uint64_t usec);
    int (*match_signal_async)(sd_bus *bus, sd_bus_slot **ret, const char *sender, const char *path,
                              const char *interface, const char *member, sd_bus_message_handler_t callback,
                              sd_bus_message_handler_t install_callback, void *userdata);
    sd_bus_slot *(*slot_unref)(sd_bus_slot *slot);
    int (*path_encode)(const char *prefix, const char *name, char **ret_path);
    int (*new_method_call)(sd_bus *bus, sd_bus_message **ret, const char *destination, const char *path,
                           const char *interface, const char *member);
    sd_bus_message *(*message_unref)(sd_bus_message *message);
    const sd_bus_error *(*message_get_error)(sd_bus_message *message);
    int (*append_basic)(sd_bus_message *message, char type, const void *value);
    int (*open_container)(sd_bus_message *message, char type, const char *contents);
    int (*close_container)(sd_bus_message *message);
    int (*enter_container)(sd_bus_message *message, char type, const char *contents);
    int (*exit_container)(sd_bus_message *message);
    int (*read_basic)(sd_bus_message *message, char type, void *value);
    int (*skip)(sd_bus_message *message, const char *types);
};

/* NULL: there is no libsystemd.so.0, or it lacks something. */
const struct rm_sdbus *rm_sdbus_load(void);
