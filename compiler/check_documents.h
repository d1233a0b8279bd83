#ifndef MLC_COMPILER_CHECK_DOCUMENTS_H
#define MLC_COMPILER_CHECK_DOCUMENTS_H

/* Checks the documents that templates write against published schemas, without running anything: every record
 * of every branch, through the helpers that make its parts. Done when mlc is built and in tests; what users
 * get needs no schema. */

#include <stdbool.h>
#include "compiler/compilation.h"
#include "core/value.h"

struct document_schemas {
    void *context;
    /* The OpenAPI schema of a kind ("apps/v1", "Deployment"); *root is the document in which its references
     * lie. NULL: none is known, nothing is checked. */
    const struct value *(*find)(void *context, const char *api_version, const char *kind,
                                const struct value **root);
};

/* Reports unknown fields and literals of a wrong type in the functions with the result `document` or
 * `[document]`. True when nothing was reported. */
bool check_documents(struct compilation *compilation, const struct document_schemas *schemas);

#endif
