# SPDX-License-Identifier: MIT
from rmcy._texts cimport TextList


cdef TextList pack_separated(object data, object sep, str what)
cdef TextList pack_buffers(object arena, object offsets, str what)
cdef TextList pack_arrow(object given, str what)
cdef object plain_view(object data, str what, str wanted)
