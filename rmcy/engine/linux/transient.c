/* SPDX-License-Identifier: MIT
 *
 * The unit's name is the lock: systemd has one unit of a name at a time, and
 * forgets it when its program has ended.
 *
 * Where: the system's manager puts a user's program among that user's others
 * (user-UID.slice), as a login would, and root's among the services.  It gives
 * the program the home directory, the shell and the groups that its user has
 * now, besides the groups that the program had.
 *
 * It executes nothing for a user or a group without a name.  The user's own
 * group goes without saying, and a group that is not in /etc/group is left to
 * what it finds by itself; another user or main group without a name cannot
 * come back so (ours).
 */
#include "transient.h"

#include "account.h"
#include "command.h"
#include "host.h"
#include "properties.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INTERFACE "org.freedesktop.systemd1.Manager"

struct start {
    const struct rm_wish *wish;
    const struct rm_command *command;
    const char *unit;
    struct rm_manager *manager;
    struct rm_call subscribe, call;
    sd_bus_slot *removals;
    uint32_t id;
    int result;
    bool refused; /* for a reason that may lie in what is newer than this systemd */
};

bool rm_transient_has_manager(uint32_t uid)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof(path), "/run/user/%u/bus", uid);
    return rm_sdbus_load() && lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == uid;
}

/* ---- the question: a(sv), one after another; r < 0 goes through ---- */

struct form {
    const struct rm_sdbus *sd;
    sd_bus_message *message;
    int r;
};

static void open_container(struct form *f, char type, const char *contents)
{
    if (f->r >= 0)
        f->r = f->sd->open_container(f->message, type, contents);
}

static void close_container(struct form *f)
{
    if (f->r >= 0)
        f->r = f->sd->close_container(f->message);
}

static void append(struct form *f, const char *text)
{
    if (f->r >= 0)
        f->r = f->sd->append_basic(f->message, 's', text);
}

static void begin_property(struct form *f, const char *name, const char *type)
{
    open_container(f, 'r', "sv");
    append(f, name);
    open_container(f, 'v', type);
}

static void end_property(struct form *f)
{
    close_container(f);
    close_container(f);
}

static void add_text(struct form *f, const char *name, const char *text)
{
    begin_property(f, name, "s");
    append(f, text);
    end_property(f);
}

static void add_number(struct form *f, const char *name, uint32_t number)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", number);
    add_text(f, name, text);
}

static void add_user(struct form *f, const struct rm_wish *wish)
{
    char text[32];
    snprintf(text, sizeof(text), wish->uid ? "user-%u.slice" : "system.slice", wish->uid);
    add_text(f, "Slice", text);
    add_number(f, "User", wish->uid);
    if (!rm_account_has_usual_group(wish))
        add_number(f, "Group", wish->gid);
    bool *named = NULL;
    int r = rm_account_named_groups(wish, &named);
    if (r < 0)
        f->r = r;
    begin_property(f, "SupplementaryGroups", "as");
    open_container(f, 'a', "s");
    for (uint32_t i = 0; f->r >= 0 && i < wish->group_count; i++) {
        snprintf(text, sizeof(text), "%u", wish->groups[i]);
        if (named[i])
            append(f, text);
    }
    close_container(f);
    end_property(f);
    free(named);
}

static void add_command(struct form *f, const struct rm_command *command)
{
    const int no = 0;
    begin_property(f, "ExecStart", "a(sasb)");
    open_container(f, 'a', "(sasb)");
    open_container(f, 'r', "sasb");
    append(f, command->path);
    open_container(f, 'a', "s");
    for (uint32_t i = 0; i < command->argument_count; i++)
        append(f, command->arguments[i]);
    close_container(f);
    if (f->r >= 0)
        f->r = f->sd->append_basic(f->message, 'b', &no);
    close_container(f);
    close_container(f);
    end_property(f);
    add_text(f, "WorkingDirectory", command->directory);
    begin_property(f, "Environment", "as");
    open_container(f, 'a', "s");
    for (uint32_t i = 0; i < command->environment_count; i++)
        append(f, command->environment[i]);
    close_container(f);
    end_property(f);
}

/* all: with what came with systemd 236 and 240. */
static int fill(const struct start *start, bool all)
{
    struct form form = {start->manager->sd, start->call.message, 0}, *f = &form;
    append(f, start->unit);
    append(f, "fail");
    open_container(f, 'a', "(sv)");
    if (rm_text_is_utf8(start->wish->exe))
        add_text(f, "Description", start->wish->exe);
    if (all) {
        add_text(f, "Type", "exec"); /* else it is up before it turns out that it cannot be executed */
        add_text(f, "CollectMode", "inactive-or-failed");
    }
    if (start->manager->uid == RMX_NO_UID)
        add_user(f, start->wish);
    add_command(f, start->command);
    close_container(f);
    open_container(f, 'a', "(sa(sv))");
    close_container(f);
    return f->r < 0 ? f->r : 0;
}

/* ---- the answer ---- */

static struct start *start_of(struct rm_call *call)
{
    return (struct start *)(void *)((char *)call - offsetof(struct start, call));
}

static void on_subscribed(struct rm_call *call, sd_bus_message *reply, const sd_bus_error *error)
{
    (void)call;
    (void)reply;
    (void)error; /* the manager sends what is about one's own jobs anyway */
}

static void on_accepted(struct rm_call *call, sd_bus_message *reply, const sd_bus_error *error)
{
    struct start *start = start_of(call);
    const char *path, *number;
    if (error && strcmp(error->name, "org.freedesktop.systemd1.UnitExists") == 0) {
        start->result = -EEXIST;
    } else if (error) {
        int r = rm_call_error(error);
        start->refused = r == 0 || r == -ENOENT;
        start->result = start->refused ? -EPROTO : r;
    } else if (call->manager->sd->read_basic(reply, 'o', &path) > 0 && (number = strrchr(path, '/')) != NULL) {
        start->id = (uint32_t)strtoul(number + 1, NULL, 10);
        start->manager->waiting++;
    } else {
        start->result = -EPROTO;
    }
}

static int on_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct start *start = userdata;
    const struct rm_sdbus *sd = start->manager->sd;
    const char *path, *unit, *outcome;
    uint32_t id;
    (void)error;
    if (!start->id || sd->read_basic(message, 'u', &id) <= 0 || id != start->id ||
        sd->read_basic(message, 'o', &path) <= 0 || sd->read_basic(message, 's', &unit) <= 0 ||
        sd->read_basic(message, 's', &outcome) <= 0)
        return 0;
    start->id = 0;
    start->manager->waiting--;
    start->result = strcmp(outcome, "done") == 0 ? 0 : -ECHILD;
    return 0;
}

/* ---- */

static int converse(struct start *start, const struct rm_wait *wait)
{
    int r = rm_managers_converse(&start->manager, 1, wait);
    return r < 0 ? r : start->manager->error ? -EHOSTUNREACH : start->result;
}

static int subscribe(struct start *start)
{
    struct rm_manager *m = start->manager;
    start->subscribe = (struct rm_call){.replied = on_subscribed};
    int r = m->sd->match_signal_async(m->bus, &start->removals, RM_MANAGER_NAME, RM_MANAGER_OBJECT, INTERFACE,
                                      "JobRemoved", on_removed, NULL, start);
    if (r >= 0)
        r = rm_call_new(&start->subscribe, m, RM_MANAGER_OBJECT, INTERFACE, "Subscribe");
    return r < 0 ? r : rm_call_send(&start->subscribe);
}

static int ask(struct start *start, bool all, const struct rm_wait *wait)
{
    start->call = (struct rm_call){.replied = on_accepted};
    start->result = 0;
    start->refused = false;
    int r = rm_call_new(&start->call, start->manager, RM_MANAGER_OBJECT, INTERFACE, "StartTransientUnit");
    if (r == 0)
        r = fill(start, all);
    if (r == 0)
        r = rm_call_send(&start->call);
    if (r == 0)
        r = converse(start, wait);
    rm_call_done(&start->call);
    return r;
}

/* The unit's main process; -ECHILD: it has none any more. */
static int find_process(struct start *start, const struct rm_wait *wait, RM_UNIQUE_PROCESS *ret)
{
    struct rm_unit_info *info = calloc(1, sizeof(*info));
    if (!info)
        return -ENOMEM;
    int r = rm_unit_info_name(info, start->unit) ? rm_units_ask(start->manager, info, 1, wait) : -EINVAL;
    if (r == 0)
        r = info->error;
    if (r == 0)
        r = info->main_pid ? rm_host_process(info->main_pid, ret) : -ECHILD;
    free(info);
    return r == -ESRCH ? -ECHILD : r;
}

static int run(struct start *start, const struct rm_wait *wait, RM_UNIQUE_PROCESS *ret)
{
    int r = subscribe(start);
    if (r == 0)
        r = ask(start, true, wait);
    if (r == -EPROTO && start->refused)
        r = ask(start, false, wait);
    if (r == 0)
        return find_process(start, wait, ret);
    if (r == -EEXIST && find_process(start, wait, ret) < 0)
        *ret = (RM_UNIQUE_PROCESS){0};
    return r;
}

int rm_transient_start(const struct rm_wish *wish, const char *unit, uint32_t manager_uid, const struct rm_wait *wait,
                       RM_UNIQUE_PROCESS *ret)
{
    struct rm_command *command;
    struct start start = {.wish = wish, .unit = unit};
    int r = rm_command_make(wish, &command);
    if (r < 0)
        return r;
    start.command = command;
    r = rm_manager_open(manager_uid, wait, &start.manager);
    if (r == 0) {
        r = run(&start, wait, ret);
        rm_call_done(&start.call);
        rm_call_done(&start.subscribe);
        if (start.removals)
            start.manager->sd->slot_unref(start.removals);
        rm_manager_free(start.manager);
    }
    free(command);
    return r;
}
