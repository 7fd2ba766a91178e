/* SPDX-License-Identifier: MIT
 *
 * A service manager that answers in odd ways, late or never.  The bus is
 * played by libsystemd itself at the other end of the socket, since a real one
 * keeps everybody but systemd from answering in its name; that a real one is
 * asked rightly is shown in Python, with a real systemd.
 */
#include "properties.h"

#include "check.h"
#include "holder.h"
#include "host.h"
#include "sandbox.h"
#include "sdbus.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define SOCKET "/run/dbus/system_bus_socket"

/* ---- the other end ---- */

static const struct rm_sdbus *sd;
static int (*set_fd)(sd_bus *, int, int);
static int (*set_server)(sd_bus *, int, const uint8_t *);
static int (*bus_wait)(sd_bus *, uint64_t);
static int (*add_filter)(sd_bus *, sd_bus_slot **, sd_bus_message_handler_t, void *);
static int (*is_call)(sd_bus_message *, const char *, const char *);
static int (*reply)(sd_bus_message *, const char *, ...);
static int (*reply_error)(sd_bus_message *, const char *, const char *, ...);
static sd_bus *(*get_bus)(sd_bus_message *);

static void find(void *function, const char *name)
{
    void *library = dlopen("libsystemd.so.0", RTLD_NOW);
    void *address = dlsym(library, name);
    CHECK(address);
    memcpy(function, &address, sizeof(address));
}

static char long_text[5001];

static int answer(sd_bus_message *m, void *way, sd_bus_error *error)
{
    (void)error;
    if (is_call(m, "org.freedesktop.DBus", "Hello"))
        return reply(m, "s", ":1.1");
    if (!is_call(m, "org.freedesktop.DBus.Properties", "GetAll"))
        return 0;
    if (!strcmp(way, "good"))
        return reply(m, "a{sv}", 7, "Id", "s", "real.service", "LoadState", "s", "loaded", "ActiveState", "s", "active",
                     "Description", "s", "The real one", "MainPID", "u", 4711, "Other", "a(ss)", 1, "x", "y",
                     "ControlGroup", "s", "/x");
    if (!strcmp(way, "empty"))
        return reply(m, "a{sv}", 0);
    if (!strcmp(way, "no id"))
        return reply(m, "a{sv}", 1, "LoadState", "s", "loaded");
    if (!strcmp(way, "types"))
        return reply(m, "a{sv}", 2, "Id", "s", "real.service", "LoadState", "u", 1);
    if (!strcmp(way, "pid"))
        return reply(m, "a{sv}", 2, "LoadState", "s", "loaded", "MainPID", "s", "1");
    if (!strcmp(way, "no properties"))
        return reply(m, "s", "hello");
    if (!strcmp(way, "nothing"))
        return reply(m, "");
    if (!strcmp(way, "long"))
        return reply(m, "a{sv}", 3, "Id", "s", long_text, "LoadState", "s", "loaded", "Description", "s", long_text);
    if (!strcmp(way, "not found"))
        return reply(m, "a{sv}", 2, "Id", "s", "real.service", "LoadState", "s", "not-found");
    if (!strcmp(way, "no such unit"))
        return reply_error(m, "org.freedesktop.systemd1.NoSuchUnit", "%s", "no");
    if (!strcmp(way, "denied"))
        return reply_error(m, "org.freedesktop.DBus.Error.AccessDenied", "%s", "no");
    if (!strcmp(way, "other error"))
        return reply_error(m, "org.example.Odd", "%s", "no");
    if (!strcmp(way, "leaves"))
        sd->close(get_bus(m));
    return 1; /* "silent" */
}

static int listener(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(SOCKET);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0 && listen(fd, 8) == 0);
    return fd;
}

static void serve(const char *way)
{
    const uint8_t id[16] = {1};
    int fd = listener();
    sd_bus *bus;
    memset(long_text, 'x', sizeof(long_text) - 1);
    holder_ready();
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    CHECK(peer >= 0);
    if (!strcmp(way, "hangs up")) {
        close(peer);
        holder_wait();
    }
    if (!strcmp(way, "garbage")) {
        CHECK(write(peer, long_text, sizeof(long_text)) > 0);
        close(peer);
        holder_wait();
    }
    CHECK(sd->new(&bus) >= 0 && set_fd(bus, peer, peer) >= 0 && set_server(bus, 1, id) >= 0);
    CHECK(add_filter(bus, NULL, answer, (void *)way) >= 0 && sd->start(bus) >= 0);
    int r;
    while ((r = sd->process(bus, NULL)) >= 0)
        if (r == 0 && bus_wait(bus, UINT64_MAX) < 0)
            break;
    sd->unref(bus);
    holder_wait();
}

/* ---- this end ---- */

static const struct rm_wait minute = {.cancel_fd = -1};

static struct rm_unit_info ask_within(const struct rm_wait *wait, int expect)
{
    struct rm_unit_info unit = {.asked = "real.service"};
    struct rm_manager *m;
    unit.error = rm_manager_open(RMX_NO_UID, &minute, &m);
    if (unit.error < 0)
        return unit;
    CHECK_EQUAL(rm_units_ask(m, &unit, 1, wait), expect);
    rm_manager_free(m);
    return unit;
}

/* The server ends with the connection, and its process with the pipe. */
static struct rm_unit_info ask(const char *way)
{
    struct holder h = holder_start(serve, way);
    struct rm_wait wait = minute;
    wait.deadline = rm_host_now() + UINT64_C(20000000000);
    struct rm_unit_info unit = ask_within(&wait, 0);
    holder_stop(&h);
    return unit;
}

static void test_an_answer_is_read(void)
{
    struct rm_unit_info unit = ask("good");
    CHECK(unit.error == 0 && unit.load == RM_LOAD_FOUND && unit.active && unit.main_pid == 4711);
    CHECK(!strcmp(unit.id, "real.service") && !strcmp(unit.title, "The real one"));
}

static void test_absence_is_told_in_several_ways(void)
{
    CHECK(ask("not found").load == RM_LOAD_ABSENT);
    CHECK(ask("no such unit").load == RM_LOAD_ABSENT);
}

static void test_nothing_is_made_of_what_is_wrong(void)
{
    static const char *const ways[] = {"empty", "no id", "types", "pid", "no properties", "nothing"};
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        struct rm_unit_info unit = ask(ways[i]);
        CHECK_EQUAL(unit.error, -EPROTO);
        CHECK(unit.load == RM_LOAD_UNKNOWN);
    }
}

static void test_long_names_are_cut_to_what_there_is_room_for(void)
{
    struct rm_unit_info unit = ask("long");
    CHECK(unit.load == RM_LOAD_FOUND);
    CHECK_EQUAL(strlen(unit.id), RM_UNIT_NAME_MAX);
    CHECK_EQUAL(strlen(unit.title), RM_TITLE_SIZE - 1);
}

static void test_errors(void)
{
    CHECK_EQUAL(ask("denied").error, -EACCES);
    CHECK_EQUAL(ask("other error").error, -EPROTO);
    /* sd-bus itself answers what is on its way when the connection ends, if it gets to it. */
    static const char *const ends[] = {"leaves", "hangs up", "garbage"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        struct rm_unit_info unit = ask(ends[i]);
        CHECK(unit.load == RM_LOAD_UNKNOWN && (unit.error == -EHOSTUNREACH || unit.error == -EPROTO));
    }
}

static void test_no_bus(void)
{
    struct rm_manager *m;
    unlink(SOCKET);
    CHECK_EQUAL(rm_manager_open(RMX_NO_UID, &minute, &m), -EHOSTUNREACH);
}

/* A bus that is stopped, and a manager that is: neither keeps anybody longer than is allowed. */
static void test_silence_ends_with_the_deadline(void)
{
    struct rm_wait wait = minute;
    int fd = listener();
    wait.deadline = rm_host_now() + 50000000;
    CHECK_EQUAL(ask_within(&wait, 0).error, -ETIMEDOUT);
    close(fd);

    struct holder h = holder_start(serve, "silent");
    wait.deadline = rm_host_now() + 50000000;
    CHECK_EQUAL(ask_within(&wait, 0).error, -ETIMEDOUT);
    holder_stop(&h);
}

static void test_silence_can_be_cancelled(void)
{
    int fd = listener();
    struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = eventfd(1, EFD_CLOEXEC)};
    CHECK_EQUAL(ask_within(&wait, -ECANCELED).error, -EHOSTUNREACH);
    close(wait.cancel_fd);
    close(fd);
}

static void on_alarm(int number)
{
    (void)number;
}

static void test_a_signal_ends_an_interruptible_wait(void)
{
    int fd = listener();
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval often = {{0, 10000}, {0, 10000}}, never = {0};
    struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1, .interruptible = true};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
    CHECK_EQUAL(ask_within(&wait, -EINTR).error, -EHOSTUNREACH);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    close(fd);
}

int main(void)
{
    sd = rm_sdbus_load();
    if (!sd)
        return SKIPPED;
    find(&set_fd, "sd_bus_set_fd");
    find(&set_server, "sd_bus_set_server");
    find(&bus_wait, "sd_bus_wait");
    find(&add_filter, "sd_bus_add_filter");
    find(&is_call, "sd_bus_message_is_method_call");
    find(&reply, "sd_bus_reply_method_return");
    find(&reply_error, "sd_bus_reply_method_errorf");
    find(&get_bus, "sd_bus_message_get_bus");
    sandbox_enter("mode=755");
    CHECK(mkdir("/run/dbus", 0755) == 0);
    RUN(test_an_answer_is_read);
    RUN(test_absence_is_told_in_several_ways);
    RUN(test_nothing_is_made_of_what_is_wrong);
    RUN(test_long_names_are_cut_to_what_there_is_room_for);
    RUN(test_errors);
    RUN(test_no_bus);
    RUN(test_silence_ends_with_the_deadline);
    RUN(test_silence_can_be_cancelled);
    RUN(test_a_signal_ends_an_interruptible_wait);
    return 0;
}
