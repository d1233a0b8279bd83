#ifndef MLC_BACKENDS_NULL_NULL_H
#define MLC_BACKENDS_NULL_NULL_H

/* Makes nothing: what compiling alone costs. For tests and benchmarks. */

#include "backends/backend.h"

extern const struct backend backend_null;

#endif
