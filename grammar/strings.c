#include "grammar/strings.h"

#include <stdio.h>
#include <string.h>
#include "core/text.h"
#include "grammar/build.h"
#include "grammar/parse_state.h"
#include "grammar/syntax_errors.h"

/* Where decoding stands: text of the source, and what lines lose at their start. */
struct decoder {
    struct parse *parse;
    struct buf out;
    const char *at, *end;
    size_t indent;
    bool line_start;
};

static struct span span_at(const struct decoder *decoder, const char *start, const char *end)
{
    const struct source *source = decoder->parse->source;
    return (struct span){source->id, (uint32_t)(start - source->text), (uint32_t)(end - source->text)};
}

static void report_escape(struct decoder *decoder, const char *start, const char *end, const char *why,
                          const char *help)
{
    struct diag *diag =
        diag_report(decoder->parse->diags, DIAG_SYNTAX_ESCAPE, span_at(decoder, start, end), "%s", why);
    diag_label(diag, "in this string");
    diag_help(diag, "%s", help);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Reads up to `most` hexadecimal digits at `at`. */
static size_t read_hex(const struct decoder *decoder, const char *at, size_t most, uint32_t *value)
{
    size_t count = 0;
    *value = 0;
    while (count < most && at + count < decoder->end && hex_digit(at[count]) >= 0) {
        *value = *value * 16 + (uint32_t)hex_digit(at[count]);
        count++;
    }
    return count;
}

/* The escape \u at `start`; `at` is behind the u. */
static void decode_unicode(struct decoder *decoder, const char *start)
{
    uint32_t value;
    uint32_t low;
    bool braces = decoder->at < decoder->end && *decoder->at == '{';
    size_t digits = read_hex(decoder, decoder->at + braces, braces ? 6 : 4, &value);
    const char *end = decoder->at + braces + digits;
    bool whole = braces ? digits > 0 && end < decoder->end && *end == '}' : digits == 4;
    end += braces && whole;
    if (!braces && whole && value >= 0xD800 && value < 0xDC00 && end + 6 <= decoder->end && end[0] == '\\' &&
        end[1] == 'u' && read_hex(decoder, end + 2, 4, &low) == 4 && low >= 0xDC00 && low < 0xE000) {
        value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
        end += 6;
    }
    if (!whole) {
        report_escape(decoder, start, end, "`\\u` needs four hexadecimal digits, or some in braces",
                      "write `\\u00e9` or `\\u{1F600}`");
    } else if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
        report_escape(decoder, start, end, "this escape names no character",
                      "code points end at 10FFFF, and D800 to DFFF come only in pairs");
    } else {
        text_add_code_point(&decoder->out, value);
    }
    decoder->at = end;
}

static void decode_escape(struct decoder *decoder)
{
    static const char names[] = "\"\\/bfnrt0'";
    static const char values[] = "\"\\/\b\f\n\r\t\0'";
    const char *start = decoder->at++;
    if (decoder->at == decoder->end) {
        return; /* a backslash before the end of a broken string, which was reported */
    }
    char c = *decoder->at++;
    const char *known = c == '\0' ? NULL : strchr(names, c);
    if (known != NULL) {
        buf_add_char(&decoder->out, values[known - names]);
    } else if (c == 'u') {
        decode_unicode(decoder, start);
    } else if (c == '\n' || c == '\r') {
        report_escape(decoder, start, start + 1, "a backslash does not join lines",
                      "write the text on one line");
        decoder->at--;
    } else {
        size_t length = 0;
        text_next_code_point(decoder->at - 1, (size_t)(decoder->end - decoder->at) + 1, &length);
        decoder->at += length - 1;
        char why[64];
        snprintf(why, sizeof why, "unknown escape `\\%.*s`", (int)length, decoder->at - length);
        report_escape(decoder, start, decoder->at, why,
                      "a backslash is written `\\\\`; a text without escapes goes between '…'");
    }
}

/* At the start of a line: passes over the shared indentation. */
static void skip_indent(struct decoder *decoder)
{
    size_t left = decoder->indent;
    while (left > 0 && decoder->at < decoder->end && (*decoder->at == ' ' || *decoder->at == '\t')) {
        decoder->at++;
        left--;
    }
    decoder->line_start = false;
}

static void report_control(struct decoder *decoder)
{
    struct diag *diag = diag_report(
        decoder->parse->diags, DIAG_SYNTAX_CHARACTER, span_at(decoder, decoder->at, decoder->at + 1),
        "the control character U+%04X stands in a string", (unsigned)(unsigned char)*decoder->at);
    diag_label(diag, "not visible; remove it");
    diag_help(diag, "write `\\u%04X` if it is meant", (unsigned)(unsigned char)*decoder->at);
    diag_fix(diag, span_at(decoder, decoder->at, decoder->at + 1), false, "\\u%04X",
             (unsigned)(unsigned char)*decoder->at);
}

/* Decodes the text up to `end` into a new text in the arena. */
static void decode_text(struct decoder *decoder, struct ast_piece *piece, bool escapes)
{
    buf_clear(&decoder->out);
    decoder->at = piece->text;
    decoder->end = piece->text + piece->length;
    while (decoder->at < decoder->end) {
        if (decoder->line_start) {
            skip_indent(decoder);
            continue;
        }
        char c = *decoder->at;
        if (c == '\\' && escapes) {
            decode_escape(decoder);
            continue;
        }
        if (c == '\r' && decoder->at + 1 < decoder->end && decoder->at[1] == '\n') {
            decoder->at++;
            continue;
        }
        if ((unsigned char)c < 0x20 && c != '\n' && c != '\t') {
            report_control(decoder);
        }
        buf_add_char(&decoder->out, c);
        decoder->line_start = c == '\n';
        decoder->at++;
    }
    piece->text = arena_copy(decoder->parse->arena, buf_str(&decoder->out), decoder->out.length);
    piece->length = decoder->out.length;
}

/* Bytes of blanks at `at`. */
static size_t blanks_at(const char *at, const char *end)
{
    size_t count = 0;
    while (at + count < end && (at[count] == ' ' || at[count] == '\t')) {
        count++;
    }
    return count;
}

/* The smallest indentation of the lines that begin in these pieces. A line of blanks alone does not count,
 * unless the closing quotes or a hole end it. */
static size_t shared_indent(const struct ast_piece *pieces)
{
    size_t shared = SIZE_MAX;
    for (const struct ast_piece *piece = pieces; piece != NULL; piece = piece->next) {
        if (piece->hole != NULL) {
            continue;
        }
        const char *end = piece->text + piece->length;
        for (const char *at = memchr(piece->text, '\n', piece->length); at != NULL;
             at = memchr(at, '\n', (size_t)(end - at))) {
            at++;
            size_t blanks = blanks_at(at, end);
            char next = at + blanks < end ? at[blanks] : 'x';
            if (next != '\n' && next != '\r' && blanks < shared) {
                shared = blanks;
            }
        }
    }
    return shared == SIZE_MAX ? 0 : shared;
}

/* If the opening quotes end their line: drops that line end, and the blanks before the closing quotes when
 * they begin theirs. */
static bool trim_frame(struct ast_piece *pieces)
{
    if (pieces == NULL || pieces->hole != NULL) {
        return false;
    }
    size_t lead = blanks_at(pieces->text, pieces->text + pieces->length);
    lead += lead < pieces->length && pieces->text[lead] == '\r';
    if (lead >= pieces->length || pieces->text[lead] != '\n') {
        return false;
    }
    struct ast_piece *last = pieces;
    while (last->next != NULL) {
        last = last->next;
    }
    if (last->hole == NULL) {
        size_t length = last->length;
        while (length > 0 && (last->text[length - 1] == ' ' || last->text[length - 1] == '\t')) {
            length--;
        }
        if (length > 0 && last->text[length - 1] == '\n') {
            last->length = length;
        }
    }
    pieces->text += lead + 1;
    pieces->length = pieces->length > lead ? pieces->length - lead - 1 : 0;
    return true;
}

struct ast_piece *strings_decode(struct parse *parse, struct ast_piece *pieces, bool triple)
{
    struct decoder decoder = {.parse = parse};
    if (triple) {
        size_t indent = shared_indent(pieces);
        if (trim_frame(pieces)) {
            decoder.indent = indent;
            decoder.line_start = true;
        }
    }
    struct ast_piece *first = NULL;
    struct ast_piece **link = &first;
    for (struct ast_piece *piece = pieces; piece != NULL; piece = piece->next) {
        if (piece->hole == NULL) {
            decode_text(&decoder, piece, true);
        } else {
            decoder.line_start = false;
        }
        if (piece->hole != NULL || piece->length > 0) {
            *link = piece;
            link = &piece->next;
        }
    }
    *link = NULL;
    buf_free(&decoder.out);
    return first;
}

/* Makers of strings for the grammar's actions (build.h) */

static struct ast_piece *make_piece(struct parse *parse, struct ast_expr *hole, uint32_t start, uint32_t end)
{
    struct ast_piece *piece = arena_alloc(parse->arena, sizeof *piece);
    piece->hole = hole;
    piece->span = (struct span){parse->source->id, start, end};
    if (hole == NULL) {
        piece->text = parse->source->text + start;
        piece->length = end - start;
    }
    return piece;
}

static bool is_triple(const char *text, size_t length)
{
    return length >= 6 && text[0] == '"' && text[1] == '"' && text[2] == '"';
}

static struct ast_expr *make_string(struct parse *parse, struct span span)
{
    struct ast_expr *expr = arena_alloc(parse->arena, sizeof *expr);
    expr->kind = AST_STRING;
    expr->span = span;
    expr->depth = 1;
    return expr;
}

struct ast_expr *build_string(struct parse *parse, struct span span)
{
    const char *text = parse->source->text + span.start;
    struct ast_expr *expr = make_string(parse, span);
    expr->triple = is_triple(text, span.end - span.start);
    expr->raw = text[0] == '\'';
    uint32_t mark = expr->triple ? 3 : 1;
    uint32_t start = span.start + mark;
    uint32_t end = span.end - mark;
    if (start == end) {
        return expr;
    }
    struct ast_piece *piece = make_piece(parse, NULL, start, end);
    bool plain = !expr->triple;
    for (uint32_t i = start; i < end && plain; i++) {
        unsigned char c = (unsigned char)parse->source->text[i];
        plain = (c != '\\' || expr->raw) && c >= 0x20;
    }
    if (plain) {
        piece->text = arena_copy(parse->arena, piece->text, piece->length);
        expr->pieces = piece;
    } else if (expr->raw) {
        struct decoder decoder = {.parse = parse};
        decode_text(&decoder, piece, false);
        buf_free(&decoder.out);
        expr->pieces = piece;
    } else {
        expr->pieces = strings_decode(parse, piece, expr->triple);
    }
    return expr;
}

static struct ast_piece *append_piece(struct ast_piece *list, struct ast_piece *piece)
{
    piece->next = list == NULL ? piece : list->next;
    if (list != NULL) {
        list->next = piece;
    }
    return piece;
}

struct ast_piece *build_first_hole(struct parse *parse, struct ast_expr *hole, struct span span)
{
    return append_piece(NULL, make_piece(parse, hole, span.start, span.end));
}

struct ast_piece *build_next_hole(struct parse *parse, struct ast_piece *list, struct span middle,
                                  struct ast_expr *hole, struct span span)
{
    list = append_piece(list, make_piece(parse, NULL, middle.start + 1, middle.end - 2));
    return append_piece(list, make_piece(parse, hole, span.start, span.end));
}

struct ast_expr *build_template(struct parse *parse, struct span span, struct span head,
                                struct ast_piece *pieces, struct span tail)
{
    struct ast_expr *expr = make_string(parse, span);
    const char *text = parse->source->text;
    expr->triple = is_triple(text + head.start, head.end - head.start + 3);
    uint32_t mark = expr->triple ? 3 : 1;
    uint32_t start = tail.start < tail.end ? tail.start + 1 : tail.start;
    uint32_t end = tail.end;
    if (end >= start + mark && text[end - 1] == '"') {
        end -= mark;
    }
    struct ast_piece *first = pieces->next;
    pieces->next = make_piece(parse, NULL, start, end);
    struct ast_piece *lead = make_piece(parse, NULL, head.start + mark, head.end - 2);
    lead->next = first;
    expr->pieces = strings_decode(parse, lead, expr->triple);
    unsigned depth = 0;
    for (const struct ast_piece *piece = expr->pieces; piece != NULL; piece = piece->next) {
        depth = piece->hole != NULL && piece->hole->depth > depth ? piece->hole->depth : depth;
    }
    if (depth + 1 > AST_DEPTH_LIMIT) {
        syntax_report_depth(parse, span);
        expr->kind = AST_INVALID;
        expr->pieces = NULL;
        depth = 0;
    }
    expr->depth = (uint16_t)(depth + 1);
    return expr;
}
