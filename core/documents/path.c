#include "core/documents/path.h"

#include <string.h>
#include "core/documents/json.h"

void path_add_key(struct buf *path, const char *key)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$";
    if (*key && key[strspn(key, plain)] == '\0') {
        buf_printf(path, "%s%s", path->length ? "." : "", key);
        return;
    }
    buf_add_char(path, '[');
    json_write_string(path, key, strlen(key));
    buf_add_char(path, ']');
}

void path_add_index(struct buf *path, size_t index)
{
    buf_printf(path, "[%zu]", index);
}

void path_add_identity(struct buf *path, const char *key, const char *identity)
{
    buf_printf(path, "[%s=%s]", key, identity);
}

void path_cut(struct buf *path, size_t length)
{
    if (length >= path->length)
        return;
    path->length = length;
    path->data[length] = '\0';
}
