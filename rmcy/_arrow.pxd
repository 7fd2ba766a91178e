# SPDX-License-Identifier: MIT
"""The Arrow C data and stream interfaces, which are a public binary interface: no library is needed to speak them."""

from libc.stdint cimport int32_t, int64_t, uint8_t

cdef extern from *:
    """
    #ifndef ARROW_C_DATA_INTERFACE
    #define ARROW_C_DATA_INTERFACE

    #define ARROW_FLAG_DICTIONARY_ORDERED 1
    #define ARROW_FLAG_NULLABLE 2
    #define ARROW_FLAG_MAP_KEYS_SORTED 4

    struct ArrowSchema {
        const char *format;
        const char *name;
        const char *metadata;
        int64_t flags;
        int64_t n_children;
        struct ArrowSchema **children;
        struct ArrowSchema *dictionary;
        void (*release)(struct ArrowSchema *);
        void *private_data;
    };

    struct ArrowArray {
        int64_t length;
        int64_t null_count;
        int64_t offset;
        int64_t n_buffers;
        int64_t n_children;
        const void **buffers;
        struct ArrowArray **children;
        struct ArrowArray *dictionary;
        void (*release)(struct ArrowArray *);
        void *private_data;
    };
    #endif

    #ifndef ARROW_C_STREAM_INTERFACE
    #define ARROW_C_STREAM_INTERFACE

    struct ArrowArrayStream {
        int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
        int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
        const char *(*get_last_error)(struct ArrowArrayStream *);
        void (*release)(struct ArrowArrayStream *);
        void *private_data;
    };
    #endif
    """
    const int64_t ARROW_FLAG_NULLABLE

    struct ArrowSchema:
        const char *format
        const char *name
        const char *metadata
        int64_t flags
        int64_t n_children
        ArrowSchema **children
        ArrowSchema *dictionary
        void (*release)(ArrowSchema *) noexcept nogil
        void *private_data

    struct ArrowArray:
        int64_t length
        int64_t null_count
        int64_t offset
        int64_t n_buffers
        int64_t n_children
        const void **buffers
        ArrowArray **children
        ArrowArray *dictionary
        void (*release)(ArrowArray *) noexcept nogil
        void *private_data

    struct ArrowArrayStream:
        int (*get_schema)(ArrowArrayStream *, ArrowSchema *) noexcept nogil
        int (*get_next)(ArrowArrayStream *, ArrowArray *) noexcept nogil
        const char *(*get_last_error)(ArrowArrayStream *) noexcept nogil
        void (*release)(ArrowArrayStream *) noexcept nogil
        void *private_data


cdef enum Layout:
    OFFSETS32
    OFFSETS64
    VIEWS


cdef class NameColumn:
    """A column of names that another library has, piece by piece."""

    cdef ArrowArrayStream stream
    cdef ArrowSchema schema
    cdef ArrowArray array
    cdef const ArrowArray *column
    cdef bint table
    cdef Layout layout
    cdef str what
    # Of the piece at hand: where its entries begin, and how many of the column lie before it.
    cdef int64_t first
    cdef int64_t length
    cdef int64_t before
    # The part of the data that the offsets lead to, as they were when they were checked.
    cdef int64_t low
    cdef int64_t high

    cdef int call(self, bint pieces) except -1
    cdef bint next(self) except -1
    cdef int64_t size(self) except -1
    cdef int check_schema(self) except -1
    cdef int check_piece(self) except -1
    cdef int refuse_nulls(self, const ArrowArray *array, int64_t first) except -1
    cdef int refuse_layout(self, str reason) except -1


cdef bint is_arrow(object given)
cdef NameColumn name_column(object given, str what)
cdef void view_at(const ArrowArray *column, int64_t n, const uint8_t **ret_name, int64_t *ret_size) noexcept nogil
