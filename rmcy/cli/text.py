# SPDX-License-Identifier: MIT
"""Names as a terminal can take them: control characters escaped, long ones shortened, no byte lost in silence."""

from __future__ import annotations

import os
import sys
import unicodedata

from rich.cells import cell_len, set_cell_size

from rmcy._texts import NAMES_ARE_BYTES

# Cc and Cf move the cursor or turn the writing round; Zl and Zp break lines; Cs are the bytes that
# were not UTF-8 (PEP 383), or halves of pairs.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"})
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\x1b": "\\e"}

DOTS = "..."


def _encodable(char: str) -> bool:
    try:
        char.encode((sys.stdout and sys.stdout.encoding) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _escaped(char: str) -> str | None:
    """The escape of a character that must not be printed as it is; None for any other."""
    if " " <= char <= "~":
        return None
    if unicodedata.category(char) not in _UNSAFE and _encodable(char):
        return None
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF and NAMES_ARE_BYTES:
        return f"\\x{code - 0xDC00:02x}"
    if char in _SHORT:
        return _SHORT[char]
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def escape(text: str) -> str:
    """Replace what a terminal would act on; for sentences that quote names."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) or char for char in text)


def quote(name: str) -> str:
    """Give a name as it is, or, if a character of it must be escaped, in the shell's $'...', which can be pasted."""
    if name.isascii() and name.isprintable():
        return name
    parts = [_escaped(char) for char in name]
    if not any(parts):
        return name
    plain = name.translate({ord("\\"): "\\\\", ord("'"): "\\'"})
    return "$'" + "".join(_escaped(char) or char for char in plain) + "'"


def shorten_end(text: str, width: int) -> str:
    """Cut the end off a text that is wider than `width` cells."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - len(DOTS)) + DOTS if width > len(DOTS) + 2 else set_cell_size(text, width)


def shorten_middle(text: str, width: int) -> str:
    """Cut the middle out of a text that is wider than `width` cells; a path keeps its last name if it can."""
    if cell_len(text) <= width:
        return text
    if width <= len(DOTS) + 2:
        return set_cell_size(text, width)
    room = width - len(DOTS)
    tail = cell_len(text.rpartition(os.sep)[2]) + 1
    back = tail if room // 2 < tail < room - 3 else room - room // 3
    head = set_cell_size(text, room - back)
    end = len(text)
    while end and cell_len(text[end - 1 :]) <= back:
        end -= 1
    return head + DOTS + text[end:]
