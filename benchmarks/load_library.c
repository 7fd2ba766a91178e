/* SPDX-License-Identifier: MIT
 *
 * A library that has something in each of its segments, so that it is mapped as
 * libraries are.
 */
__attribute__((visibility("default"))) int load_library_value = 1;
__attribute__((visibility("default"))) int *const load_library_place = &load_library_value;

__attribute__((visibility("default"))) int load_library(void)
{
    return *load_library_place;
}
