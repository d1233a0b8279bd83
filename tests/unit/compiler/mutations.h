#ifndef MLC_TESTS_UNIT_COMPILER_MUTATIONS_H
#define MLC_TESTS_UNIT_COMPILER_MUTATIONS_H

/* Planted mistakes: for a parsed file, every place where a rule applies gives one edit of its text. Which
 * edits the checker catches is what check_mutations.c counts. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compiler/compilation.h"
#include "compiler/match.h"
#include "core/buf.h"

enum rule {
    RULE_FIELD,     /* an attribute that is read, misspelt */
    RULE_KEY,       /* an attribute that is written, a head or a key of a record, misspelt */
    RULE_ARGUMENT,  /* the last argument dropped */
    RULE_NAMED,     /* an argument's name misspelt */
    RULE_NARROWING, /* `x != null` turned to `true` */
    RULE_WORD,      /* a compared word misspelt */
    RULE_NAME,      /* a name misspelt */
    RULE_UNIT,      /* a quantity of another unit, or a number without one */
    RULE_VALUE,     /* a number turned to a text, a text to a number */
    RULE_COUNT
};

static const char *const rule_names[RULE_COUNT] = {"field", "key",  "argument", "argument name", "narrowing",
                                                   "word",  "name", "unit",     "value"};

struct mutation {
    enum rule rule;
    struct span span;
    const char *text;
};

struct planting {
    struct arena *arena;
    const struct source *source;
    bool documents; /* of Kubernetes: keys and literals of records too */
    bool template;  /* of a backend: read attributes, arguments, narrowing; else of a spec */
    struct mutation *list;
    size_t count, capacity;
};

static inline void plant(struct planting *p, enum rule rule, struct span span, const char *text)
{
    if (p->count == p->capacity) {
        p->capacity = p->capacity == 0 ? 256 : p->capacity * 2;
        p->list = realloc(p->list, p->capacity * sizeof *p->list);
    }
    p->list[p->count++] = (struct mutation){rule, span, text};
}

/* Two letters at the end change places; short or doubled ones get one more. */
static inline const char *misspelt(struct planting *p, const char *word)
{
    size_t length = strlen(word);
    char *text = arena_printf(p->arena, "%sq", word);
    if (length >= 4 && word[length - 1] != word[length - 2] && isalpha((unsigned char)word[length - 1]) &&
        isalpha((unsigned char)word[length - 2])) {
        text[length - 2] = word[length - 1];
        text[length - 1] = word[length - 2];
        text[length] = '\0';
    }
    return text;
}

static inline void plant_block(struct planting *p, const struct ast_block *block);
static inline void plant_expr(struct planting *p, const struct ast_expr *expr);

static inline void plant_number(struct planting *p, const struct ast_expr *expr)
{
    const char *text = expr->number;
    char last = text[strlen(text) - 1];
    if (isdigit((unsigned char)last)) {
        plant(p, RULE_VALUE, expr->span, "\"planted\"");
        return;
    }
    plant(p, RULE_UNIT, expr->span, strstr(text, "i") != NULL ? "5%" : "512Mi");
    char *bare = arena_strdup(p->arena, text);
    bare[strspn(bare, "0123456789._")] = '\0';
    plant(p, RULE_UNIT, expr->span, bare);
}

static inline bool is_null_test(const struct ast_expr *expr)
{
    return expr->kind == AST_BINARY && expr->op == AST_OP_NE && expr->right->kind == AST_NULL;
}

static inline void plant_compared(struct planting *p, const struct ast_expr *side)
{
    const char *word = match_literal_name(side);
    if (side->kind == AST_STRING && word != NULL && strlen(word) > 2)
        plant(p, RULE_WORD, side->span, arena_printf(p->arena, "\"%s\"", misspelt(p, word)));
}

static inline void plant_arguments(struct planting *p, const struct ast_expr *call)
{
    const struct ast_argument *last = NULL, *before = NULL;
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next) {
        if (a->name.text != NULL)
            plant(p, RULE_NAMED, a->name.span, misspelt(p, a->name.text));
        before = last;
        last = a;
    }
    /* In a spec an argument with a name is one that has a default. */
    if (last == NULL || (!p->template && last->name.text != NULL))
        return;
    struct span span = last->span;
    span.start = before != NULL ? before->span.end : span.start;
    plant(p, RULE_ARGUMENT, span, "");
}

static inline void plant_elements(struct planting *p, const struct ast_element *e)
{
    for (; e != NULL; e = e->next) {
        plant_expr(p, e->value);
        plant_expr(p, e->where);
        for (const struct ast_binder *b = e->binders; b != NULL; b = b->next)
            plant_expr(p, b->source);
        plant_elements(p, e->body);
    }
}

static inline void plant_parts(struct planting *p, const struct ast_expr *expr)
{
    plant_expr(p, expr->left);
    plant_expr(p, expr->right);
    plant_expr(p, expr->third);
    plant_expr(p, expr->where);
    plant_elements(p, expr->elements);
    for (const struct ast_argument *a = expr->arguments; a != NULL; a = a->next)
        plant_expr(p, a->value);
    for (const struct ast_piece *piece = expr->pieces; piece != NULL; piece = piece->next)
        plant_expr(p, piece->hole);
    for (const struct ast_binder *b = expr->binders; b != NULL; b = b->next)
        plant_expr(p, b->source);
    plant_block(p, expr->block);
}

static inline void plant_free(struct planting *p, const struct ast_block *block)
{
    for (const struct ast_item *item = block->items; item != NULL; item = item->next)
        if (item->value != NULL && item->value->kind != AST_NUMBER && item->value->kind != AST_BLOCK)
            plant_expr(p, item->value);
}

static inline void plant_expr(struct planting *p, const struct ast_expr *expr)
{
    if (expr == NULL)
        return;
    bool quoted = expr->kind == AST_NAME && expr->name.quoted;
    if (expr->kind == AST_FIELD)
        plant(p, RULE_FIELD, expr->name.span, misspelt(p, expr->name.text));
    else if (expr->kind == AST_NAME && !quoted)
        plant(p, RULE_NAME, expr->span, misspelt(p, expr->name.text));
    else if (expr->kind == AST_NUMBER && !p->template)
        plant_number(p, expr);
    else if (expr->kind == AST_CALL)
        plant_arguments(p, expr);
    if (p->template && is_null_test(expr))
        plant(p, RULE_NARROWING, expr->span, "true");
    if (expr->kind == AST_BINARY && (expr->op == AST_OP_EQ || expr->op == AST_OP_NE)) {
        plant_compared(p, expr->right);
        plant_compared(p, expr->left);
    }
    /* Free maps hold any data: a number that became a text is well-formed there. */
    if (expr->kind != AST_BLOCK || p->template)
        plant_parts(p, expr);
    else
        plant_free(p, expr->block);
}

/* A text or a list to a number, a number to a text. */
static inline void plant_literal(struct planting *p, const struct ast_expr *value)
{
    if (value->kind == AST_STRING || value->kind == AST_LIST)
        plant(p, RULE_VALUE, value->span, "7");
    else if (value->kind == AST_NUMBER || value->kind == AST_TRUE || value->kind == AST_FALSE)
        plant(p, RULE_VALUE, value->span, "\"planted\"");
}

static inline bool is_data(const struct ast_item *item)
{
    return item->kind == AST_ENTRY;
}

static inline void plant_item(struct planting *p, const struct ast_item *item)
{
    bool key = item->key.text != NULL && !item->key.quoted && item->key_expr == NULL;
    if (key && !p->template && !is_data(item))
        plant(p, RULE_KEY, item->key.span, misspelt(p, item->key.text));
    if (key && p->documents && item->kind == AST_ENTRY) {
        plant(p, RULE_KEY, item->key.span, misspelt(p, item->key.text));
        plant_literal(p, item->value);
    }
    bool declares = item->kind == AST_STATEMENT && item->value != NULL &&
                    (item->value->kind == AST_NAME || item->value->kind == AST_STRING);
    if (!declares)
        plant_expr(p, item->value);
    plant_expr(p, item->key_expr);
    plant_expr(p, item->where);
    if (p->template)
        plant_expr(p, item->default_value);
    for (const struct ast_binder *b = item->binders; b != NULL; b = b->next)
        plant_expr(p, b->source);
    for (const struct ast_clause *clause = item->clauses; clause != NULL; clause = clause->next) {
        plant_expr(p, clause->values);
        for (const struct ast_argument *a = clause->more; a != NULL; a = a->next)
            plant_expr(p, a->value);
    }
    plant_block(p, item->block);
    if (item->other != NULL)
        plant_item(p, item->other);
}

static inline void plant_block(struct planting *p, const struct ast_block *block)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next)
        plant_item(p, item);
}

/* The bodies of a template file's functions and templates: signatures are not mutated. */
static inline void plant_file(struct planting *p, const struct ast_file *file)
{
    for (const struct ast_item *item = file->body->items; item != NULL; item = item->next) {
        bool body = item->kind == AST_STATEMENT &&
                    (strcmp(item->key.text, "fn") == 0 || strcmp(item->key.text, "template") == 0);
        if (!p->template) {
            plant_item(p, item);
        } else if (body) {
            plant_block(p, item->block);
            plant_expr(p, item->default_value);
        }
    }
}

static inline char *mutated(const struct source *source, const struct mutation *mutation)
{
    struct buf out = {0};
    buf_add(&out, source->text, mutation->span.start);
    buf_add_str(&out, mutation->text);
    buf_add(&out, source->text + mutation->span.end, source->length - mutation->span.end);
    return buf_take(&out);
}

#endif
