#ifndef MLC_RUNTIME_GATE_H
#define MLC_RUNTIME_GATE_H

/* Decides the requirements of a model's gate from metrics files.
 *
 * A metrics file is one JSON object: {"accuracy": 0.97, "accuracy.by.species.setosa": 1.0}; slices may also
 * be nested
 * ({"accuracy.by": {"species": {"setosa": 1.0}}}). A number that is missing or not finite decides nothing:
 * the requirement does not hold and says why.
 *
 * no_worse(m, than: champion, by: d): for a share (ratio, percent) d is points, for other metrics it is
 * relative; the direction is the metric's own. better(…) is the same with a strict bound;
 * reaches(m, bound) is >= or <= by the metric's direction.
 *
 * m.by(column) is each slice: all must hold. min(m.by(column)) and max(…) are the slices' ends. */

#include "compiler/graph.h"
#include "core/value.h"
#include "core/vec.h"
#include "runtime/run.h"

struct gate_input {
    struct node *gate;
    const struct value *metrics;          /* of the candidate; never NULL */
    const struct value *champion_metrics; /* on the same holdout; NULL: there is no champion */
};

/* Pushes one `struct verdict *` a requirement, in the order of the spec. True when all hold. */
bool gate_decide(struct arena *arena, const struct gate_input *input, struct vec *verdicts);

#endif
