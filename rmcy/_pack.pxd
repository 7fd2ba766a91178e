# SPDX-License-Identifier: MIT
from rmcy._resources cimport TextList


cdef TextList pack_separated(object data, object sep, str what)
cdef TextList pack_buffers(object arena, object offsets, str what)
cdef TextList pack_arrow(object given, str what)
cdef TextList pack_slice(TextList texts, object where)
cdef TextList in_one_block(TextList texts)
cdef Py_ssize_t end_of(TextList texts, Py_ssize_t index) noexcept
cdef object plain_view(object data, str what, str wanted)
