# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""Columns of names from pandas, polars, pyarrow, duckdb and others, by the Arrow PyCapsule interface.

The structures are moved out of their capsules and released here.  What can be
checked is: the type, counts and lengths, nulls, the order of offsets, the
bounds of views.  The interface does not say how long the data behind offsets
are, so there the producer has to be believed, as by every consumer.
"""

cimport cython
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memset, strcmp

cdef dict LAYOUTS = {
    b"u": OFFSETS32, b"z": OFFSETS32, b"U": OFFSETS64, b"Z": OFFSETS64, b"vu": VIEWS, b"vz": VIEWS,
}
cdef dict TYPE_NAMES = {
    b"n": "null", b"b": "bool", b"c": "int8", b"C": "uint8", b"s": "int16", b"S": "uint16", b"i": "int32",
    b"I": "uint32", b"l": "int64", b"L": "uint64", b"e": "float16", b"f": "float32", b"g": "float64",
    b"u": "string", b"U": "large_string", b"vu": "string_view", b"z": "binary", b"Z": "large_binary",
    b"vz": "binary_view", b"+l": "list", b"+L": "large_list", b"+m": "map", b"+r": "run_end_encoded", b"+s": "struct",
}


cdef str type_name(const ArrowSchema *schema):
    cdef bytes code = schema.format
    if schema.dictionary is not NULL:
        return f"dictionary of {type_name(schema.dictionary)}"
    for prefix, name in ((b"w:", "fixed_size_binary"), (b"d:", "decimal"), (b"+w:", "fixed_size_list"),
                         (b"+u", "union"), (b"t", "time")):
        if code.startswith(prefix):
            return name
    return TYPE_NAMES.get(code, f"with the code {code.decode('ascii', 'backslashreplace')!r}")


cdef bint is_arrow(object given):
    return hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__")


cdef NameColumn name_column(object given, str what):
    """Take the column; more of it comes with each next()."""
    cdef NameColumn made = NameColumn.__new__(NameColumn)
    cdef ArrowArrayStream *stream
    cdef ArrowSchema *schema
    cdef ArrowArray *array
    made.what = what
    if hasattr(given, "__arrow_c_stream__"):
        capsule = given.__arrow_c_stream__(None)
        stream = <ArrowArrayStream *>PyCapsule_GetPointer(capsule, b"arrow_array_stream")
        if stream.release is NULL:
            made.refuse_layout("the stream has been taken by somebody else")
        made.stream = stream[0]
        stream.release = NULL
        made.call(0)
    else:
        pair = given.__arrow_c_array__(None)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"{what}: __arrow_c_array__ gave {type(pair).__name__}, not a pair of capsules")
        schema = <ArrowSchema *>PyCapsule_GetPointer(pair[0], b"arrow_schema")
        array = <ArrowArray *>PyCapsule_GetPointer(pair[1], b"arrow_array")
        if schema.release is NULL or array.release is NULL:
            made.refuse_layout("it has been taken by somebody else")
        made.schema = schema[0]
        schema.release = NULL
        made.array = array[0]
        array.release = NULL
    made.check_schema()
    return made


ctypedef fused offset_t:
    int32_t
    int64_t


@cython.final
@cython.no_gc
cdef class NameColumn:
    def __cinit__(self):
        memset(&self.stream, 0, sizeof(self.stream))
        memset(&self.schema, 0, sizeof(self.schema))
        memset(&self.array, 0, sizeof(self.array))

    def __dealloc__(self):
        if self.array.release is not NULL:
            self.array.release(&self.array)
        if self.schema.release is not NULL:
            self.schema.release(&self.schema)
        if self.stream.release is not NULL:
            self.stream.release(&self.stream)

    cdef int call(self, bint pieces) except -1:
        """Ask the stream for its schema or its next piece; it may have to compute, and to wait."""
        cdef int error
        cdef const char *text
        with nogil:
            if pieces:
                error = self.stream.get_next(&self.stream, &self.array)
            else:
                error = self.stream.get_schema(&self.stream, &self.schema)
        if error:
            text = self.stream.get_last_error(&self.stream)
            said = "it does not say why" if text is NULL else (<bytes>text).decode("utf-8", "replace")
            raise OSError(error, f"{self.what}: the Arrow stream failed: {said}")
        return 0

    cdef int refuse_layout(self, str reason) except -1:
        raise ValueError(f"{self.what}: not a usable Arrow array: {reason}")

    cdef int check_schema(self) except -1:
        cdef const ArrowSchema *schema = &self.schema
        if schema.release is NULL or schema.format is NULL:
            self.refuse_layout("it has no type")
        self.table = strcmp(schema.format, b"+s") == 0
        if self.table:
            # A data frame or a query: its only column is meant.
            if schema.n_children != 1 or schema.children is NULL or schema.children[0] is NULL:
                raise TypeError(
                    f"{self.what} is an Arrow table or struct of {schema.n_children} columns: give the one with the "
                    "names"
                )
            schema = schema.children[0]
            if schema.format is NULL:
                self.refuse_layout("its column has no type")
        layout = None if schema.dictionary is not NULL else LAYOUTS.get(<bytes>schema.format)
        if layout is None:
            raise TypeError(
                f"{self.what} is an Arrow array of type {type_name(schema)}: names are of type string, large_string, "
                "string_view, binary, large_binary or binary_view"
            )
        self.layout = layout
        return 0

    cdef bint next(self) except -1:
        """Go to the next piece; False behind the last one."""
        self.before += self.length
        if self.stream.release is not NULL:
            if self.array.release is not NULL:
                self.array.release(&self.array)
                # Whatever the producer left there.
                memset(&self.array, 0, sizeof(self.array))
            self.call(1)
            if self.array.release is NULL:
                self.length = 0
                return False
        elif self.column is not NULL:
            return False
        self.check_piece()
        return True

    cdef int check_piece(self) except -1:
        cdef const ArrowArray *column = &self.array
        cdef int64_t first = column.offset
        cdef int64_t buffers
        self.length = column.length
        if column.length < 0 or column.offset < 0:
            self.refuse_layout(f"it has length {column.length} and offset {column.offset}")
        if self.table:
            if column.n_children != 1 or column.children is NULL or column.children[0] is NULL:
                self.refuse_layout(f"it has {column.n_children} columns where its type has 1")
            self.refuse_nulls(column, column.offset)
            column = column.children[0]
            if column.offset < 0 or column.length - self.length < first:
                self.refuse_layout(f"the column has length {column.length}, the table needs {first + self.length}")
            first += column.offset
        if first > 0x7FFFFFFFFFFFFFFF - self.length - 1:
            self.refuse_layout(f"it has length {self.length} and offset {first}")
        self.column = column
        self.first = first
        buffers = 3 if self.layout != VIEWS else 3 + max(0, column.n_buffers - 3)
        if column.n_buffers != buffers or column.buffers is NULL:
            self.refuse_layout(f"it has {column.n_buffers} buffers")
        if self.length:
            if column.buffers[1] is NULL:
                self.refuse_layout("buffer 1 is missing")
            self.refuse_nulls(column, first)
        return 0

    cdef int refuse_nulls(self, const ArrowArray *array, int64_t first) except -1:
        cdef const uint8_t *bits
        cdef int64_t n
        if array.null_count == 0 or array.n_buffers < 1 or array.buffers is NULL or array.buffers[0] is NULL:
            return 0
        bits = <const uint8_t *>array.buffers[0]
        for n in range(first, first + self.length):
            if not bits[n >> 3] >> (n & 7) & 1:
                raise ValueError(
                    f"{self.what}[{self.before + n - first}] is null: no name is; leave it out, with drop_nulls() "
                    "or the like"
                )
        return 0

    cdef int64_t size(self) except -1:
        """Bytes of all the names of this piece together; whatever is wrong with where they lie is refused."""
        cdef int64_t size
        if self.length == 0:
            return 0
        if self.layout == VIEWS:
            size = views_size(self.column, self.first, self.length)
        elif self.layout == OFFSETS32:
            size = span(self, <const int32_t *>self.column.buffers[1] + self.first)
        else:
            size = span(self, <const int64_t *>self.column.buffers[1] + self.first)
        if size < 0:
            self.refuse_layout(f"where {self.what}[{self.before - size - 1}] lies is not inside it")
        if size and self.layout != VIEWS and self.column.buffers[2] is NULL:
            self.refuse_layout("buffer 2 is missing")
        return size


cdef int64_t span(NameColumn column, const offset_t *offsets) noexcept:
    """The bytes that the offsets lead to, or -1 less the number of the entry that is wrong."""
    cdef const volatile offset_t *numbers = <const volatile offset_t *>offsets
    cdef int64_t begin = numbers[0]
    cdef int64_t end, n
    column.low = column.high = begin
    if begin < 0:
        return -1
    for n in range(column.length):
        end = numbers[n + 1]
        if end < begin:
            return -1 - n
        begin = end
    column.high = begin
    return column.high - column.low


cdef void view_at(const ArrowArray *column, int64_t n, const uint8_t **ret_name, int64_t *ret_size) noexcept nogil:
    """Where the n-th name lies by its view, each number of which is read once; size -1 if that is outside."""
    cdef const int32_t *own = <const int32_t *>column.buffers[1] + 4 * n
    cdef const volatile int32_t *view = <const volatile int32_t *>own
    cdef const int64_t *sizes = <const int64_t *>column.buffers[column.n_buffers - 1]
    cdef int64_t size = view[0]
    cdef int64_t number, begin
    ret_size[0] = -1
    # A short name lies in the view itself; a longer one in the buffer that it tells.
    if 0 <= size <= 12:
        ret_name[0] = <const uint8_t *>(own + 1)
        ret_size[0] = size
    elif size > 12 and sizes is not NULL:
        number = view[2]
        begin = view[3]
        if not 0 <= number < column.n_buffers - 3 or column.buffers[2 + number] is NULL:
            return
        if 0 <= begin <= sizes[number] - size:
            ret_name[0] = <const uint8_t *>column.buffers[2 + number] + begin
            ret_size[0] = size


cdef int64_t views_size(const ArrowArray *column, int64_t first, int64_t count) noexcept nogil:
    """Or -1 less the number of the entry that is wrong."""
    cdef const uint8_t *name
    cdef int64_t n, one, size = 0
    for n in range(count):
        view_at(column, first + n, &name, &one)
        if one < 0:
            return -1 - n
        size += one
    return size
