#ifndef MLC_CORE_BUF_H
#define MLC_CORE_BUF_H

/* A growable byte buffer on the heap: what writers write into. `data` always has a NUL at `length`
 * once anything was added; it may be NULL while the buffer is empty. Zero-initialise it. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data;
    size_t length;
    size_t capacity;
};

void buf_free(struct buf *buf);
void buf_clear(struct buf *buf);                /* keeps the memory */
void buf_reserve(struct buf *buf, size_t more); /* room for `more` bytes and a NUL */
void buf_add(struct buf *buf, const void *bytes, size_t count);
void buf_add_char(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t integer);
void buf_add_str(struct buf *buf, const char *text);
void buf_add_repeat(struct buf *buf, char c, size_t count);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args);

/* The content as a NUL-terminated string ("" when empty); valid until the next change. */
const char *buf_str(const struct buf *buf);

/* The content as a heap string that the caller frees; the buffer is empty afterwards. */
char *buf_take(struct buf *buf);

#endif
