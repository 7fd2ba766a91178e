/* SPDX-License-Identifier: MIT
 *
 * Something that one thread says once and that ends another's wait.
 */
#pragma once

struct rm_event;

int rm_event_new(struct rm_event **ret);
void rm_event_free(struct rm_event *event);
void rm_event_set(struct rm_event *event);
int rm_event_fd(const struct rm_event *event); /* for rm_wait.cancel_fd */
