/* Natives that make names: derived names within the limits of their targets, hashes, identifiers of
 * languages. */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/hash.h"

enum { SHORT_HASH = 8 };

/* `prefix-HASH`, cut so that it fits and no name ends in a separator before the dash. */
const struct value *native_short(struct native_call *call)
{
    const char *name = native_text(call, 0);
    const struct value *limit = native_argument(call, 1);
    if (!name)
        return native_misfit(call, 0, "a name");
    if (!limit || limit->kind != VALUE_INT || limit->integer < 1 || limit->integer > 1024)
        return native_misfit(call, 1, "a limit from 1 to 1024");
    struct buf out = {0};
    size_t length = strlen(name), room = (size_t)limit->integer;
    if (length <= room) {
        buf_add(&out, name, length);
        return native_string(call, &out);
    }
    if (room < SHORT_HASH + 2) {
        const struct value *of = native_argument(call, 2);
        struct diag *diag =
            native_refuse(call, DIAG_NATIVE_NAME_TOO_LONG, of ? of : call->arguments[0],
                          "`%s` has %zu characters, and the target takes %zu", name, length, room);
        diag_help(diag, "shorten the name: a hash would not fit either");
        return NULL;
    }
    char hash[HASH_HEX_SIZE];
    hash_hex(name, length, hash);
    size_t kept = room - SHORT_HASH - 1;
    while (kept && strchr("-_./", name[kept - 1]))
        kept--;
    while (kept && ((unsigned char)name[kept] & 0xc0) == 0x80)
        kept--;
    buf_add(&out, name, kept);
    buf_printf(&out, "-%.*s", SHORT_HASH, hash);
    return native_string(call, &out);
}

const struct value *native_hash(struct native_call *call)
{
    const struct value *n = native_argument(call, 1);
    const struct value *x = native_argument(call, 0);
    if (n && (n->kind != VALUE_INT || n->integer < 1 || n->integer > 64))
        return native_misfit(call, 1, "a number of digits from 1 to 64");
    if (!x)
        return native_misfit(call, 0, "a value to hash");
    struct buf text = {0};
    if (x->kind == VALUE_STRING)
        buf_add(&text, x->text, x->length);
    else if (x->kind == VALUE_NODE)
        buf_add_str(&text, x->node->id);
    else
        value_print(&text, x);
    char hash[HASH_HEX_SIZE];
    hash_hex(buf_str(&text), text.length, hash);
    buf_clear(&text);
    buf_add(&text, hash, n ? (size_t)n->integer : 64);
    return native_string(call, &text);
}

const struct value *native_id(struct native_call *call)
{
    const struct value *node = native_argument(call, 0);
    if (!node || node->kind != VALUE_NODE)
        return native_misfit(call, 0, "a node");
    return value_string(call->arena, node->node->id, native_origin(call));
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Names of resources, of variables of shells and of Python: letters, digits, `_`, no digit first. */
void name_identifier(struct buf *out, const char *name)
{
    if (!*name || is_digit(*name))
        buf_add_char(out, '_');
    for (; *name; name++)
        buf_add_char(out, is_letter(*name) || is_digit(*name) ? *name : '_');
}

const struct value *native_tf_name(struct native_call *call)
{
    struct buf name = {0}, out = {0};
    if (!native_name_of(native_argument(call, 0), &name)) {
        buf_free(&name);
        return native_misfit(call, 0, "a node or a text");
    }
    name_identifier(&out, buf_str(&name));
    buf_free(&name);
    return native_string(call, &out);
}

/* A label's value of Kubernetes: at most 63 of [A-Za-z0-9._-], alphanumeric at both ends; others become `-`.
 */
const struct value *native_k8s_label(struct native_call *call)
{
    struct buf name = {0}, out = {0};
    if (!native_name_of(native_argument(call, 0), &name)) {
        buf_free(&name);
        return native_misfit(call, 0, "a node or a text");
    }
    for (const char *c = buf_str(&name); *c; c++) {
        bool inner = is_letter(*c) || is_digit(*c);
        if (inner || (out.length && strchr("._-", *c)))
            buf_add_char(&out, *c);
        else if (out.length)
            buf_add_char(&out, '-');
    }
    if (out.length > 63) {
        char hash[HASH_HEX_SIZE];
        hash_hex(buf_str(&name), name.length, hash);
        out.length = 63 - SHORT_HASH - 1;
        out.data[out.length] = '\0';
        buf_printf(&out, "-%.*s", SHORT_HASH, hash);
    }
    while (out.length && strchr("._-", out.data[out.length - 1]))
        out.data[--out.length] = '\0';
    buf_free(&name);
    return native_string(call, &out);
}
