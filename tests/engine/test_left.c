/* SPDX-License-Identifier: MIT
 *
 * A thread is left behind, and its process forks: the child has none of its
 * parent's threads, waits for none of them, and lists as its parent does.
 */
#include "dead_world.h"

static void hold_map(const char *path)
{
    let_go();
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
    close(fd);
}

/* A child has none of its parent's threads and waits for none of them. */
static void test_after_a_fork(void)
{
    struct question q = question_about(local);
    struct holder other = holder_start(hold_map, local), h = start_locked("dead/a3");
    int status;
    free(question_ask(&q));
    CHECK(rm_stuck_count() >= 1);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK_EQUAL(rm_stuck_count(), 0);
        RMX_LIST *list = question_ask(&q);
        CHECK(answer_skips(list, RMX_SKIP_BLOCKED, (uint32_t)h.pid));
        CHECK_EQUAL(answer_kinds(list, other.pid), KIND(RMX_USE_MAPPED));
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    end_locked(&h);
    holder_stop(&other);
    question_done(&q);
}

int main(void)
{
    if (!dead_world_enter())
        return SKIPPED;
    RUN(test_after_a_fork);
    dead_world_leave();
    return 0;
}
