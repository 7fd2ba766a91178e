/* SPDX-License-Identifier: MIT
 *
 * A bus lets nobody in but its own user, not even root; and it is better so:
 * what root asks of a user's manager has that user's rights, whatever the user
 * has put in the manager's place.  So a thread of its own, which may be left
 * behind with a user's file system that does not answer, takes that user's
 * effective number for as long as it connects.  The real one stays root's: the
 * user can neither signal nor trace that thread.
 */
#include "manager.h"

#include "calls.h"
#include "host.h"
#include "polling.h"
#include "restartmanager_ext.h"
#include "watch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Ours: dbus-daemon lets a connection wait for 128 replies at a time. */
#define WINDOW 64
/* Ours; what D-Bus allows for a reply everywhere. */
#define REPLY_USEC UINT64_C(25000000)


static int connect_to(const struct rm_sdbus *sd, const char *address, bool through_bus, sd_bus **ret)
{
    sd_bus *bus = NULL;
    int r = sd->new(&bus);
    if (r >= 0)
        r = sd->set_address(bus, address);
    if (r >= 0)
        r = sd->set_bus_client(bus, through_bus);
    if (r >= 0)
        r = sd->start(bus);
    if (r >= 0) {
        *ret = bus;
        return 0;
    }
    if (bus)
        sd->unref(bus);
    return r == -ENOMEM ? r : r == -EACCES || r == -EPERM ? -EACCES : -EHOSTUNREACH;
}

/* A patch may take the system's bus away, and what was stopped has to come back.  To root its manager listens without
 * one as well: that is how systemctl reaches it. */
static int connect_bus(const struct rm_sdbus *sd, uint32_t uid, sd_bus **ret)
{
    char address[64] = "unix:path=/run/dbus/system_bus_socket";
    if (uid != RMX_NO_UID)
        snprintf(address, sizeof(address), "unix:path=/run/user/%u/bus", uid);
    int r = connect_to(sd, address, true, ret);
    if (r == -EHOSTUNREACH && uid == RMX_NO_UID && geteuid() == 0)
        r = connect_to(sd, "unix:path=/run/systemd/private", false, ret);
    return r;
}

/* ---- as somebody else ---- */

struct visit {
    const struct rm_sdbus *sd;
    uint32_t uid;
    /* Within the lock. */
    sd_bus **bus; /* the caller's */
    bool over;
};

/* glibc's setresuid() would change all threads. */
static int connect_as(const struct visit *v, sd_bus **ret)
{
    const uid_t same = (uid_t)-1;
    if (geteuid() != 0)
        return connect_bus(v->sd, v->uid, ret);
    int dumpable = prctl(PR_GET_DUMPABLE);
    if (syscall(RM_CALL_SETRESUID, same, (uid_t)v->uid, same) < 0)
        return -EACCES;
    int r = connect_bus(v->sd, v->uid, ret);
    /* With its number the kernel took the right to be traced and dumped from the whole process. */
    if (syscall(RM_CALL_SETRESUID, same, (uid_t)0, same) == 0 && dumpable == 1)
        prctl(PR_SET_DUMPABLE, 1);
    return r;
}

static int work(struct rm_worker *me, void *context)
{
    struct visit *v = context;
    sd_bus *bus = NULL;
    if (!rm_worker_enter(me))
        return 0;
    bool over = v->over;
    rm_worker_at(me, 0, 0, NULL);
    rm_worker_leave(me);
    int r = over ? -EHOSTUNREACH : connect_as(v, &bus);
    if (!rm_worker_enter(me)) {
        if (bus)
            v->sd->unref(bus);
        return 0;
    }
    *v->bus = bus;
    rm_worker_leave(me);
    return r;
}

static int give_up(void *context, const struct rm_stuck *at, bool all)
{
    struct visit *v = context;
    (void)at;
    (void)all;
    v->over = true;
    return 0;
}

static int visit(const struct rm_sdbus *sd, uint32_t uid, const struct rm_wait *wait, sd_bus **ret)
{
    static const struct rm_task task = {.work = work, .give_up = give_up, .free = free};
    struct visit *v = malloc(sizeof(*v));
    if (!v)
        return -ENOMEM;
    *v = (struct visit){.sd = sd, .uid = uid, .bus = ret};
    int r = rm_watch_take(&task, v, wait);
    return r == 0 && !*ret ? -EHOSTUNREACH : r;
}

/* ---- the connection ---- */

int rm_manager_open(uint32_t uid, const struct rm_wait *wait, struct rm_manager **ret)
{
    const struct rm_sdbus *sd = rm_sdbus_load();
    if (!sd)
        return -EHOSTUNREACH;
    struct rm_manager *m = calloc(1, sizeof(*m));
    if (!m)
        return -ENOMEM;
    *m = (struct rm_manager){.sd = sd, .uid = uid};
    int r = uid == RMX_NO_UID || uid == geteuid() ? connect_bus(sd, uid, &m->bus) : visit(sd, uid, wait, &m->bus);
    if (r < 0) {
        free(m);
        return r;
    }
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

/* ---- calls ---- */

int rm_call_new(struct rm_call *call, struct rm_manager *m, const char *path, const char *interface, const char *member)
{
    call->manager = m;
    int r = m->sd->new_method_call(m->bus, &call->message, RM_MANAGER_NAME, path, interface, member);
    return r < 0 ? r : 0;
}

int rm_call_append(struct rm_call *call, const char *text)
{
    int r = call->manager->sd->append_basic(call->message, 's', text);
    return r < 0 ? r : 0;
}

static int send_next(struct rm_manager *m);

static int on_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    struct rm_call *call = userdata;
    struct rm_manager *m = call->manager;
    (void)ret_error;
    m->under_way--;
    m->waiting--;
    call->replied(call, message, m->sd->message_get_error(message));
    return send_next(m);
}

/* Of those that wait for their turn. */
static int send_next(struct rm_manager *m)
{
    struct rm_call *call = m->first;
    if (!call || m->under_way >= WINDOW)
        return 0;
    m->first = call->next;
    int r = m->sd->call_async(m->bus, &call->slot, call->message, on_reply, call, REPLY_USEC);
    m->sd->message_unref(call->message);
    call->message = NULL;
    if (r < 0) {
        m->error = r == -ENOMEM ? r : -EHOSTUNREACH;
        return r;
    }
    m->under_way++;
    return 0;
}

int rm_call_send(struct rm_call *call)
{
    struct rm_manager *m = call->manager;
    call->next = NULL;
    if (m->first)
        m->last->next = call;
    else
        m->first = call;
    m->last = call;
    m->waiting++;
    return send_next(m);
}

void rm_call_done(struct rm_call *call)
{
    if (call->slot)
        call->manager->sd->slot_unref(call->slot);
    if (call->message)
        call->manager->sd->message_unref(call->message);
    call->slot = NULL;
    call->message = NULL;
}

int rm_call_error(const sd_bus_error *error)
{
    static const struct {
        const char *name;
        int error;
    } known[] = {
        {"org.freedesktop.DBus.Error.AccessDenied", -EACCES},
        {"org.freedesktop.DBus.Error.AuthFailed", -EACCES},
        {"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", -EACCES},
        {"org.freedesktop.systemd1.NoSuchUnit", -ENOENT},
        {"org.freedesktop.DBus.Error.UnknownObject", -ENOENT},
        {"org.freedesktop.DBus.Error.InvalidArgs", -ENOENT},
        {"org.freedesktop.DBus.Error.NoReply", -EHOSTUNREACH},
        {"org.freedesktop.DBus.Error.Timeout", -EHOSTUNREACH},
        {"org.freedesktop.DBus.Error.Disconnected", -EHOSTUNREACH},
        {"org.freedesktop.DBus.Error.ServiceUnknown", -EHOSTUNREACH},
        {"org.freedesktop.DBus.Error.NameHasNoOwner", -EHOSTUNREACH},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(error->name, known[i].name) == 0)
            return known[i].error;
    return strncmp(error->name, "org.freedesktop.DBus.Error.Spawn.", 33) == 0 ? -EHOSTUNREACH : 0;
}

/* ---- the conversation ---- */

static bool is_awaited(const struct rm_manager *m)
{
    return m && !m->error && m->waiting;
}

/* Everything that has come.  How many messages: 0 for none. */
static int process(struct rm_manager *m)
{
    int r = m->sd->process(m->bus, NULL);
    if (r < 0 && !m->error)
        m->error = r == -ENOMEM ? r : -EHOSTUNREACH;
    return m->error == -ENOMEM ? -ENOMEM : m->error ? 0 : r;
}

/* Until something can be read from or written to a bus, or has taken too long. */
static int wait_for_buses(struct rm_manager *const managers[], uint32_t count, const struct rm_wait *wait)
{
    struct pollfd fds[RM_MANAGERS_MAX + 1];
    struct rm_wait shorter = *wait;
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct rm_manager *m = managers[i];
        uint64_t usec = UINT64_MAX;
        if (!is_awaited(m))
            continue;
        int fd = m->sd->get_fd(m->bus), events = m->sd->get_events(m->bus);
        if (fd < 0 || events < 0 || m->sd->get_timeout(m->bus, &usec) < 0)
            m->error = -EHOSTUNREACH;
        else
            fds[n++] = (struct pollfd){.fd = fd, .events = (short)events};
        if (usec < shorter.deadline / 1000)
            shorter.deadline = usec * 1000;
    }
    int r = n ? rm_wait_for_any(&shorter, fds, n) : 0;
    return r < 0 && r != -ETIMEDOUT ? r : rm_wait_check(wait);
}

int rm_managers_converse(struct rm_manager *const managers[], uint32_t count, const struct rm_wait *wait)
{
    int r = 0;
    while (r >= 0) {
        bool more = false;
        r = 0;
        for (uint32_t i = 0; i < count && r >= 0; i++)
            if (is_awaited(managers[i])) {
                int n = process(managers[i]);
                r = n < 0 ? n : r + n;
                more |= is_awaited(managers[i]);
            }
        if (r >= 0 && !more)
            return 0;
        if (r == 0)
            r = wait_for_buses(managers, count, wait);
        else if (r > 0)
            r = rm_wait_check(wait);
    }
    return r;
}
