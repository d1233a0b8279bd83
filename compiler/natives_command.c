/* Natives over commands: a command is text with slots, which each engine fills and quotes in its own way. */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/shell.h"

/* The pieces of a command or text: a string is one piece. */
static size_t pieces_of(const struct value *const *text, const struct value *const **pieces)
{
    if ((*text)->kind == VALUE_TEXT) {
        *pieces = (*text)->items;
        return (*text)->count;
    }
    *pieces = text;
    return 1;
}

static bool is_command(const struct value *value)
{
    return value &&
           (value->kind == VALUE_STRING || value->kind == VALUE_TEXT || value->kind == VALUE_EXPRESSION);
}

/* What fills a slot, or NULL after reporting. */
static const struct value *slot_text(struct native_call *call, const struct value *slot,
                                     const struct value *filled)
{
    struct buf name = {0};
    expr_print(&name, slot->expr);
    const struct value *text = filled ? value_get(filled, buf_str(&name)) : NULL;
    if (!text) {
        struct diag *diag =
            native_refuse(call, DIAG_NATIVE_SLOT, slot, "nothing fills `\\(%s)` here", buf_str(&name));
        diag_label(diag, "this target has no value for it");
    }
    buf_free(&name);
    return text;
}

/* The words of a command that is executed without a shell. */
struct words {
    struct native_call *call;
    struct list_builder list;
    struct list_builder pieces; /* of the word being read */
    struct buf text;
    bool open;  /* a word has begun, be it empty */
    char quote; /* the quote that is open, or 0 */
    bool escaped;
    const struct value *failed; /* where a shell would be needed */
    char needs_shell;
};

static void flush_text(struct words *words, origin where)
{
    if (words->text.length)
        list_add(&words->pieces,
                 value_string_n(words->call->arena, buf_str(&words->text), words->text.length, where));
    buf_clear(&words->text);
}

static void end_word(struct words *words, origin where)
{
    if (!words->open)
        return;
    flush_text(words, where);
    struct list_builder *pieces = &words->pieces;
    bool plain = true;
    for (size_t i = 0; i < pieces->count; i++)
        plain = plain && pieces->items[i]->kind == VALUE_STRING;
    if (!plain) {
        list_add(&words->list, value_text(words->call->arena, pieces->items, pieces->count, where));
    } else {
        struct buf whole = {0};
        for (size_t i = 0; i < pieces->count; i++)
            buf_add(&whole, pieces->items[i]->text, pieces->items[i]->length);
        list_add(&words->list, value_string_n(words->call->arena, buf_str(&whole), whole.length, where));
        buf_free(&whole);
    }
    words->pieces = list_begin(words->call->arena);
    words->open = false;
}

/* What a shell would act upon, and execution without one would pass on as text. */
static bool means_shell(const struct words *words, char c)
{
    if (words->quote == '\'')
        return false;
    if (words->quote == '"')
        return c == '$' || c == '`';
    return strchr("|&;<>()$`*?[#~{", c) && (c != '#' || !words->open) && (c != '~' || !words->open);
}

static void read_byte(struct words *words, char c, const struct value *piece)
{
    if (words->escaped) {
        if (words->quote == '"' && !strchr("\"\\$`", c))
            buf_add_char(&words->text, '\\');
        buf_add_char(&words->text, c);
        words->escaped = false;
        words->open = true;
    } else if (words->quote && c == words->quote) {
        words->quote = 0;
    } else if (c == '\\' && words->quote != '\'') {
        words->escaped = true;
    } else if (!words->quote && (c == '\'' || c == '"')) {
        words->quote = c;
        words->open = true;
    } else if (!words->quote && (c == ' ' || c == '\t' || c == '\n')) {
        end_word(words, piece->origin);
    } else {
        if (c && means_shell(words, c) && !words->failed) {
            words->failed = piece;
            words->needs_shell = c;
        }
        buf_add_char(&words->text, c);
        words->open = true;
    }
}

static const struct value *words_of(struct words *words, const struct value *command)
{
    struct native_call *call = words->call;
    if (words->failed) {
        struct diag *diag = native_refuse(call, DIAG_NATIVE_COMMAND, words->failed,
                                          "the command needs a shell: `%c`", words->needs_shell);
        diag_label(diag, "executed as it is, without a shell");
        diag_help(diag, "quote it, or start the shell yourself: \"bash -c '…'\"");
        return NULL;
    }
    if (words->quote || words->escaped) {
        native_refuse(call, DIAG_NATIVE_COMMAND, command, "the command ends inside a quotation");
        return NULL;
    }
    end_word(words, command->origin);
    if (words->list.count)
        return list_end(&words->list, command->origin);
    native_refuse(call, DIAG_NATIVE_COMMAND, command, "the command is empty");
    return NULL;
}

const struct value *native_argv(struct native_call *call)
{
    const struct value *command = native_argument(call, 0);
    const struct value *slots = native_argument(call, 1);
    if (!is_command(command))
        return native_misfit(call, 0, "a command");
    struct words words = {.call = call, .list = list_begin(call->arena), .pieces = list_begin(call->arena)};
    const struct value *const *pieces;
    size_t count = pieces_of(&command, &pieces);
    bool filled = true;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i]->kind != VALUE_EXPRESSION) {
            for (size_t at = 0; at < pieces[i]->length; at++)
                read_byte(&words, pieces[i]->text[at], pieces[i]);
            continue;
        }
        const struct value *text = slot_text(call, pieces[i], slots);
        filled = filled && text;
        flush_text(&words, pieces[i]->origin);
        words.open = true;
        if (text && text->kind == VALUE_TEXT)
            for (size_t k = 0; k < text->count; k++)
                list_add(&words.pieces, text->items[k]);
        else if (text && (text->kind == VALUE_EXPRESSION || text->kind == VALUE_STRING))
            list_add(&words.pieces, text);
        else if (text)
            native_name_of(text, &words.text);
    }
    const struct value *result = filled ? words_of(&words, command) : NULL;
    buf_free(&words.text);
    return result;
}

const struct value *native_shell_line(struct native_call *call)
{
    const struct value *command = native_argument(call, 0);
    const struct value *slots = native_argument(call, 1);
    if (!is_command(command))
        return native_misfit(call, 0, "a command");
    struct shell_state state = {0};
    struct buf out = {0}, word = {0}, plain = {0};
    const struct value *const *pieces;
    size_t count = pieces_of(&command, &pieces);
    bool filled = true;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i]->kind != VALUE_EXPRESSION) {
            buf_add(&out, pieces[i]->text, pieces[i]->length);
            shell_scan(&state, pieces[i]->text, pieces[i]->length);
            continue;
        }
        const struct value *text = slot_text(call, pieces[i], slots);
        buf_clear(&plain);
        buf_clear(&word);
        filled = filled && text && native_name_of(text, &plain);
        shell_quote(&word, buf_str(&plain), plain.length);
        shell_fill(&out, &state, buf_str(&word));
    }
    buf_free(&word);
    buf_free(&plain);
    if (filled)
        return native_string(call, &out);
    buf_free(&out);
    if (diag_error_count(call->compilation->diags) == 0)
        native_refuse(call, DIAG_NATIVE_SLOT, command, "a slot of the command is filled by no text");
    return NULL;
}

/* Kubernetes expands $(NAME) in commands and arguments; `$$(` is a literal `$(`. */
const struct value *native_k8s_args(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list of words");
    struct list_builder list = list_begin(call->arena);
    for (size_t i = 0; i < count; i++) {
        const char *text = value_string_or(items[i], NULL);
        if (!text)
            return native_misfit(call, 0, "a list of words");
        struct buf out = {0};
        for (size_t at = 0; at < items[i]->length; at++) {
            if (text[at] == '$' && text[at + 1] == '(')
                buf_add_char(&out, '$');
            buf_add_char(&out, text[at]);
        }
        list_add(&list, value_string_n(call->arena, buf_str(&out), out.length, items[i]->origin));
        buf_free(&out);
    }
    return list_end(&list, native_origin(call));
}
