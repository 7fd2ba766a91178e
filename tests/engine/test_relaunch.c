/* SPDX-License-Identifier: MIT
 *
 * What a program registers about its coming back, and who finds it: nobody but
 * through the very process that registered, in the program that did.
 */
#include "program.h"
#include "sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/personality.h>

static char self[PATH_MAX];

/* ---- what is kept ---- */

static const char *const odd[] = {"", "a b", "\xff\x80", "%n $HOME \"'\\", "\n", NULL};

static void hold_much(const char *unused)
{
    const char *const environment[] = {"A=1", "_b2= = \xfe", "EMPTY="};
    RMX_RELAUNCH how = {
        .size = sizeof(how), .arguments = odd, .argument_count = 5, .environment = environment, .environment_count = 3,
        .directory = "/usr/../tmp",
    };
    (void)unused;
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_SUCCESS);
}

static void test_what_is_registered_is_read_back(void)
{
    struct holder h = holder_start(hold_much, NULL);
    struct rm_wish *wish = wish_of(h.pid);
    CHECK(!strcmp(wish->exe, self) && !strcmp(wish->arguments[0], self));
    CHECK_EQUAL(wish->argument_count, 6);
    for (int i = 0; i < 5; i++)
        CHECK(!strcmp(wish->arguments[i + 1], odd[i]));
    CHECK(!strcmp(wish->directory, "/usr/../tmp"));
    CHECK_EQUAL(wish->environment_count, 3);
    CHECK(!strcmp(wish->environment[0], "A=1") && !strcmp(wish->environment[1], "_b2= = \xfe"));
    CHECK(!strcmp(wish->environment[2], "EMPTY="));
    CHECK(wish->uid == getuid() && wish->gid == getgid());
    free(wish);
    holder_stop(&h);
}

static void hold_elsewhere(const char *directory)
{
    CHECK(chdir(directory) == 0);
    register_simply("x");
}

static void test_the_directory_is_the_current_one(void)
{
    static const char *const directories[] = {"/", "/usr", "/usr/bin"};
    for (int i = 0; i < 3; i++) {
        struct holder h = holder_start(hold_elsewhere, directories[i]);
        struct rm_wish *wish = wish_of(h.pid);
        CHECK(!strcmp(wish->directory, directories[i]));
        free(wish);
        holder_stop(&h);
    }
}

static void hold_second(const char *argument)
{
    register_simply("the first");
    register_simply(argument);
}

static void hold_taken_back(const char *argument)
{
    register_simply(argument);
    CHECK_EQUAL(RmxRegisterApplicationRestart(NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmxRegisterApplicationRestart(NULL), ERROR_SUCCESS);
}

static void test_a_later_one_replaces_and_it_can_be_taken_back(void)
{
    struct holder second = holder_start(hold_second, "the second"), none = holder_start(hold_taken_back, "x"),
                  never = holder_start(hold_nothing, NULL);
    expect_argument(second.pid, "the second");
    CHECK_EQUAL(read_result(none.pid), -ENOENT);
    CHECK_EQUAL(read_result(never.pid), -ENOENT);
    holder_stop(&second);
    holder_stop(&none);
    holder_stop(&never);
}

static void test_what_is_not_for_patches_is_not_found(void)
{
    struct holder h = holder_start(hold_not_for_patches, NULL);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    holder_stop(&h);
}

static void hold_many_groups(const char *unused)
{
    gid_t groups[500];
    (void)unused;
    for (unsigned i = 0; i < 500; i++)
        groups[i] = 4000000000u + i; /* too much for a page of /proc/PID/status */
    CHECK(setgroups(500, groups) == 0);
    register_simply("x");
}

static void test_groups_are_those_of_the_process(void)
{
    if (!has_other_users())
        return;
    struct holder h = holder_start(hold_many_groups, NULL);
    struct rm_wish *wish = wish_of(h.pid);
    CHECK_EQUAL(wish->group_count, 500);
    for (unsigned i = 0; i < 500; i++)
        CHECK_EQUAL(wish->groups[i], 4000000000u + i);
    free(wish);
    holder_stop(&h);
}

/* ---- bounds ---- */

static char *filled(size_t length)
{
    static char text[40000];
    memset(text, 'x', length);
    text[length] = '\0';
    return text;
}

static void test_a_command_line_is_as_long_as_on_windows(void)
{
    static char pairs[4 * 512 + 2], quotes[513];
    CHECK_EQUAL(register_one_argument(filled(1024)), ERROR_SUCCESS);
    CHECK_EQUAL(register_one_argument(filled(1025)), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(register_one_argument(filled(30000)), ERROR_BAD_ARGUMENTS);
    /* A space between two; quotes round what has one or is empty; a backslash for each quote. */
    CHECK_EQUAL(register_arguments((const char *[]){"", filled(1021), NULL}), ERROR_SUCCESS);
    CHECK_EQUAL(register_arguments((const char *[]){"", filled(1022), NULL}), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(register_arguments((const char *[]){"a b", filled(1018), NULL}), ERROR_SUCCESS);
    CHECK_EQUAL(register_arguments((const char *[]){"a b", filled(1019), NULL}), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(register_arguments((const char *[]){"a \\", filled(1017), NULL}), ERROR_SUCCESS);
    CHECK_EQUAL(register_arguments((const char *[]){"a \\", filled(1018), NULL}), ERROR_BAD_ARGUMENTS);
    memset(quotes, '"', 512);
    CHECK_EQUAL(register_one_argument(quotes), ERROR_SUCCESS);
    CHECK_EQUAL(register_arguments((const char *[]){quotes, "x", NULL}), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(register_arguments((const char *[]){"\\\\\"", filled(1016), NULL}), ERROR_SUCCESS);
    CHECK_EQUAL(register_arguments((const char *[]){"\\\\\"", filled(1018), NULL}), ERROR_BAD_ARGUMENTS);
    /* In units: two for a character past U+FFFF, one for a byte that is none. */
    for (int i = 0; i < 512; i++)
        memcpy(pairs + 4 * i, "\xF0\x9F\x92\xA9", 4);
    CHECK_EQUAL(register_one_argument(pairs), ERROR_SUCCESS);
    pairs[2048] = 'x';
    CHECK_EQUAL(register_one_argument(pairs), ERROR_BAD_ARGUMENTS);
    memset(filled(1024), 0xFF, 1024);
    char bytes[1026];
    memset(bytes, 0xFF, 1025);
    bytes[1024] = '\0';
    CHECK_EQUAL(register_one_argument(bytes), ERROR_SUCCESS);
    bytes[1024] = (char)0xFF, bytes[1025] = '\0';
    CHECK_EQUAL(register_one_argument(bytes), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(register_arguments(NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmxRegisterApplicationRestart(NULL), ERROR_SUCCESS);
}

static DWORD register_environment(const char *const *environment, uint32_t count)
{
    return RmxRegisterApplicationRestart(
        &(RMX_RELAUNCH){.size = sizeof(RMX_RELAUNCH), .environment = environment, .environment_count = count});
}

static void test_what_cannot_be_used_is_refused(void)
{
    static const char *const none[] = {NULL}, *const wrong[] = {"", "=", "=x", "A", "1A=x", "A B=x", "A.B=", "\xff=x"};
    RMX_RELAUNCH how = {.size = sizeof(how)};
    how.size--;
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_BAD_ARGUMENTS);
    how = (RMX_RELAUNCH){.size = sizeof(how), .flags = 1};
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_BAD_ARGUMENTS);
    how = (RMX_RELAUNCH){.size = sizeof(how), .argument_count = 1};
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_BAD_ARGUMENTS);
    how.arguments = none;
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_BAD_ARGUMENTS);
    how = (RMX_RELAUNCH){.size = sizeof(how), .directory = "tmp"};
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_BAD_ARGUMENTS);
    char *directory = filled(RM_WISH_PATH_MAX);
    *directory = '/';
    how.directory = directory;
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_BAD_ARGUMENTS);

    CHECK_EQUAL(register_environment(NULL, 1), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(register_environment(none, 1), ERROR_BAD_ARGUMENTS);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        CHECK_EQUAL(register_environment(&wrong[i], 1), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(register_environment((const char *[]){"A=1", "AB=1", "A=2"}, 3), ERROR_BAD_ARGUMENTS);
    char *large = filled(32766);
    memcpy(large, "A=", 2);
    CHECK_EQUAL(register_environment((const char *[]){large}, 1), ERROR_SUCCESS);
    CHECK_EQUAL(register_environment((const char *[]){large, "B="}, 2), ERROR_BAD_ARGUMENTS);
    CHECK_EQUAL(RmxRegisterApplicationRestart(NULL), ERROR_SUCCESS);
}

static void test_a_full_store_keeps_what_was_there(void)
{
    register_simply("before");
    write_file("/run/filler", "");
    int fd = open("/run/filler", O_WRONLY | O_CLOEXEC);
    static char block[4096];
    CHECK(fd >= 0);
    while (write(fd, block, sizeof(block)) > 0)
        ;
    CHECK_EQUAL(errno, ENOSPC);
    close(fd);
    CHECK_EQUAL(register_one_argument("after"), ERROR_WRITE_FAULT);
    expect_argument(getpid(), "before");
    CHECK(unlink("/run/filler") == 0);
    CHECK_EQUAL(RmxRegisterApplicationRestart(NULL), ERROR_SUCCESS);
    CHECK(rmdir(KEPT) == 0); /* nothing half written is left */
}

/* ---- another process, or another program ---- */

static void test_a_child_has_registered_nothing(void)
{
    register_simply("the parent");
    struct holder child = holder_start(hold_nothing, NULL), own = holder_start(hold_registered, "the child"),
                  taking = holder_start(hold_taken_back, "x");
    CHECK_EQUAL(read_result(child.pid), -ENOENT);
    expect_argument(own.pid, "the child");
    expect_argument(getpid(), "the parent"); /* what children registered and took back was their own */
    holder_stop(&child);
    holder_stop(&own);
    holder_stop(&taking);
    CHECK_EQUAL(RmxRegisterApplicationRestart(NULL), ERROR_SUCCESS);
}

/* Executes that file under a name of its own choice; `what` it does there is in main(). */
static void execute(const char *file, const char *name, const char *what)
{
    char says[16], hears[16];
    CHECK(fcntl(holder_hears, F_SETFD, 0) == 0 && fcntl(holder_says, F_SETFD, 0) == 0);
    snprintf(says, sizeof(says), "%d", holder_says);
    snprintf(hears, sizeof(hears), "%d", holder_hears);
    execl(file, name, what, says, hears, file, NULL);
    CHECK(false);
}

static void hold_executing(const char *file)
{
    register_simply("before");
    execute(file, file, "wait");
}

static void hold_executing_at_fixed_addresses(const char *file)
{
    CHECK(personality(ADDR_NO_RANDOMIZE) >= 0);
    hold_executing(file);
}

#define COPY "/run/program"

static void make_copy(void)
{
    char command[2 * PATH_MAX];
    snprintf(command, sizeof(command), "cp '%s' " COPY, self);
    CHECK(system(command) == 0);
}

static void test_what_is_executed_later_has_registered_nothing(void)
{
    struct holder h = holder_start(hold_executing, self);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    holder_stop(&h);

    /* Where stacks are where they were, it is another file. */
    make_copy();
    h = holder_start(hold_executing_at_fixed_addresses, COPY);
    CHECK_EQUAL(read_result(h.pid), -ENOENT);
    holder_stop(&h);
    CHECK(unlink(COPY) == 0);
}

static void hold_replaced(const char *name)
{
    execute(COPY, name, "replace");
}

/* Replaced before it registers, and called something that is no file. */
static void test_the_program_is_the_file_that_has_its_name_now(void)
{
    make_copy();
    struct holder h = holder_start(hold_replaced, "program: master process /run/program");
    struct rm_wish *wish = wish_of(h.pid);
    CHECK(!strcmp(wish->exe, COPY));
    CHECK(!strcmp(wish->arguments[0], COPY));
    free(wish);
    holder_stop(&h);
    CHECK(unlink(COPY) == 0);
}

static void hold_called(const char *name)
{
    execute(self, name, "register");
}

static void test_a_link_that_it_was_called_by_is_its_name(void)
{
    CHECK(symlink(self, "/run/link") == 0);
    struct holder h = holder_start(hold_called, "/run/link");
    struct rm_wish *wish = wish_of(h.pid);
    CHECK(!strcmp(wish->exe, self));
    CHECK(!strcmp(wish->arguments[0], "/run/link"));
    free(wish);
    holder_stop(&h);
    CHECK(unlink("/run/link") == 0);
}

/* ---- */

/* What a program does that was executed: WHAT SAYS HEARS FILE. */
static int be_executed(char **argv)
{
    holder_says = atoi(argv[2]);
    holder_hears = atoi(argv[3]);
    if (!strcmp(argv[1], "replace")) {
        char command[2 * PATH_MAX];
        snprintf(command, sizeof(command), "cp '%s' /run/new && mv /run/new '%s'", argv[4], argv[4]);
        CHECK(system(command) == 0);
    }
    if (strcmp(argv[1], "wait") != 0)
        register_simply("x");
    holder_ready();
    holder_wait();
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 5)
        return be_executed(argv);
    CHECK(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    sandbox_enter("size=64m");
    RUN(test_what_is_registered_is_read_back);
    RUN(test_the_directory_is_the_current_one);
    RUN(test_a_later_one_replaces_and_it_can_be_taken_back);
    RUN(test_what_is_not_for_patches_is_not_found);
    RUN(test_groups_are_those_of_the_process);
    RUN(test_a_command_line_is_as_long_as_on_windows);
    RUN(test_what_cannot_be_used_is_refused);
    RUN(test_a_full_store_keeps_what_was_there);
    RUN(test_a_child_has_registered_nothing);
    RUN(test_what_is_executed_later_has_registered_nothing);
    RUN(test_the_program_is_the_file_that_has_its_name_now);
    RUN(test_a_link_that_it_was_called_by_is_its_name);
    return 0;
}
