/* Bodies of functions and templates, read as their declared result says. */

#include <string.h>
#include "compiler/check.h"

static bool is_head(const struct ast_item *item, const char *head)
{
    return item->kind == AST_STATEMENT && item->key.text != NULL && !item->key.quoted &&
           strcmp(item->key.text, head) == 0;
}

static void check_let(struct checker *c, struct check_scope **s, const struct ast_item *item)
{
    const char *name = match_literal_name(item->value);
    const struct type *want = item->type == NULL ? NULL : type_of_expr(c->compilation, item->type);
    const struct type *type = want == NULL ? check_type(c, *s, item->default_value, NULL)
                                           : (check_expr(c, *s, item->default_value, want), want);
    if (name != NULL)
        *s = check_bind(c, *s, name, item->value->span, type);
}

bool check_common_item(struct checker *c, struct check_scope **s, const struct ast_item *item)
{
    if (is_head(item, "let") && item->value != NULL && item->default_value != NULL) {
        check_let(c, s, item);
        return true;
    }
    if (!is_head(item, "require") || item->value == NULL)
        return false;
    check_condition(c, *s, item->value);
    const struct ast_clause *otherwise = item->clauses;
    if (otherwise == NULL || otherwise->kind != AST_CLAUSE_ELSE) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_FORM, item->span,
                                        "a requirement says why: `require CONDITION else \"text\"`");
        diag_label(diag, "no text");
    } else {
        check_expr(c, check_assume(c, *s, item->value, false), otherwise->values,
                   type_scalar(c->compilation, TYPE_STRING));
    }
    *s = check_assume(c, *s, item->value, true);
    return true;
}

static void reject(struct checker *c, const struct ast_item *item, const char *what)
{
    if (item->kind == AST_ERROR_ITEM)
        return;
    diag_label(diag_report(c->compilation->diags, DIAG_TYPE_BODY, item->span, "%s", what), "not here");
}

/* ---- bodies of lists: bare items are elements, lists among them are spliced */

static void check_elements(struct checker *c, struct check_scope *s, const struct ast_block *block,
                           const struct type *element);

static void check_element_if(struct checker *c, struct check_scope *s, const struct ast_item *item,
                             const struct type *element)
{
    if (item->kind == AST_ELSE) {
        check_elements(c, s, item->block, element);
        return;
    }
    check_condition(c, s, item->value);
    check_elements(c, check_assume(c, s, item->value, true), item->block, element);
    if (item->other != NULL)
        check_element_if(c, check_assume(c, s, item->value, false), item->other, element);
}

static void check_element(struct checker *c, struct check_scope *s, const struct ast_expr *value,
                          const struct type *element)
{
    bool braces = value->kind == AST_BLOCK;
    const struct type *list = type_list(c->compilation, element);
    const struct type *type = check_type(c, s, value, value->kind == AST_LIST ? list : element);
    if (type_fits(type, element) || (!braces && type_fits(type, list)))
        return;
    check_mismatch(c, value, type, element);
}

/* `{ … }` written as an element: the parser gives a statement without a head, or a value. */
static void check_elements(struct checker *c, struct check_scope *s, const struct ast_block *block,
                           const struct type *element)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next) {
        if (check_common_item(c, &s, item))
            continue;
        switch (item->kind) {
        case AST_VALUE:
            check_element(c, s, item->value, element);
            break;
        case AST_SPREAD:
            check_expr(c, s, item->value, type_list(c->compilation, element));
            break;
        case AST_FOR:
            check_elements(c, check_binders(c, s, item->binders, item->where), item->block, element);
            break;
        case AST_IF_ITEM:
            check_element_if(c, s, item, element);
            break;
        default:
            reject(c, item, "a body of a list takes its elements, `for`, `if`, `let` and `require`");
        }
    }
}

/* ---- bodies of HCL blocks */

static void check_blocks(struct checker *c, struct check_scope *s, const struct ast_block *block);

static void check_blocks_if(struct checker *c, struct check_scope *s, const struct ast_item *item)
{
    if (item->kind == AST_ELSE) {
        check_blocks(c, s, item->block);
        return;
    }
    check_condition(c, s, item->value);
    check_blocks(c, check_assume(c, s, item->value, true), item->block);
    if (item->other != NULL)
        check_blocks_if(c, check_assume(c, s, item->value, false), item->other);
}

/* `resource aws_s3_bucket[b] { … }`, `backend "s3" { … }`, `lifecycle { … }`. */
static void check_block_head(struct checker *c, struct check_scope *s, const struct ast_item *item)
{
    const struct ast_expr *label = item->value;
    const struct type *string = type_scalar(c->compilation, TYPE_STRING);
    if (label != NULL && label->kind == AST_INDEX && label->left->kind == AST_NAME)
        check_expr(c, s, label->right, string);
    else if (label != NULL && label->kind == AST_STRING)
        check_expr(c, s, label, string);
    else if (label != NULL && label->kind != AST_NAME && label->kind != AST_INVALID)
        reject(c, item,
               "a block of HCL is written `type name[label] { … }`, `type \"label\" { … }` or `type { … }`");
    if (item->block == NULL)
        reject(c, item, "an argument is written `key = value`, a block `type { … }`");
    check_blocks(c, s, item->block);
}

static void check_argument(struct checker *c, struct check_scope *s, const struct ast_item *item)
{
    const struct type *type = check_type(c, s, item->value, NULL);
    check_data(c, item->value, type);
}

static void check_blocks(struct checker *c, struct check_scope *s, const struct ast_block *block)
{
    const struct type *blocks = type_scalar(c->compilation, TYPE_BLOCKS);
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next) {
        if (check_common_item(c, &s, item))
            continue;
        switch (item->kind) {
        case AST_ASSIGN:
            check_argument(c, s, item);
            break;
        case AST_STATEMENT:
            check_block_head(c, s, item);
            break;
        case AST_VALUE:
        case AST_SPREAD:
            check_expr(c, s, item->value, blocks);
            break;
        case AST_FOR:
            check_blocks(c, check_binders(c, s, item->binders, item->where), item->block);
            break;
        case AST_IF_ITEM:
            check_blocks_if(c, s, item);
            break;
        default:
            reject(c, item, "a body of blocks takes `key = value` and `type name { … }`");
        }
    }
}

/* ---- bodies of one value */

static void check_value_body(struct checker *c, struct check_scope *s, const struct function *function)
{
    const struct ast_item *value = NULL;
    for (const struct ast_item *item = function->body->items; item != NULL; item = item->next) {
        if (check_common_item(c, &s, item))
            continue;
        if (item->kind == AST_VALUE && value == NULL) {
            value = item;
            check_expr(c, s, item->value, function->result);
        } else {
            reject(c, item, "a body of this result takes `let`s, `require`s and one value");
        }
    }
    if (value != NULL || function->result->kind == TYPE_BAD)
        return;
    struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_BODY, function->span,
                                    "`%s` gives no value", function->name);
    diag_label(diag, "expected %s", type_phrase(c->compilation, function->result));
}

static bool is_record(const struct type *type)
{
    return type->kind == TYPE_RECORD || type->kind == TYPE_DOCUMENT || type->kind == TYPE_MAP ||
           type->kind == TYPE_CLOSED || type->kind == TYPE_JSON;
}

/* A body of one expression may be the whole list, or its one element. */
static void check_only_element(struct checker *c, struct check_scope *s, const struct ast_expr *value,
                               const struct type *list)
{
    const struct type *element = list->element;
    const struct type *type = check_type(c, s, value, value->kind == AST_BLOCK ? element : list);
    if (!type_fits(type, list) && !type_fits(type, element))
        check_mismatch(c, value, type, list);
}

static bool is_single_value(const struct ast_block *block)
{
    return block->items != NULL && block->items->next == NULL && block->items->kind == AST_VALUE;
}

static void check_body(struct checker *c, struct check_scope *s, const struct function *function)
{
    const struct type *result = type_present(c->compilation, function->result);
    if (result->kind == TYPE_LIST && is_single_value(function->body)) {
        check_only_element(c, s, function->body->items->value, result);
    } else if (result->kind == TYPE_LIST) {
        check_elements(c, s, function->body, result->element);
    } else if (result->kind == TYPE_BLOCKS) {
        check_blocks(c, s, function->body);
    } else if (is_record(result)) {
        const struct type *type = check_record(c, s, function->body, function->result, function->span);
        if (!type_fits(type, function->result))
            diag_report(c->compilation->diags, DIAG_TYPE_MISMATCH, function->span, "expected %s, found %s",
                        type_phrase(c->compilation, function->result), type_phrase(c->compilation, type));
    } else {
        check_value_body(c, s, function);
    }
}

void check_function(struct checker *c, const struct function *function)
{
    struct check_scope *s = NULL;
    for (size_t i = 0; i < function->parameter_count; i++) {
        const struct parameter *parameter = &function->parameters[i];
        if (parameter->default_value != NULL)
            check_expr(c, s, parameter->default_value, parameter->type);
    }
    for (size_t i = 0; i < function->parameter_count; i++)
        s = check_bind(c, s, function->parameters[i].name, function->parameters[i].span,
                       function->parameters[i].type);
    check_body(c, s, function);
}

/* ---- templates */

static void check_template_items(struct checker *c, struct check_scope *s, const struct ast_block *block,
                                 const struct type *content);

static void check_template_if(struct checker *c, struct check_scope *s, const struct ast_item *item,
                              const struct type *content)
{
    if (item->kind == AST_ELSE) {
        check_template_items(c, s, item->block, content);
        return;
    }
    check_condition(c, s, item->value);
    check_template_items(c, check_assume(c, s, item->value, true), item->block, content);
    if (item->other != NULL)
        check_template_if(c, check_assume(c, s, item->value, false), item->other, content);
}

/* What a file holds: documents and lists of them, lines of text, or HCL blocks. */
static void check_content(struct checker *c, struct check_scope *s, const struct ast_expr *value)
{
    struct compilation *k = c->compilation;
    const struct type *type = check_type(c, s, value, NULL);
    const struct type *element = type->kind == TYPE_LIST ? type->element : type;
    bool fits = type_fits(element, type_scalar(k, TYPE_DOCUMENT)) ||
                type_fits(element, type_scalar(k, TYPE_BLOCKS)) ||
                type_fits(element, type_scalar(k, TYPE_STRING));
    if (!fits)
        check_mismatch(c, value, type, type_scalar(k, TYPE_DOCUMENT));
}

/* `file "path" { … }`: a path without holes of the target. */
static void check_file(struct checker *c, struct check_scope *s, const struct ast_item *item)
{
    check_expr(c, s, item->value, type_scalar(c->compilation, TYPE_STRING));
    check_template_items(c, s, item->block, type_scalar(c->compilation, TYPE_DOCUMENT));
}

static void check_template_items(struct checker *c, struct check_scope *s, const struct ast_block *block,
                                 const struct type *content)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next) {
        if (check_common_item(c, &s, item))
            continue;
        if (item->kind == AST_FOR)
            check_template_items(c, check_binders(c, s, item->binders, item->where), item->block, content);
        else if (item->kind == AST_IF_ITEM)
            check_template_if(c, s, item, content);
        else if (content == NULL && is_head(item, "file") && item->value != NULL && item->block != NULL)
            check_file(c, s, item);
        else if (content != NULL && (item->kind == AST_VALUE || item->kind == AST_SPREAD))
            check_content(c, s, item->value);
        else
            reject(c, item,
                   content == NULL
                       ? "a template takes `file \"path\" { … }`, `for`, `if`, `let` and `require`"
                       : "a file takes documents, `for`, `if`, `let` and `require`");
    }
}

void check_template(struct checker *c, const struct ast_block *body)
{
    check_template_items(c, NULL, body, NULL);
}
