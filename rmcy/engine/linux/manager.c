/* SPDX-License-Identifier: MIT
 *
 * One connection, used by one thread, for one pass.  Everything is
 * asynchronous, also the handshake: a bus that is stopped takes the connection
 * and never answers, and sd_bus_call() would wait for it longer than a caller
 * allows.
 *
 * One GetAll for each unit.  A unit that is not loaded is loaded for it, as by
 * "systemctl show"; that needs no right and starts nothing.
 */
#include "manager.h"

#include "host.h"
#include "sdbus.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ours: dbus-daemon lets a connection wait for 128 replies at a time. */
#define WINDOW 64

struct rm_manager {
    const struct rm_sdbus *sd;
    sd_bus *bus;
};

/* A call that is under way; it lives until its slot is released. */
struct call {
    const struct rm_sdbus *sd;
    struct rm_unit_info *unit;
    sd_bus_slot *slot;
    bool done;
};

int rm_manager_open(uint32_t uid, struct rm_manager **ret)
{
    const struct rm_sdbus *sd = rm_sdbus_load();
    char address[64] = "unix:path=/run/dbus/system_bus_socket";
    sd_bus *bus = NULL;
    if (!sd)
        return -EHOSTUNREACH;
    if (uid != RMX_NO_UID)
        snprintf(address, sizeof(address), "unix:path=/run/user/%u/bus", uid);
    struct rm_manager *m = malloc(sizeof(*m));
    int r = m ? sd->new(&bus) : -ENOMEM;
    if (r >= 0)
        r = sd->set_address(bus, address);
    if (r >= 0)
        r = sd->set_bus_client(bus, 1);
    if (r >= 0)
        r = sd->start(bus);
    if (r < 0) {
        if (bus)
            sd->unref(bus);
        free(m);
        return r == -ENOMEM ? r : -EHOSTUNREACH;
    }
    *m = (struct rm_manager){sd, bus};
    *ret = m;
    return 0;
}

void rm_manager_free(struct rm_manager *m)
{
    if (!m)
        return;
    m->sd->close(m->bus);
    m->sd->unref(m->bus);
    free(m);
}

/* ---- the answer ---- */

static void keep(char *to, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    memcpy(to, text, length);
    to[length] = '\0';
}

static void take_text(struct rm_unit_info *unit, const char *name, const char *text)
{
    if (strcmp(name, "LoadState") == 0)
        unit->load = strcmp(text, "not-found") == 0 ? RM_LOAD_ABSENT : RM_LOAD_FOUND;
    else if (strcmp(name, "ActiveState") == 0)
        unit->active = strcmp(text, "active") == 0 || strcmp(text, "reloading") == 0;
    else if (strcmp(name, "Id") == 0)
        keep(unit->id, sizeof(unit->id), text);
    else if (strcmp(name, "Description") == 0)
        keep(unit->title, sizeof(unit->title), text);
}

/* The value of one property, of which only some are wanted. */
static int read_value(const struct rm_sdbus *sd, sd_bus_message *message, const char *name, struct rm_unit_info *unit)
{
    static const char *const texts[] = {"LoadState", "ActiveState", "Id", "Description"};
    const char *text, *type = strcmp(name, "MainPID") == 0 ? "u" : NULL;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (strcmp(name, texts[i]) == 0)
            type = "s";
    if (!type)
        return sd->skip(message, "v");
    int r = sd->enter_container(message, 'v', type);
    if (r >= 0)
        r = sd->read_basic(message, *type, *type == 'u' ? (void *)&unit->main_pid : (void *)&text);
    if (r > 0 && *type == 's')
        take_text(unit, name, text);
    return r < 0 ? r : sd->exit_container(message);
}

/* a{sv} */
static int read_properties(const struct rm_sdbus *sd, sd_bus_message *message, struct rm_unit_info *unit)
{
    const char *name;
    int r = sd->enter_container(message, 'a', "{sv}");
    while (r >= 0 && (r = sd->enter_container(message, 'e', "sv")) > 0) {
        r = sd->read_basic(message, 's', &name);
        if (r >= 0)
            r = read_value(sd, message, name, unit);
        if (r >= 0)
            r = sd->exit_container(message);
    }
    return r;
}

static int error_number(const char *name)
{
    static const char *const denials[] = {
        "org.freedesktop.DBus.Error.AccessDenied",
        "org.freedesktop.DBus.Error.AuthFailed",
        "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
    };
    for (size_t i = 0; i < sizeof(denials) / sizeof(*denials); i++)
        if (strcmp(name, denials[i]) == 0)
            return -EACCES;
    return -EPROTO;
}

/* The names of errors by which systemd says that a name can be no unit's. */
static bool is_absence(const char *name)
{
    return strcmp(name, "org.freedesktop.systemd1.NoSuchUnit") == 0 ||
           strcmp(name, "org.freedesktop.DBus.Error.UnknownObject") == 0 ||
           strcmp(name, "org.freedesktop.DBus.Error.InvalidArgs") == 0;
}

static int on_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    struct call *call = userdata;
    struct rm_unit_info *unit = call->unit;
    const sd_bus_error *error = call->sd->message_get_error(message);
    (void)ret_error;
    call->done = true;
    unit->error = 0;
    if (error && is_absence(error->name)) {
        unit->load = RM_LOAD_ABSENT;
    } else if (error) {
        unit->error = error_number(error->name);
    } else {
        int r = read_properties(call->sd, message, unit);
        if (r < 0 || unit->load == RM_LOAD_UNKNOWN || !unit->id[0]) {
            unit->load = RM_LOAD_UNKNOWN;
            unit->error = r == -ENOMEM ? r : -EPROTO;
        }
    }
    return 1;
}

/* ---- the question ---- */

static int send_call(struct rm_manager *m, struct call *call)
{
    const struct rm_sdbus *sd = m->sd;
    sd_bus_message *message = NULL;
    char *path = NULL;
    int r = sd->path_encode("/org/freedesktop/systemd1/unit", call->unit->asked, &path);
    if (r >= 0)
        r = sd->new_method_call(m->bus, &message, "org.freedesktop.systemd1", path, "org.freedesktop.DBus.Properties",
                                "GetAll");
    /* Of all interfaces: Unit's, and Service's for MainPID. */
    if (r >= 0)
        r = sd->append_basic(message, 's', "");
    if (r >= 0)
        r = sd->call_async(m->bus, &call->slot, message, on_reply, call, UINT64_MAX);
    if (message)
        sd->message_unref(message);
    free(path);
    return r < 0 ? r : 0;
}

/* poll()'s way to say it; rounded up. */
static int milliseconds_left(const struct rm_wait *wait)
{
    uint64_t now = rm_host_now();
    if (wait->deadline == RM_NO_DEADLINE)
        return -1;
    if (now >= wait->deadline)
        return 0;
    uint64_t ms = (wait->deadline - now + 999999) / 1000000;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

/* Until something can be read from or written to the bus. */
static int wait_for_bus(struct rm_manager *m, const struct rm_wait *wait)
{
    int fd = m->sd->get_fd(m->bus), events = m->sd->get_events(m->bus);
    if (fd < 0 || events < 0)
        return -ECONNRESET;
    struct pollfd p[2] = {{.fd = fd, .events = (short)events}, {.fd = wait->cancel_fd, .events = POLLIN}};
    int n = poll(p, 2, milliseconds_left(wait));
    if (n < 0 && (errno != EINTR || wait->interruptible))
        return -errno;
    return rm_wait_check(wait);
}

static bool all_done(const struct call *calls, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!calls[i].done)
            return false;
    return true;
}

static int converse(struct rm_manager *m, const struct call *calls, uint32_t count, const struct rm_wait *wait)
{
    int r = 0;
    while (r >= 0 && !all_done(calls, count)) {
        r = m->sd->process(m->bus, NULL);
        if (r == 0)
            r = wait_for_bus(m, wait);
        else if (r > 0)
            r = rm_wait_check(wait);
    }
    return r;
}

int rm_manager_ask(struct rm_manager *m, struct rm_unit_info *units, uint32_t count, const struct rm_wait *wait)
{
    int r = 0;
    for (uint32_t first = 0; r == 0 && first < count; first += WINDOW) {
        struct call calls[WINDOW] = {0};
        uint32_t n = count - first < WINDOW ? count - first : WINDOW;
        for (uint32_t i = 0; i < n && r == 0; i++) {
            calls[i].sd = m->sd;
            calls[i].unit = &units[first + i];
            r = send_call(m, &calls[i]);
        }
        if (r == 0)
            r = converse(m, calls, n, wait);
        for (uint32_t i = 0; i < n; i++)
            if (calls[i].slot)
                m->sd->slot_unref(calls[i].slot);
        if (r < 0)
            for (uint32_t i = first; i < count; i++)
                if (i >= first + n || !calls[i - first].done)
                    units[i].error = r == -ETIMEDOUT ? r : -EHOSTUNREACH;
    }
    return r == -ECANCELED || r == -EINTR || r == -ENOMEM ? r : 0;
}
