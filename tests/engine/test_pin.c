/* SPDX-License-Identifier: MIT
 *
 * A pin is one process for ever: what it is asked, whether it has ended, and
 * that nobody else is ever meant.
 */
#include "holder.h"
#include "pinned.h"
#include "process.h"
#include "question.h"

static const struct rm_wait for_ever = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};

static struct rm_pin *pin_of(pid_t pid)
{
    RM_UNIQUE_PROCESS process, pinned;
    struct rm_pin *pin;
    CHECK_EQUAL(rm_host_process((uint32_t)pid, &process), 0);
    CHECK_EQUAL(rm_host_pin(&process, &pin), 0);
    pinned = rm_host_pin_process(pin);
    CHECK(!memcmp(&pinned, &process, sizeof(process)));
    return pin;
}

static void await_end(struct rm_pin *pin)
{
    bool ended = false;
    CHECK_EQUAL(rm_host_pins_wait(&pin, &ended, 1, &for_ever), 0);
    CHECK(ended && rm_host_pin_ended(pin));
}

/* Reaps a child and gives the signal that it died of, or 0. */
static int reap(pid_t pid)
{
    int status;
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void hold_nothing(const char *what)
{
    (void)what;
}

static void test_who_is_asked_ends(void)
{
    struct holder h = holder_start(hold_nothing, NULL);
    struct rm_pin *pin = pin_of(h.pid);
    CHECK(!rm_host_pin_ended(pin));
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), 0);
    await_end(pin);
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_END), -ESRCH); /* a zombie */
    CHECK_EQUAL(reap(h.pid), SIGTERM);
    CHECK(rm_host_pin_ended(pin));
    CHECK_EQUAL(rm_host_pin_ask(pin, RM_REQUEST_KILL), -ESRCH);
    CHECK_EQUAL(rm_pin_open_directory(pin), -ESRCH);
    rm_host_pin_free(pin);
}

int main(void)
{
    RUN(test_who_is_asked_ends);
    return 0;
}
