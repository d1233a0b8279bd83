#ifndef MLC_RUNTIME_EXPECTATIONS_H
#define MLC_RUNTIME_EXPECTATIONS_H

/* What a dataset's declaration demands of its data, computed by the check engine: columns become checks;
 * predicates stay trees, whose measures the engine computes without bounds and which core/expr.h then
 * decides. A predicate over `features` is decided once for each feature column. */

#include <stdbool.h>
#include "compiler/graph.h"
#include "core/diag.h"
#include "runtime/data/check_run.h"

struct expectations_outcome {
    bool hold;
    uint64_t rows;
    size_t count;        /* checks and predicates, one for each column they were decided for */
    const char *problem; /* not NULL: the table could not be read */
};

struct expectations_data {
    struct table *table;
    const struct check_other *others; /* the datasets of expectations_reads, by their names */
    size_t other_count;
    int64_t now_us; /* the time that ages are counted from, in microseconds since 1970 */
};

/* Checks a table against a dataset's columns and expectations; every one that does not hold is reported at
 * its line. Texts live in `arena`. */
struct expectations_outcome expectations_check(struct arena *arena, struct node *dataset,
                                               const struct expectations_data *data, struct diag_sink *diags);

/* The datasets (struct node *) whose rows a dataset's expectations read, each once: `found(city, in:
 * cities)`.
 */
void expectations_reads(struct node *dataset, struct vec *others);

/* The same demands as plain checks with bounds, for engines that know no predicates: one for each column's
 * rule and each `measure OP constant`. A predicate of another form becomes a check whose `label` is its text
 * and whose `error` says why. NULL with 0 when nothing is demanded. */
const struct check *expectations_checks(struct arena *arena, struct node *dataset, size_t *count);

/* One measure of the rows of another table with the dataset's columns, such as captured requests; `feature`
 * is what `features` stands for, or NULL. NULL with `*why`. */
const struct value *expectations_value(struct arena *arena, struct node *dataset, struct node *feature,
                                       const struct expr *measure, struct table *table, const char **why);

/* Hundred times a share, as a person would write it: 0.07 is 7 %, whatever binary arithmetic adds. */
double expectations_percent(double share);

/* The engine's word for a column's declared type: "decimal(10,2)"; of a one_of what its words are. */
const char *expectations_type(struct arena *arena, const struct value *type);

/* The column of a name in the spec, or NULL. */
struct node *expectations_column(struct node *dataset, const char *name);

/* The header of a column in the data by its name in the spec. */
const char *expectations_header(struct node *dataset, const char *name);

#endif
