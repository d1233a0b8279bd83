/* Checks from anywhere through the templates: a query in each dialect and a suite, whatever the names, values
 * and conditions. Texts are written or refused, never anything else. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "compiler/library.h"
#include "core/documents/json.h"
#include "runtime/data/check_values.h"
#include "runtime/data/suite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each ends with a text: the library was checked, and what has no form there is an error of its check. */
static void write_all(struct arena *arena, const struct suite *suite)
{
    static const char *const dialects[] = {"postgres", "duckdb"};
    struct compilation *library = library_open("backends/data/");
    const struct value *checks = checks_to_value(arena, suite->checks, suite->count);
    const char *why = NULL;
    for (size_t i = 0; i < 2; i++) {
        const struct value *arguments[] = {checks, value_string(arena, "a.b\"c", 0),
                                           value_string(arena, dialects[i], 0)};
        const struct value *query = library_call(library, "data.query", arguments, 3, &why);
        if (!query || value_get(query, "errors")->count != suite->count)
            abort();
    }
    const struct value *arguments[] = {value_string(arena, "suite", 0), checks}, *bad = NULL;
    const struct value *said = library_call(library, "data.suite", arguments, 2, &why);
    struct buf out = {0};
    if (!said ||
        !json_write(&out, value_get(said, "document"), (struct json_style){JSON_PRETTY, false}, &bad))
        abort();
    buf_free(&out);
    compilation_free(library);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct value *document =
        size < 16384 ? json_read_text(arena, (const char *)data, size, &why) : NULL;
    const struct suite *suite = document ? suite_read(arena, document, &why) : NULL;
    if (suite && suite->count <= 20)
        write_all(arena, suite);
    arena_free(arena);
    return 0;
}
