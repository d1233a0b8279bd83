/* `for x in xs, y in ys where cond`: every combination in order. */

#include "compiler/evaluator/evaluator.h"

struct binding_run {
    const struct ast_binder *binder;
    const struct ast_expr *where;
    struct turn turn;
};

static bool run_turns(struct evaluator *ev, struct scope *scope, const struct binding_run *run);

/* What the binder's one or two names mean in turn `i`. */
static void bind_turn(struct evaluator *ev, struct scope *scope, const struct ast_binder *binder,
                      const struct value *source, size_t i)
{
    bool map = source->kind == VALUE_RECORD;
    const struct value *item, *key;
    if (map) {
        item = source->fields[i].value;
        key = value_string(ev->arena, source->fields[i].key, source->fields[i].key_origin);
    } else {
        item = source->kind == VALUE_LIST
                   ? source->items[i]
                   : value_int(ev->arena, source->low->integer + (int64_t)i, source->origin);
        key = binder->second.text ? value_int(ev->arena, (int64_t)i, source->origin) : NULL;
    }
    if (!binder->second.text) {
        scope_bind(scope, binder->name.text, map ? key : item);
        return;
    }
    scope_bind(scope, binder->name.text, key);
    scope_bind(scope, binder->second.text, item);
}

static bool turn_count(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                       const struct value *source, size_t *count)
{
    enum { RANGE_LIMIT = 10000000 };
    if (source->kind == VALUE_LIST || source->kind == VALUE_RECORD) {
        *count = source->kind == VALUE_LIST ? source->count : source->field_count;
        return true;
    }
    bool ints = source->kind == VALUE_RANGE && source->low && source->high &&
                source->low->kind == VALUE_INT && source->high->kind == VALUE_INT;
    if (!ints) {
        eval_report(ev, DIAG_EVAL_VALUE, eval_origin(ev, scope, expr->span),
                    "`for` runs over a list, a map or a range of whole numbers, not %s",
                    value_kind_name(source));
        return false;
    }
    uint64_t span = (uint64_t)source->high->integer - (uint64_t)source->low->integer;
    *count = source->high->integer < source->low->integer ? 0 : (size_t)span + 1;
    if (source->high->integer >= source->low->integer && span >= RANGE_LIMIT) {
        eval_report(ev, DIAG_EVAL_STEPS, eval_origin(ev, scope, expr->span), "a loop has at most %d turns",
                    RANGE_LIMIT);
        return false;
    }
    return true;
}

static bool run_binder(struct evaluator *ev, struct scope *scope, const struct binding_run *run)
{
    const struct ast_binder *binder = run->binder;
    const struct value *source = eval(ev, scope, binder->source, NULL);
    size_t count = 0;
    if (!source || !turn_count(ev, scope, binder->source, source, &count))
        return false;
    struct binding_run rest = {binder->next, run->where, run->turn};
    bool ok = true;
    for (size_t i = 0; i < count && !ev->stopped; i++) {
        struct scope *inner = scope_new(ev->compilation, scope);
        bind_turn(ev, inner, binder, source, i);
        ok = run_turns(ev, inner, &rest) && ok;
    }
    return ok;
}

static bool run_turns(struct evaluator *ev, struct scope *scope, const struct binding_run *run)
{
    if (run->binder)
        return run_binder(ev, scope, run);
    int condition = run->where ? eval_condition(ev, scope, run->where) : 1;
    if (condition <= 0)
        return condition == 0;
    return run->turn.run(ev, scope, run->turn.context);
}

bool eval_binders(struct evaluator *ev, struct scope *scope, const struct ast_binder *binders,
                  const struct ast_expr *where, struct turn turn)
{
    struct binding_run run = {binders, where, turn};
    return run_turns(ev, scope, &run);
}
