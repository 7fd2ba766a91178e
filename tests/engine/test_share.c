/* SPDX-License-Identifier: MIT
 *
 * Many processes, read by two workers at a time: the answer is what one alone
 * says.
 */
#include "question.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 150, HOLD = 3 /* each third */ };

static pid_t children[CHILDREN];

static void begin(const char *path)
{
    pid_t test = getpid();
    int ready[2];
    char byte;

    CHECK(pipe2(ready, O_CLOEXEC) == 0);
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
            if (getppid() != test)
                _exit(0);
            CHECK(i % HOLD || open(path, O_RDONLY | O_CLOEXEC) >= 0);
            CHECK(write(ready[1], "", 1) == 1);
            for (;;)
                pause();
        }
        CHECK(read(ready[0], &byte, 1) == 1);
    }
    close(ready[0]), close(ready[1]);
}

static void end(void)
{
    for (int i = 0; i < CHILDREN; i++)
        CHECK(kill(children[i], SIGKILL) == 0 && waitpid(children[i], NULL, 0) == children[i]);
}

static void expect_the_holders(const struct question *q)
{
    RMX_LIST *list = question_ask(q);

    CHECK_EQUAL(list->app_count, CHILDREN / HOLD);
    CHECK_EQUAL(list->use_count, CHILDREN / HOLD);
    for (int i = 0; i < CHILDREN; i++)
        CHECK_EQUAL(answer_row(list, children[i]) >= 0, i % HOLD == 0);
    CHECK(list->processes >= CHILDREN && list->descriptors >= CHILDREN);
    free(list);
}

static void test_two_workers_say_what_one_says(void)
{
    int fd = open("held", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct question q;

    CHECK(fd >= 0 && close(fd) == 0);
    begin("held");
    q = question_about("held");
    for (uint32_t from = 0; from <= CHILDREN; from += CHILDREN / 2) {
        way.share_from = from;
        for (int n = 0; n < 10; n++)
            expect_the_holders(&q);
    }
    question_done(&q);
    end();
    CHECK(unlink("held") == 0);
}

/* Many calls at once, each with its two workers. */
static void *ask(void *question)
{
    for (int n = 0; n < 5; n++)
        expect_the_holders(question);
    return NULL;
}

static void test_threads_that_ask_at_once(void)
{
    int fd = open("held", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    pthread_t threads[4];
    struct question q;

    CHECK(fd >= 0 && close(fd) == 0);
    begin("held");
    q = question_about("held");
    way.share_from = 1;
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, ask, &q), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    question_done(&q);
    end();
    CHECK(unlink("held") == 0);
}

int main(void)
{
    char directory[] = "/tmp/rmcy-share-XXXXXX";

    CHECK(mkdtemp(directory) && chdir(directory) == 0);
    RUN(test_two_workers_say_what_one_says);
    RUN(test_threads_that_ask_at_once);
    CHECK(rmdir(directory) == 0);
    return 0;
}
