/* SPDX-License-Identifier: MIT */
/*
 * Stay in a Wine prefix until standard input ends: as long as one program runs, the next one starts in a quarter of
 * a second and not in three. Its input is a pipe of whoever wants it, so it ends with them, whatever happens.
 */
#include <windows.h>

int main(void)
{
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE), output = GetStdHandle(STD_OUTPUT_HANDLE);
    char byte;
    DWORD count;

    if (!WriteFile(output, "\n", 1, &count, NULL)) /* It runs. */
        return 1;
    while (ReadFile(input, &byte, 1, &count, NULL) && count)
        ;
    return 0;
}
