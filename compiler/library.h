#ifndef MLC_COMPILER_LIBRARY_H
#define MLC_COMPILER_LIBRARY_H

/* Functions of the embedded library over plain values, without a project: the templates that write texts for
 * other engines from records which a library of the runtime made. */

#include "compiler/compilation.h"
#include "core/value.h"

/* The library and the templates of one folder of backends ("backends/data/"), declared: mlc checked them when
 * it was built. Never NULL; freed by compilation_free. */
struct compilation *library_open(const char *folder);

/* The value of `function` for arguments in the order of its parameters, without origins (0) and alive as long
 * as the result is. NULL with `*why`, in the compilation's arena, when an argument cannot be taken or a limit
 * was reached. The result lives as long as the compilation. */
const struct value *library_call(struct compilation *compilation, const char *function,
                                 const struct value *const *arguments, size_t count, const char **why);

#endif
