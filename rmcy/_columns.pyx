# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""An answer as an Arrow array of structs, which pyarrow, polars, pandas and duckdb read without a copy.

A Column is a plan with the memory of its buffers; the structures that leave
refer to it, and their release lets it go.
"""

cimport cython
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from rmcy._arrow cimport ARROW_FLAG_NULLABLE, ArrowArray, ArrowSchema

from array import array

from rmcy._texts import readable


@cython.final
cdef class Column:
    """A column: Arrow's code for its type, its buffers, its children."""

    cdef bytes form
    cdef bytes name
    cdef bint nullable
    cdef int64_t length
    cdef int64_t nulls
    cdef list buffers
    cdef list children

    def __init__(self, str name, str form, int64_t length, list buffers, *, present=None, children=()):
        """present: for each entry whether it is there; None: none can be missing."""
        self.name = name.encode()
        self.form = form.encode()
        self.length = length
        self.nullable = present is not None
        self.nulls = 0 if present is None else present.count(False)
        self.buffers = [bits(present) if self.nulls else None, *buffers]
        self.children = list(children)


cdef bytes bits(object flags):
    cdef Py_ssize_t n
    made = bytearray((len(flags) + 7) // 8)
    for n, flag in enumerate(flags):
        if flag:
            made[n >> 3] |= 1 << (n & 7)
    return bytes(made)


def numbers(str name, str form, list values, *, bint nullable=False):
    """A column of numbers; None is missing."""
    code = {"I": "I", "L": "Q"}[form]
    present = [value is not None for value in values] if nullable else None
    return Column(name, form, len(values), [array(code, [value or 0 for value in values]).tobytes()], present=present)


def packed(str name, str form, values, *, present=None):
    """A column of numbers that lie in a buffer already."""
    return Column(name, form, len(values), [bytes(values)], present=present)


def flags(str name, values):
    """A column of truth values."""
    return Column(name, "b", len(values), [bits(values)])


def texts(str name, list values, *, bint nullable=False):
    """A column of strings; what is not Unicode shows as U+FFFD, as in the JSON document."""
    if not all(map(str.isascii, filter(None, values))):
        values = [None if value is None else readable(value) for value in values]
    encoded = [(value or "").encode() for value in values]
    present = [value is not None for value in values] if nullable else None
    return Column(name, "U", len(values), [ends(map(len, encoded)), b"".join(encoded)], present=present)


def lists(str name, list sizes, Column items, *, present=None):
    """A column of lists, of which `items` has all the entries."""
    return Column(name, "+L", len(sizes), [ends(sizes)], present=present, children=[items])


def structs(str name, int64_t length, *children):
    """A column of structures."""
    return Column(name, "+s", length, [], children=children)


cdef bytes ends(object sizes):
    made = array("q", [0])
    at = 0
    for size in sizes:
        at += size
        made.append(at)
    return made.tobytes()


# ---- out of the door ----

cdef void release_schema(ArrowSchema *schema) noexcept with gil:
    cdef int64_t n
    for n in range(schema.n_children):
        if schema.children[n] is not NULL:
            if schema.children[n].release is not NULL:
                schema.children[n].release(schema.children[n])
            free(schema.children[n])
    free(schema.children)
    Py_DECREF(<object>schema.private_data)
    schema.release = NULL


cdef void release_array(ArrowArray *made) noexcept with gil:
    cdef int64_t n
    for n in range(made.n_children):
        if made.children[n] is not NULL:
            if made.children[n].release is not NULL:
                made.children[n].release(made.children[n])
            free(made.children[n])
    free(made.children)
    free(<void *>made.buffers)
    Py_DECREF(<object>made.private_data)
    made.release = NULL


cdef int fill_schema(Column column, ArrowSchema *made) except -1:
    cdef int64_t n
    memset(made, 0, sizeof(ArrowSchema))
    made.children = <ArrowSchema **>calloc(len(column.children) + 1, sizeof(void *))
    if made.children is NULL:
        raise MemoryError("no memory for columns")
    made.format = column.form
    made.name = column.name
    made.flags = ARROW_FLAG_NULLABLE if column.nullable else 0
    made.n_children = len(column.children)
    Py_INCREF(column)
    made.private_data = <void *>column
    # From here on a release takes back what there is.
    made.release = release_schema
    for n in range(made.n_children):
        made.children[n] = <ArrowSchema *>calloc(1, sizeof(ArrowSchema))
        if made.children[n] is NULL:
            raise MemoryError("no memory for columns")
        fill_schema(column.children[n], made.children[n])
    return 0


cdef int fill_array(Column column, ArrowArray *made) except -1:
    cdef int64_t n
    memset(made, 0, sizeof(ArrowArray))
    made.children = <ArrowArray **>calloc(len(column.children) + 1, sizeof(void *))
    made.buffers = <const void **>calloc(len(column.buffers), sizeof(void *))
    if made.children is NULL or made.buffers is NULL:
        free(made.children)
        free(<void *>made.buffers)
        raise MemoryError("no memory for columns")
    made.length = column.length
    made.null_count = column.nulls
    made.n_buffers = len(column.buffers)
    made.n_children = len(column.children)
    Py_INCREF(column)
    made.private_data = <void *>column
    made.release = release_array
    for n in range(made.n_buffers):
        if column.buffers[n] is not None:
            made.buffers[n] = <const char *><bytes>column.buffers[n]
    for n in range(made.n_children):
        made.children[n] = <ArrowArray *>calloc(1, sizeof(ArrowArray))
        if made.children[n] is NULL:
            raise MemoryError("no memory for columns")
        fill_array(column.children[n], made.children[n])
    return 0


cdef void drop_schema(object capsule) noexcept:
    cdef ArrowSchema *made = <ArrowSchema *>PyCapsule_GetPointer(capsule, b"arrow_schema")
    # Whoever took it has set this to NULL.
    if made.release is not NULL:
        made.release(made)
    free(made)


cdef void drop_array(object capsule) noexcept:
    cdef ArrowArray *made = <ArrowArray *>PyCapsule_GetPointer(capsule, b"arrow_array")
    if made.release is not NULL:
        made.release(made)
    free(made)


def capsules(Column column not None):
    """The pair that __arrow_c_array__ gives."""
    cdef ArrowSchema *schema = <ArrowSchema *>calloc(1, sizeof(ArrowSchema))
    cdef ArrowArray *made
    if schema is NULL:
        raise MemoryError("no memory for columns")
    first = PyCapsule_New(schema, b"arrow_schema", drop_schema)
    made = <ArrowArray *>calloc(1, sizeof(ArrowArray))
    if made is NULL:
        raise MemoryError("no memory for columns")
    second = PyCapsule_New(made, b"arrow_array", drop_array)
    fill_schema(column, schema)
    fill_array(column, made)
    return first, second
