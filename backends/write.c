/* Documents to bytes, by the extension of the file. */

#include <string.h>
#include "backends/backend.h"
#include "core/documents/hcl.h"
#include "core/documents/json.h"
#include "core/documents/yaml.h"
#include "core/text.h"

/* Nothing that only the evaluator knows may reach a writer; this says what was left and where. */
static bool refuse_value(struct compilation *compilation, const struct generated *file,
                         const struct value *bad)
{
    origin where = bad && bad->origin ? bad->origin : file->origin;
    struct diag *diag = diag_report_at(compilation->diags, DIAG_BUILD_VALUE, compilation->origins,
                                       compilation->sources, where, "%s cannot stand in `%s`",
                                       bad ? value_kind_name(bad) : "this value", file->path);
    if (bad && bad->kind == VALUE_EXPRESSION) {
        struct buf text = {0};
        expr_print(&text, bad->expr);
        diag_label(diag, "`%s` belongs to %s", buf_str(&text), bad->expr->dialect);
        buf_free(&text);
    }
    return false;
}

static bool write_yaml(struct compilation *compilation, const struct generated *file, struct buf *out)
{
    for (size_t i = 0; i < file->documents.count; i++) {
        const struct value *bad = NULL;
        if (i)
            buf_add_str(out, "---\n");
        if (!yaml_write(out, file->documents.items[i], &bad))
            return refuse_value(compilation, file, bad);
    }
    return true;
}

static bool write_json(struct compilation *compilation, const struct generated *file, struct buf *out)
{
    const struct value *bad = NULL;
    if (file->documents.count != 1) {
        diag_report_at(compilation->diags, DIAG_BUILD_VALUE, compilation->origins, compilation->sources,
                       file->origin, "`%s` holds %zu documents; a JSON file holds one", file->path,
                       file->documents.count);
        return false;
    }
    if (!json_write(out, file->documents.items[0], (struct json_style){JSON_PRETTY, false}, &bad))
        return refuse_value(compilation, file, bad);
    if (out->length && out->data[out->length - 1] != '\n')
        buf_add_char(out, '\n');
    return true;
}

static void push_blocks(struct vec *blocks, const struct value *value)
{
    if (value->kind != VALUE_LIST) {
        vec_push(blocks, (void *)value);
        return;
    }
    for (size_t i = 0; i < value->count; i++)
        push_blocks(blocks, value->items[i]);
}

static bool write_hcl(struct compilation *compilation, const struct generated *file, struct buf *out)
{
    struct vec blocks = vec_in(compilation->arena);
    for (size_t i = 0; i < file->documents.count; i++)
        push_blocks(&blocks, file->documents.items[i]);
    const struct value *bad = NULL;
    const struct value *list =
        value_list(compilation->arena, (const struct value *const *)blocks.items, blocks.count, file->origin);
    return hcl_write(out, list, &bad) || refuse_value(compilation, file, bad);
}

static bool write_lines(struct compilation *compilation, const struct generated *file,
                        const struct value *value, struct buf *out)
{
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->count; i++)
            if (!write_lines(compilation, file, value->items[i], out))
                return false;
        return true;
    }
    if (value->kind != VALUE_STRING && value->kind != VALUE_WORD)
        return refuse_value(compilation, file, value);
    buf_add(out, value->text, value->length);
    if (!value->length || value->text[value->length - 1] != '\n')
        buf_add_char(out, '\n');
    return true;
}

bool write_by_extension(struct compilation *compilation, const struct generated *file, struct buf *out)
{
    if (text_ends_with(file->path, ".yaml") || text_ends_with(file->path, ".yml"))
        return write_yaml(compilation, file, out);
    if (text_ends_with(file->path, ".json"))
        return write_json(compilation, file, out);
    if (text_ends_with(file->path, ".tf") || text_ends_with(file->path, ".hcl"))
        return write_hcl(compilation, file, out);
    for (size_t i = 0; i < file->documents.count; i++)
        if (!write_lines(compilation, file, file->documents.items[i], out))
            return false;
    return true;
}
