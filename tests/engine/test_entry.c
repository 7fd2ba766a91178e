/* SPDX-License-Identifier: MIT */
#include "left_behind.h"

static struct rm_entry decoded;

static void encode(const struct rm_entry *entry, void **data, size_t *size)
{
    CHECK_EQUAL(rm_entry_encode(entry, data, size), 0);
}

static void test_an_entry_comes_back_as_it_was(void)
{
    struct rm_entry entry = an_item("a.service", 12);
    void *data;
    size_t size;

    entry.order = 3;
    entry.part = RM_UNIT_TRIGGER;
    entry.manager_uid = 1000;
    entry.because = "b.service";
    entry.exe = "/usr/bin/a\xff";
    entry.wish = "wi\0sh";
    entry.wish_size = 5;
    encode(&entry, &data, &size);
    CHECK_EQUAL(rm_entry_decode(data, size, &decoded), 0);
    CHECK(rm_entry_is_same(&entry, &decoded));
    CHECK_EQUAL(decoded.kind, RM_ENTRY_STOP);
    CHECK_EQUAL(decoded.order, 3);
    CHECK_EQUAL(decoded.part, RM_UNIT_TRIGGER);
    CHECK_EQUAL(decoded.back, RMX_BACK_UNIT);
    CHECK_EQUAL(decoded.type, RmService);
    CHECK_EQUAL(decoded.uid, entry.uid);
    CHECK_EQUAL(decoded.process.dwProcessId, 12);
    CHECK(!strcmp(decoded.name, "a.service") && !strcmp(decoded.exe, "/usr/bin/a\xff"));
    CHECK(!strcmp(decoded.because, "b.service"));
    CHECK(decoded.wish_size == 5 && !memcmp(decoded.wish, "wi\0sh", 5));
    free(data);
}

static void test_what_is_not_there_stays_away(void)
{
    struct rm_entry entry = {.kind = RM_ENTRY_BACK, .process = {.dwProcessId = 5}};
    void *data;
    size_t size;

    encode(&entry, &data, &size);
    CHECK_EQUAL(rm_entry_decode(data, size, &decoded), 0);
    CHECK(!decoded.unit && !decoded.name && !decoded.exe && !decoded.wish);
    free(data);
    entry.process.dwProcessId = 0; /* nothing that it could be about */
    CHECK_EQUAL(rm_entry_encode(&entry, &data, &size), -EINVAL);
}

static void test_an_end_is_missed_wherever_it_is(void)
{
    struct rm_entry entry = an_item("a.service", 12);
    void *data;
    size_t size;

    encode(&entry, &data, &size);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1); /* of this size, so that a sanitizer sees a step beyond */

        CHECK(copy);
        memcpy(copy, data, cut);
        CHECK_EQUAL(rm_entry_decode(copy, cut, &decoded), -EBADMSG);
        free(copy);
    }
    free(data);
}

static void test_units_of_two_managers_are_two(void)
{
    struct rm_entry a = an_item("a.service", 1), b = an_item("a.service", 2), p = an_item(NULL, 1), q = an_item(NULL, 2);
    char claim_a[RM_CLAIM_SIZE], claim_b[RM_CLAIM_SIZE], name[RM_CLAIM_SIZE + 1];

    CHECK(rm_entry_is_same(&a, &b)); /* whichever its main process was */
    b.manager_uid = 1000;
    CHECK(!rm_entry_is_same(&a, &b) && !rm_entry_is_same(&a, &p) && !rm_entry_is_same(&p, &q));
    CHECK_EQUAL(rm_entry_claim(a.unit, a.manager_uid, claim_a), 0);
    CHECK_EQUAL(rm_entry_claim(b.unit, b.manager_uid, claim_b), 0);
    CHECK(strcmp(claim_a, claim_b) != 0);
    memset(name, 'u', sizeof name);
    name[sizeof name - 1] = 0;
    CHECK_EQUAL(rm_entry_claim(name, RMX_NO_UID, claim_a), -ENAMETOOLONG);
}

static void test_a_program_comes_back_under_one_name(void)
{
    RM_UNIQUE_PROCESS process = {.dwProcessId = 4711, .ProcessStartTime = {.dwLowDateTime = 2, .dwHighDateTime = 1}};
    RM_UNIQUE_PROCESS largest = {UINT32_MAX, {UINT32_MAX, UINT32_MAX}};
    char unit[RM_RELAUNCH_UNIT_SIZE];

    rm_entry_relaunch_unit(&process, unit);
    CHECK(!strcmp(unit, "rmcy-4711-4294967298.service"));
    rm_entry_relaunch_unit(&largest, unit);
    CHECK(!strcmp(unit, "rmcy-4294967295-18446744073709551615.service"));
}

static void fold(struct rm_stopped *stopped, enum rm_entry_kind kind, const char *unit)
{
    struct rm_entry entry = an_item(unit, 1);

    entry.kind = kind;
    CHECK_EQUAL(rm_stopped_fold(stopped, &entry), 0);
}

static void test_what_is_back_is_not_stopped(void)
{
    struct rm_stopped stopped = {0};

    fold(&stopped, RM_ENTRY_STOP, "a.service");
    fold(&stopped, RM_ENTRY_STOP, "b.service");
    fold(&stopped, RM_ENTRY_STOP, NULL);
    fold(&stopped, RM_ENTRY_BACK, "b.service");
    fold(&stopped, RM_ENTRY_BACK, "c.service"); /* was never stopped */
    CHECK_EQUAL(stopped.count, 2);
    CHECK(!strcmp(stopped.entries[0].unit, "a.service") && !stopped.entries[1].unit);
    fold(&stopped, RM_ENTRY_STOP, "a.service"); /* again: once, and last */
    CHECK_EQUAL(stopped.count, 2);
    CHECK(!stopped.entries[0].unit && !strcmp(stopped.entries[1].unit, "a.service"));
    for (int i = 0; i < 100; i++) {
        char unit[32];

        snprintf(unit, sizeof unit, "%d.service", i);
        fold(&stopped, RM_ENTRY_STOP, unit);
    }
    CHECK_EQUAL(stopped.count, 102);
    CHECK(!strcmp(stopped.entries[101].unit, "99.service"));
    /* An entry of the list itself. */
    CHECK_EQUAL(rm_stopped_fold(&stopped, &stopped.entries[50]), 0);
    CHECK_EQUAL(stopped.count, 102);
    rm_stopped_done(&stopped);
}

static void test_what_is_no_entry_is_passed_over(void)
{
    struct rm_stopped stopped = {0};

    CHECK_EQUAL(rm_stopped_fold_bytes(&stopped, "nothing.", 8), 0);
    CHECK_EQUAL(stopped.count, 0);
    rm_stopped_done(&stopped);
}

int main(void)
{
    RUN(test_an_entry_comes_back_as_it_was);
    RUN(test_what_is_not_there_stays_away);
    RUN(test_an_end_is_missed_wherever_it_is);
    RUN(test_units_of_two_managers_are_two);
    RUN(test_a_program_comes_back_under_one_name);
    RUN(test_what_is_back_is_not_stopped);
    RUN(test_what_is_no_entry_is_passed_over);
    return 0;
}
