/* SPDX-License-Identifier: MIT
 *
 * Who is not in /etc/passwd has no HOME but what he asked for.
 */
#include "account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define LINE_SIZE 4096
#define GROUP_SIZE (1u << 20) /* a line with all members, and pointers to them */
#define OWN 5 /* PATH, HOME, SHELL, USER, LOGNAME */

struct account {
    char line[LINE_SIZE]; /* where the texts are */
    const char *name, *home, *shell;
    uint32_t gid;
};

static void find(uint32_t uid, struct account *ret)
{
    FILE *file = fopen("/etc/passwd", "re");
    struct passwd entry, *found = NULL;
    while (file && fgetpwent_r(file, &entry, ret->line, sizeof(ret->line), &found) == 0 && found->pw_uid != uid)
        found = NULL;
    if (file)
        fclose(file);
    ret->name = found ? found->pw_name : NULL;
    ret->home = found ? found->pw_dir : NULL;
    ret->shell = found ? found->pw_shell : NULL;
    ret->gid = found ? found->pw_gid : 0;
}

static bool has(const struct rm_wish *wish, const char *text)
{
    size_t name = strcspn(text, "=") + 1;
    for (uint32_t i = 0; i < wish->environment_count; i++)
        if (strncmp(wish->environment[i], text, name) == 0)
            return true;
    return false;
}

int rm_account_environment(const struct rm_wish *wish, char ***ret)
{
    struct account *account = malloc(sizeof(*account));
    /* Each text of the account is shorter than its line. */
    size_t pointers = OWN + (size_t)wish->environment_count + 1, room = sizeof("PATH=" PATH) + 4 * (LINE_SIZE + 16);
    char **environment = malloc(pointers * sizeof(*environment) + room), **at = environment;
    if (!account || !environment) {
        free(account);
        free(environment);
        return -ENOMEM;
    }
    find(wish->uid, account);
    const char *const own[OWN][2] = {
        {"PATH=", PATH}, {"HOME=", account->home},    {"SHELL=", account->shell},
        {"USER=", account->name},          {"LOGNAME=", account->name},
    };
    char *text = (char *)(environment + pointers), *end = text + room;
    for (int i = 0; i < OWN; i++)
        if (own[i][1] && *own[i][1] && !has(wish, own[i][0])) {
            *at++ = text;
            text += snprintf(text, (size_t)(end - text), "%s%s", own[i][0], own[i][1]) + 1;
        }
    for (uint32_t i = 0; i < wish->environment_count; i++)
        *at++ = (char *)wish->environment[i];
    *at = NULL;
    free(account);
    *ret = environment;
    return 0;
}

bool rm_account_has_usual_group(const struct rm_wish *wish)
{
    struct account account;
    find(wish->uid, &account);
    return account.name && account.gid == wish->gid;
}

int rm_account_named_groups(const struct rm_wish *wish, bool **ret)
{
    bool *named = calloc(wish->group_count + (size_t)1, sizeof(*named));
    char *line = malloc(GROUP_SIZE);
    FILE *file = fopen("/etc/group", "re");
    struct group entry, *found;
    bool enough = named && line;
    while (enough && file && fgetgrent_r(file, &entry, line, GROUP_SIZE, &found) == 0)
        for (uint32_t i = 0; i < wish->group_count; i++)
            named[i] |= wish->groups[i] == found->gr_gid;
    if (file)
        fclose(file);
    free(line);
    if (!enough) {
        free(named);
        return -ENOMEM;
    }
    *ret = named;
    return 0;
}
