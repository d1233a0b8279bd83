#ifndef MLC_CLI_BUILD_H
#define MLC_CLI_BUILD_H

/* What other commands ask of a build. */

#include <stdbool.h>
#include "backends/backend.h"
#include "cli/cli.h"

/* Explains where a line of a generated file comes from: `place` is "FILE:LINE". The exit code. */
int build_explain(struct cli *cli, const char *place);

/* True if the text is "FILE:LINE". */
bool build_is_place(const char *text);

/* Compiles the project in `folder` and makes its files again (after a change of the lock): what `mlc build`
 * does, without output. False after printing why. */
bool build_again(struct cli *cli, const char *folder);

#endif
