#include "grammar/parse.h"

#include <string.h>
#include "core/text.h"
#include "grammar/check.h"
#include "grammar/filter.h"
#include "grammar/parse_state.h"
#include "parser.h"

enum { DEFAULT_BYTES = 16 << 20, DEFAULT_NESTING = 200 };

static struct ast_block *empty_body(struct arena *arena, const struct source *source)
{
    struct ast_block *body = arena_alloc(arena, sizeof *body);
    body->span = (struct span){source->id, 0, source->length};
    return body;
}

static bool too_large(const struct source *source, struct parse_limits limits, struct diag_sink *diags)
{
    size_t most = limits.bytes == 0 ? DEFAULT_BYTES : limits.bytes;
    if (source->length <= most) {
        return false;
    }
    struct diag *diag = diag_report(diags, DIAG_SYNTAX_SIZE, (struct span){source->id, 0, 0},
                                    "the file has %u bytes; %zu is the most", source->length, most);
    diag_help(diag, "split it: all `*.mlc` files of a folder are one module");
    return true;
}

/* False, after a report, when the text is in another encoding, so that parsing it makes no sense. */
static bool check_encoding(const struct source *source, struct diag_sink *diags)
{
    size_t bad;
    if (text_is_utf8(source->text, source->length, &bad)) {
        return true;
    }
    unsigned char first = (unsigned char)source->text[0];
    unsigned char second = source->length > 1 ? (unsigned char)source->text[1] : 0;
    bool wide = (first == 0xff && second == 0xfe) || (first == 0xfe && second == 0xff);
    struct span span = {source->id, (uint32_t)bad, (uint32_t)bad + 1};
    struct diag *diag = diag_report(diags, DIAG_SYNTAX_ENCODING, span, "the file is not UTF-8%s",
                                    wide ? ": it begins like UTF-16" : "");
    diag_label(diag, "byte 0x%02X at offset %zu", (unsigned char)source->text[bad], bad);
    diag_help(diag, "save the file as UTF-8, or: iconv -f %s -t UTF-8", wide ? "UTF-16" : "LATIN1");
    return !wide;
}

/* A NUL would cut what is printed of a comment; elsewhere the filter and the strings report it. */
static void check_comments(const struct comments *comments, struct diag_sink *diags)
{
    for (size_t i = 0; i < comments->count; i++) {
        struct span span = comments->list[i].span;
        const char *text = comments->source->text + span.start;
        const char *bad = memchr(text, '\0', span.end - span.start);
        if (bad != NULL) {
            uint32_t at = span.start + (uint32_t)(bad - text);
            struct diag *diag =
                diag_report(diags, DIAG_SYNTAX_CHARACTER, (struct span){span.source, at, at + 1},
                            "the control character U+0000 stands in a comment");
            diag_label(diag, "not visible; remove it");
        }
    }
}

struct ast_file *parse_source(struct arena *arena, const struct source *source, struct parse_limits limits,
                              struct diag_sink *diags)
{
    struct ast_file *file = arena_alloc(arena, sizeof *file);
    size_t errors = diag_error_count(diags);
    file->source = source;
    file->body = empty_body(arena, source);
    if (too_large(source, limits, diags) || !check_encoding(source, diags)) {
        return file;
    }
    struct parse parse = {.arena = arena, .source = source, .diags = diags};
    parse.comments = (struct comments){.arena = arena, .source = source};
    parse.filter = filter_new(arena, source, limits.nesting == 0 ? DEFAULT_NESTING : limits.nesting,
                              &parse.comments, diags);
    int result = grammar_parse(&parse);
    filter_free(parse.filter);
    if (result == 0 && parse.body != NULL) {
        file->body = parse.body;
        file->body->span = (struct span){source->id, 0, source->length};
        check_tree(source, file->body, diags);
    }
    check_comments(&parse.comments, diags);
    file->comments = parse.comments.list;
    file->comment_count = parse.comments.count;
    file->complete = result == 0 && diag_error_count(diags) == errors;
    return file;
}
