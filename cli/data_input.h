#ifndef MLC_CLI_DATA_INPUT_H
#define MLC_CLI_DATA_INPUT_H

/* What the commands of `mlc data` share: options about input and output, opening of files. */

#include "cli/options.h"
#include "core/arena.h"
#include "core/buf.h"
#include "runtime/data/profile.h"
#include "runtime/data/report.h"
#include "runtime/data/source.h"

struct data_input {
    struct option_values types; /* COLUMN=TYPE */
    struct option_values nulls;
    const char *delimiter;
    bool no_header;
    long threads;
    const char *memory; /* "512Mi" */
    const char *output; /* -o FILE */
    const char *color;  /* auto, always, never; NULL: auto */
};

enum { DATA_INPUT_OPTIONS = 8 };

/* Writes the shared options (DATA_INPUT_OPTIONS of them) to `specs`. */
void data_input_options(struct data_input *input, struct option_spec *specs);
void data_input_free(struct data_input *input);

/* Opens files with the options; NULL after the reason was printed. */
struct table *data_open(struct cli *cli, struct arena *arena, const struct data_input *input,
                        const char *const *paths, size_t count);
/* Bytes of --memory, 0 for the default; false after the reason was printed. */
bool data_memory(struct cli *cli, const struct data_input *input, uint64_t *bytes);

/* A JSON file as a value; NULL after the reason was printed. */
const struct value *data_read_json(struct cli *cli, struct arena *arena, const char *path);

/* A stored profile, when the file is one: NULL without a word when it is not. */
struct profile *data_read_profile(struct arena *arena, const char *path);

/* How text is printed: in colours on a terminal without NO_COLOR, unless --color says otherwise; as wide as
 * the terminal or as COLUMNS says, and as wide as it needs elsewhere. */
struct report_style data_style(const struct cli *cli, const struct data_input *input);

/* What reports call the data: its path, and how many files stand behind it. */
const char *data_label(struct arena *arena, const char *const *paths, size_t count);

/* Writes to --output or standard output; false after the reason was printed. */
bool data_write(struct cli *cli, const struct data_input *input, const struct buf *text);

/* The doors of `mlc data`. */
int cli_data_profile(struct cli *cli, int argc, char **argv);
int cli_data_check(struct cli *cli, int argc, char **argv);
int cli_data_drift(struct cli *cli, int argc, char **argv);
int cli_data_export(struct cli *cli, int argc, char **argv);

#endif
