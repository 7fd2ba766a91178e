/* SPDX-License-Identifier: MIT */
#include "desktop.h"

#include <errno.h>
#include <stdlib.h>

static BOOL CALLBACK add(HWND window, LPARAM context)
{
    struct rm_desktop *w = (struct rm_desktop *)context;
    DWORD pid = 0;
    GetWindowThreadProcessId(window, &pid);
    if (w->count == w->space) {
        size_t space = w->space ? w->space * 2 : 64;
        struct rm_window *larger = realloc(w->at, space * sizeof(*larger));
        if (!larger) {
            w->failed = true;
            return FALSE;
        }
        w->at = larger;
        w->space = space;
    }
    w->at[w->count++] = (struct rm_window){
        .pid = pid,
        .main = IsWindowVisible(window) && !GetWindow(window, GW_OWNER) &&
                !(GetWindowLongW(window, GWL_EXSTYLE) & WS_EX_TOOLWINDOW),
    };
    return TRUE;
}

int rm_desktop_read(struct rm_desktop *ret)
{
    struct rm_desktop w = {0};
    EnumWindows(add, (LPARAM)&w);
    if (w.failed) {
        rm_desktop_done(&w);
        return -ENOMEM;
    }
    *ret = w;
    return 0;
}

void rm_desktop_done(struct rm_desktop *desktop)
{
    free(desktop->at);
    *desktop = (struct rm_desktop){0};
}

RM_APP_TYPE rm_desktop_type(const struct rm_desktop *desktop, uint32_t pid)
{
    RM_APP_TYPE type = RmUnknownApp;
    for (size_t i = 0; i < desktop->count; i++)
        if (desktop->at[i].pid == pid) {
            if (desktop->at[i].main)
                return RmMainWindow;
            type = RmOtherWindow;
        }
    return type;
}
