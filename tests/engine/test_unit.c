/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "entry.h"
#include "restartmanager_ext.h"
#include "unit.h"

static void is(const char *cgroup, const char *name, uint32_t manager)
{
    struct rm_unit unit;
    int r = rm_unit_parse(cgroup, &unit);
    if (!name) {
        CHECK_EQUAL(r, -ENOENT);
        return;
    }
    CHECK_EQUAL(r, 0);
    if (strcmp(unit.name, name) != 0)
        fprintf(stderr, "%s: %s\n", cgroup, unit.name);
    CHECK(!strcmp(unit.name, name));
    CHECK_EQUAL(unit.manager_uid, manager);
}

#define SYSTEM RMX_NO_UID

static void test_unified(void)
{
    is("0::/system.slice/nginx.service\n", "nginx.service", SYSTEM);
    is("0::/system.slice/nginx.service", "nginx.service", SYSTEM);
    is("0::/system.slice/system-getty.slice/getty@tty1.service\n", "getty@tty1.service", SYSTEM);
    is("0::/system.slice/docker.service/payload/foo.service\n", "docker.service", SYSTEM);
    is("0::/init.scope\n", "init.scope", SYSTEM);
    is("0::/user.slice/user-1000.slice/session-3.scope\n", "session-3.scope", SYSTEM);
    is("0::/system.slice/var-lib.mount\n", "var-lib.mount", SYSTEM);
    is("0::/\n", NULL, 0);
    is("", NULL, 0);
    is("0::/system.slice\n", NULL, 0);
    is("0::/mine/system.slice/nginx.service\n", NULL, 0); /* not systemd's group at all */
    is("0::/system.slice/nginx.service (deleted)\n", "nginx.service", SYSTEM);
}

static void test_user_managers(void)
{
    is("0::/user.slice/user-1000.slice/user@1000.service/app.slice/editor.service\n", "editor.service", 1000);
    is("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope/sub\n", "app-x.scope", 1000);
    is("0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", "user@1000.service", SYSTEM);
    is("0::/user.slice/user-1000.slice/user@1000.service\n", "user@1000.service", SYSTEM);
    is("0::/user.slice/user-0.slice/user@0.service/a.slice/b-c.slice/d.service\n", "d.service", 0);
    /* not numbers of users: units like others */
    is("0::/user.slice/user@4294967295.service/d.service\n", "user@4294967295.service", SYSTEM);
    is("0::/user.slice/user@99999999999999999999.service/d.service\n", "user@99999999999999999999.service", SYSTEM);
    is("0::/user.slice/user@.service/d.service\n", "user@.service", SYSTEM);
    is("0::/user.slice/user@-1.service/d.service\n", "user@-1.service", SYSTEM);
}

static void test_hierarchies(void)
{
    /* version 1 */
    is("4:cpu,cpuacct:/system.slice/nginx.service\n1:name=systemd:/system.slice/nginx.service\n", "nginx.service", SYSTEM);
    /* both: systemd's own counts, unless it is not used */
    is("1:name=systemd:/system.slice/a.service\n0::/system.slice/b.service\n", "a.service", SYSTEM);
    is("0::/system.slice/b.service\n1:name=systemd:/system.slice/a.service\n", "a.service", SYSTEM);
    is("9:name=systemd:/\n0::/system.slice/b.service\n", "b.service", SYSTEM);
    is("3:cpu:/system.slice/c.service\n", NULL, 0);
    is("2:name=other:/system.slice/c.service\n", NULL, 0);
}

static void test_foreign_namespaces(void)
{
    is("0::/../system.slice/nginx.service\n", "nginx.service", SYSTEM);
    is("0::/../../system.slice/nginx.service\n", "nginx.service", SYSTEM);
    is("0::/..\n", NULL, 0);
    is("0::/..x/nginx.service\n", NULL, 0);
}

static void test_escapes(void)
{
    is("0::/system.slice/_cpu.service\n", "cpu.service", SYSTEM);
    is("0::/_cpu.slice/x.service\n", "x.service", SYSTEM);
    is("0::/system.slice/__x.service\n", "_x.service", SYSTEM);
    is("0::/system.slice/dev-disk-by\\x2duuid.swap\n", "dev-disk-by\\x2duuid.swap", SYSTEM);
}

static void test_hostile(void)
{
    static const char *const bad[] = {
        "0:\n", "0\n", ":", "::", "0::\n", "\n\n\n", "0::/.service\n", "0::/_\n", "0::/a b.service\n", "0::/a;b.service\n",
        "0::/\x1b[31m.service\n", "0::/x.slice/\xff.service\n", "00::/a.service\n", "10::/a.service\n", "0:x:/a.service\n",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        is(bad[i], NULL, 0);

    char text[1024] = "0::/", *end = text + 4;
    memset(end, 'a', 300);
    strcpy(end + 248, ".service\n"); /* 256 bytes: longer than a unit's name */
    is(text, NULL, 0);
    strcpy(end + 247, ".service\n");
    end[255] = '\0';
    is(text, end, SYSTEM);
}

static void test_names_asked_for(void)
{
    struct rm_unit unit = {.name = "nginx.service"};
    CHECK(rm_unit_is(&unit, "nginx") && rm_unit_is(&unit, "nginx.service"));
    CHECK(!rm_unit_is(&unit, "ngin") && !rm_unit_is(&unit, "nginx.servic") && !rm_unit_is(&unit, "nginx.service.service"));
    CHECK(!rm_unit_is(&unit, "") && !rm_unit_is(&unit, "Nginx"));
    struct rm_unit scope = {.name = "x.scope"};
    CHECK(rm_unit_is(&scope, "x.scope") && !rm_unit_is(&scope, "x"));
    CHECK(rm_unit_is_service("a.service") && !rm_unit_is_service(".service") && !rm_unit_is_service("a.scope"));
}

static void test_units_of_ours(void)
{
    static const char *const others[] = {
        "rmcy-1-2.scope", "rmcy-1.service", "rmcy-1-.service", "rmcy--2.service", "rmcy-1-2x.service", "rmcy-a-2.service",
        "xrmcy-1-2.service", "rmcy-1-2.service.service", "rmcy-", "",
    };
    RM_UNIQUE_PROCESS process = {4711, {5, 1}};
    char name[RM_RELAUNCH_UNIT_SIZE];
    rm_entry_relaunch_unit(&process, name);
    CHECK(rm_unit_is_relaunched(name));
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        CHECK(!rm_unit_is_relaunched(others[i]));
}

int main(void)
{
    RUN(test_unified);
    RUN(test_user_managers);
    RUN(test_hierarchies);
    RUN(test_foreign_namespaces);
    RUN(test_escapes);
    RUN(test_hostile);
    RUN(test_names_asked_for);
    RUN(test_units_of_ours);
    return 0;
}
