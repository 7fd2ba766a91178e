/* SPDX-License-Identifier: MIT */
#include "command.h"

#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHELL "/bin/sh"
#define SCRIPT_MAX 131000u /* the kernel's bound for one argument is 131,072 with its NUL */

/* ---- what systemd takes ---- */

static bool is_plain_value(const char *text)
{
    for (const char *c = text; *c; c++)
        if (((unsigned char)*c < 0x20 && *c != '\t' && *c != '\n') || *c == 0x7F)
            return false;
    return rm_text_is_utf8(text);
}

/* What systemd calls normalized. */
static bool is_plain_path(const char *path)
{
    for (const char *at = path; (at = strchr(at, '/')) != NULL; at++) {
        size_t length = strcspn(at + 1, "/");
        if ((!length && at[1]) || (length <= 2 && strspn(at + 1, ".") >= length && length))
            return false;
    }
    return is_plain_value(path);
}

static bool is_plain(const struct rm_wish *wish)
{
    for (uint32_t i = 0; i < wish->argument_count; i++)
        if (!rm_text_is_utf8(wish->arguments[i]))
            return false;
    for (uint32_t i = 0; i < wish->environment_count; i++)
        if (!is_plain_value(wish->environment[i]))
            return false;
    return is_plain_path(wish->exe) && is_plain_path(wish->directory);
}

static char *put_escaped(char *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '$')
            *to++ = '$';
        *to++ = *text;
    }
    *to++ = '\0';
    return to;
}

/* ---- the script ---- */

struct script {
    char *text;
    size_t used;
    bool full;
};

static void add(struct script *s, const char *text, size_t length)
{
    if (s->used + length >= SCRIPT_MAX) {
        s->full = true;
        return;
    }
    memcpy(s->text + s->used, text, length);
    s->text[s->used += length] = '\0';
}

static void add_text(struct script *s, const char *text)
{
    add(s, text, strlen(text));
}

/* As a format of printf; what follows the text is cut off again, for a shell drops newlines at the end. */
static void add_quoted(struct script *s, const char *text)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._";
    add_text(s, "_rmcy=$(printf '");
    for (; *text; text++) {
        char octal[8];
        if (strchr(safe, *text)) {
            add(s, text, 1);
        } else {
            snprintf(octal, sizeof(octal), "\\%03o", (unsigned char)*text);
            add_text(s, octal);
        }
    }
    add_text(s, ".');_rmcy=${_rmcy%.};");
}

static void write_script(struct script *s, const struct rm_wish *wish)
{
    add_quoted(s, wish->directory);
    add_text(s, "cd \"$_rmcy\"||exit 200;");
    for (uint32_t i = 0; i < wish->environment_count; i++) {
        const char *equals = strchr(wish->environment[i], '=');
        add_quoted(s, equals + 1);
        add(s, wish->environment[i], (size_t)(equals - wish->environment[i]));
        add_text(s, "=$_rmcy;export ");
        add(s, wish->environment[i], (size_t)(equals - wish->environment[i]));
        add_text(s, ";");
    }
    for (uint32_t i = 1; i < wish->argument_count; i++) {
        add_quoted(s, wish->arguments[i]);
        add_text(s, "set -- \"$@\" \"$_rmcy\";");
    }
    /* A shell calls a program by the path that it executes; where the program has a link for a name, by that. */
    add_quoted(s, *wish->arguments[0] == '/' ? wish->arguments[0] : wish->exe);
    add_text(s, "exec \"$_rmcy\" \"$@\"");
}

/* ---- */

static struct rm_command *allocate(uint32_t arguments, uint32_t environment, size_t text, char **ret_text)
{
    struct rm_command *c = malloc(sizeof(*c) + (arguments + (size_t)environment) * sizeof(char *) + text);
    if (!c)
        return NULL;
    *c = (struct rm_command){.argument_count = arguments, .environment_count = environment};
    c->arguments = (char **)(c + 1);
    c->environment = (const char **)(c->arguments + arguments);
    *ret_text = (char *)(c->environment + environment);
    return c;
}

static int make_plain(const struct rm_wish *wish, struct rm_command **ret)
{
    size_t size = 0;
    char *text;
    for (uint32_t i = 0; i < wish->argument_count; i++)
        size += 2 * strlen(wish->arguments[i]) + 1;
    struct rm_command *c = allocate(wish->argument_count, wish->environment_count, size, &text);
    if (!c)
        return -ENOMEM;
    c->path = wish->exe;
    c->directory = wish->directory;
    for (uint32_t i = 0; i < wish->argument_count; i++) {
        c->arguments[i] = text;
        text = put_escaped(text, wish->arguments[i]);
    }
    for (uint32_t i = 0; i < wish->environment_count; i++)
        c->environment[i] = wish->environment[i];
    *ret = c;
    return 0;
}

static int make_script(const struct rm_wish *wish, struct rm_command **ret)
{
    static const char *const shell[] = {SHELL, "-c"};
    struct script script = {.text = malloc(SCRIPT_MAX)};
    char *text;
    if (!script.text)
        return -ENOMEM;
    write_script(&script, wish);
    struct rm_command *c = allocate(3, 0, 2 * script.used + 1, &text);
    if (c && !script.full) {
        c->path = SHELL;
        c->directory = "/";
        c->arguments[0] = (char *)shell[0];
        c->arguments[1] = (char *)shell[1];
        c->arguments[2] = text;
        put_escaped(text, script.text);
        *ret = c;
    } else {
        free(c);
    }
    free(script.text);
    return !c ? -ENOMEM : script.full ? -E2BIG : 0;
}

int rm_command_make(const struct rm_wish *wish, struct rm_command **ret)
{
    return is_plain(wish) ? make_plain(wish, ret) : make_script(wish, ret);
}
