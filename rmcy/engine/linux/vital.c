/* SPDX-License-Identifier: MIT
 *
 * The table is ours, as is all of this: Windows keeps one that it does not
 * tell.
 */
#include "vital.h"

#include "critical.h"
#include "restartmanager_ext.h"

#include <string.h>

static const struct {
    const char *name;
    bool users_too; /* also where a user's own manager runs it */
} units[] = {
    /* the bus that the system, or a user's desktop, talks through */
    {"dbus.service", true},
    {"dbus-broker.service", true},

    /* the service manager's parts, logins among them, and users' managers */
    {"systemd-*.service", false},
    {"elogind.service", false},
    {"user@*.service", false},
    {"user-runtime-dir@*.service", false},

    /* consoles */
    {"getty@*.service", false},
    {"autovt@*.service", false},
    {"serial-getty@*.service", false},
    {"console-getty.service", false},
    {"container-getty@*.service", false},

    /* display managers: whoever is logged in there goes down with them */
    {"display-manager.service", false},
    {"cosmic-greeter*.service", false},
    {"gdm.service", false},
    {"gdm3.service", false},
    {"greetd.service", false},
    {"lightdm.service", false},
    {"lxdm.service", false},
    {"ly.service", false},
    {"ly@*.service", false},
    {"nodm.service", false},
    {"plasmalogin.service", false},
    {"sddm.service", false},
    {"slim.service", false},
    {"wdm.service", false},
    {"xdm.service", false},

    /* container managers; users run some of them, too */
    {"containerd.service", true},
    {"crio.service", true},
    {"docker.service", true},
    {"incus*.service", true},
    {"lxc*.service", true},
    {"lxd*.service", true},
    {"podman.service", true},
    {"snap.lxd.*.service", true},
};

/* OpenSSH has its sessions in programs of their own since 9.8. */
static const char *const logins[] = {"sshd", "sshd-session", "sshd-auth", "dropbear"};

bool rm_vital_unit(const char *name, uint32_t manager_uid)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if ((units[i].users_too || manager_uid == RMX_NO_UID) && rm_critical_matches(units[i].name, name))
            return true;
    return false;
}

bool rm_vital_is_login(const char *exe, const struct rm_inode *inode)
{
    const char *slash = exe ? strrchr(exe, '/') : NULL;
    if (!slash || !inode->id.inode || inode->uid)
        return false;
    for (size_t i = 0; i < sizeof(logins) / sizeof(*logins); i++)
        if (strcmp(slash + 1, logins[i]) == 0)
            return true;
    return false;
}
