#ifndef MLC_CLI_PROJECT_H
#define MLC_CLI_PROJECT_H

/* What most commands begin with: a folder of *.mlc, compiled, its diagnostics printed. */

#include <stdbool.h>
#include "cli/cli.h"
#include "cli/options.h"
#include "compiler/compilation.h"
#include "compiler/graph.h"

/* Compiles the project in `folder` up to `until` (NULL: all passes), with the backends' templates if asked.
 * Never NULL; free with compilation_free. Diagnostics are in `compilation->diags`, not printed yet. */
struct compilation *project_compile(struct cli *cli, const char *folder, const char *until,
                                    bool with_backends);

/* The same under policies from files or folders outside the project (load_policy). */
struct compilation *project_compile_under(struct cli *cli, const char *folder, const char *until,
                                          bool with_backends, struct option_values policies);

/* Prints the diagnostics in a format ("text" to err; "json" and "sarif" to out). True when there is no error.
 */
bool project_report(struct cli *cli, struct compilation *compilation, const char *format);

/* The two together in text, for commands that go on only when all is well: NULL after printing errors. */
struct compilation *project_open(struct cli *cli, const char *folder, bool with_backends);

/* The graph of a file that `mlc ir` or a build wrote, checked by its hash, for what runs in `folder` without
 * the spec; `lock` (NULL: the folder's mlc.lock) says what is promoted. NULL after printing why. */
struct compilation *project_open_ir(struct cli *cli, const char *path, const char *folder, const char *lock);

/* The path of the project's lock, in the compilation's arena. */
const char *project_lock_path(const struct compilation *compilation);

#endif
