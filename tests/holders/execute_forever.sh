#!/bin/sh
# SPDX-License-Identifier: MIT
# Hold a file and execute one of two programs after the other, until killed:  SHELL execute_forever.sh FILE SHELL OTHER
if [ "$1" != again ]; then
    exec 9<"$1"
    echo ready
else
    shift
fi
exec "$3" "$0" again "$1" "$3" "$2"
