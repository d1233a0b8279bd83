#include "core/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"

void buf_free(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
    buf->length = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

void buf_reserve(struct buf *buf, size_t more)
{
    if (more < buf->capacity - buf->length)
        return;
    /* An impossible size goes to the allocator, which ends the process with its message. */
    size_t needed = more < SIZE_MAX - buf->length - 1 ? buf->length + more + 1 : SIZE_MAX;
    size_t capacity = buf->capacity < SIZE_MAX / 2 ? buf->capacity * 2 : SIZE_MAX;
    if (capacity < needed)
        capacity = needed;
    if (capacity < 64)
        capacity = 64;
    buf->data = mem_realloc(buf->data, capacity);
    buf->capacity = capacity;
}

void buf_add(struct buf *buf, const void *bytes, size_t count)
{
    buf_reserve(buf, count);
    if (count)
        memcpy(buf->data + buf->length, bytes, count);
    buf->length += count;
    buf->data[buf->length] = '\0';
}

void buf_add_char(struct buf *buf, char c)
{
    buf_reserve(buf, 1);
    buf->data[buf->length++] = c;
    buf->data[buf->length] = '\0';
}

void buf_add_str(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_repeat(struct buf *buf, char c, size_t count)
{
    buf_reserve(buf, count);
    memset(buf->data + buf->length, c, count);
    buf->length += count;
    buf->data[buf->length] = '\0';
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    buf_reserve(buf, 128);
    size_t room = buf->capacity - buf->length;
    int length = vsnprintf(buf->data + buf->length, room, format, args);
    if (length > 0 && (size_t)length >= room) {
        buf_reserve(buf, (size_t)length);
        vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
    }
    if (length > 0)
        buf->length += (size_t)length;
    buf->data[buf->length] = '\0';
    va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

const char *buf_str(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
    char *text = buf->data ? buf->data : mem_strdup("");
    *buf = (struct buf){0};
    return text;
}

void buf_add_int(struct buf *buf, int64_t integer)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (integer < 0)
        digits[--at] = '-';
    buf_add(buf, digits + at, sizeof digits - at);
}
