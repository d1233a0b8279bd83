#include "compiler/library.h"

#include "compiler/evaluate.h"

/* The first error, for people. */
static const char *first_error(const struct compilation *compilation)
{
    for (size_t i = 0; i < diag_count(compilation->diags); i++)
        if (diag_at(compilation->diags, i)->severity == DIAG_ERROR)
            return diag_at(compilation->diags, i)->message;
    return "the library is not complete";
}

struct compilation *library_open(const char *folder)
{
    struct compilation *compilation = compilation_new();
    load_library(compilation, false);
    load_templates(compilation, folder);
    compile(compilation, "declare");
    return compilation;
}

const struct value *library_call(struct compilation *compilation, const char *function,
                                 const struct value *const *arguments, size_t count, const char **why)
{
    const struct function *found = map_get(compilation->declarations.functions, function);
    const struct value *result = found ? evaluate_call(compilation, found, arguments, count, NULL, 0) : NULL;
    if (!result)
        *why = first_error(compilation);
    return result;
}
