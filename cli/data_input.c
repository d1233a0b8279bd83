#include "cli/data_input.h"

#include <stdlib.h>
#include <string.h>

#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"

enum { JSON_LIMIT = 1 << 28 };

void data_input_options(struct data_input *input, struct option_spec *specs)
{
    const struct option_spec shared[DATA_INPUT_OPTIONS] = {
        {"type", 0, OPTION_LIST, &input->types, "COLUMN=TYPE",
         "A column's type: int, float, string, decimal(12,2) …"},
        {"null", 0, OPTION_LIST, &input->nulls, "TEXT",
         "A spelling of a missing value (only the empty field)"},
        {"delimiter", 0, OPTION_TEXT, &input->delimiter, "CHAR", "The field separator of CSV (found)"},
        {"no-header", 0, OPTION_FLAG, &input->no_header, NULL,
         "The first line of CSV is data: columns are column1, column2 …"},
        {"threads", 0, OPTION_COUNT, &input->threads, "N", "Worker threads (one a core)"},
        {"memory", 0, OPTION_TEXT, &input->memory, "SIZE", "Memory before spilling to files, as 512Mi (1Gi)"},
        {"output", 'o', OPTION_TEXT, &input->output, "FILE", "Where the result goes (standard output)"},
        {"color", 0, OPTION_CHOICE, &input->color, "auto|always|never",
         "Colours of text (auto: on a terminal, unless NO_COLOR is set)"},
    };
    memcpy(specs, shared, sizeof shared);
}

void data_input_free(struct data_input *input)
{
    options_free_values(&input->types);
    options_free_values(&input->nulls);
}

static bool read_types(struct cli *cli, struct arena *arena, const struct data_input *input,
                       struct table_options *options)
{
    struct column_option *columns = arena_array(arena, input->types.count + 1, sizeof *columns);
    for (size_t i = 0; i < input->types.count; i++) {
        const char *text = input->types.items[i], *sign = strrchr(text, '=');
        struct column_schema schema = {.name = ""};
        if (!sign || !column_type_parse(sign + 1, &schema)) {
            fprintf(cli->err,
                    "mlc: --type %s: expected COLUMN=TYPE, with a type such as int, float, string, bool, "
                    "date, timestamp, decimal(12,2)\n",
                    text);
            return false;
        }
        columns[i].name = arena_copy(arena, text, (size_t)(sign - text));
        columns[i].type = sign + 1;
    }
    options->columns = columns;
    options->column_count = input->types.count;
    return true;
}

struct table *data_open(struct cli *cli, struct arena *arena, const struct data_input *input,
                        const char *const *paths, size_t count)
{
    struct table_options options = {.header = input->no_header ? HEADER_NO : HEADER_AUTO};
    struct data_error error;
    if (input->delimiter) {
        bool tab = strcmp(input->delimiter, "\\t") == 0 || strcmp(input->delimiter, "tab") == 0;
        if (!tab && strlen(input->delimiter) != 1) {
            fprintf(cli->err, "mlc: --delimiter wants one character, or `tab`\n");
            return NULL;
        }
        options.delimiter = tab ? '\t' : input->delimiter[0];
    }
    options.nulls = input->nulls.count ? input->nulls.items : NULL;
    options.null_count = input->nulls.count;
    if (!read_types(cli, arena, input, &options))
        return NULL;
    struct table *table = table_open(paths, count, &options, &error);
    if (!table)
        fprintf(cli->err, "mlc: %s\n", error.message);
    return table;
}

bool data_memory(struct cli *cli, const struct data_input *input, uint64_t *bytes)
{
    static const struct {
        const char *suffix;
        uint64_t unit;
    } UNITS[] = {{"Ki", 1ull << 10}, {"Mi", 1ull << 20}, {"Gi", 1ull << 30}, {"", 1}};
    *bytes = 0;
    if (!input->memory)
        return true;
    size_t digits = strspn(input->memory, "0123456789");
    int64_t amount;
    for (size_t i = 0; i < 4; i++)
        if (strcmp(input->memory + digits, UNITS[i].suffix) == 0 &&
            text_to_int(input->memory, digits, &amount) && amount > 0 &&
            (uint64_t)amount < (1ull << 50) / UNITS[i].unit) {
            *bytes = (uint64_t)amount * UNITS[i].unit;
            return true;
        }
    fprintf(cli->err, "mlc: --memory wants a size such as 512Mi or 2Gi, not \"%s\"\n", input->memory);
    return false;
}

const struct value *data_read_json(struct cli *cli, struct arena *arena, const char *path)
{
    struct buf text = {0};
    const char *why = NULL;
    const struct value *document = NULL;
    int failed = file_read(path, JSON_LIMIT, &text);
    if (failed)
        fprintf(cli->err, "mlc: %s: %s\n", path, strerror(-failed));
    else if (!(document = json_read_text(arena, buf_str(&text), text.length, &why)))
        fprintf(cli->err, "mlc: %s: %s\n", path, why);
    buf_free(&text);
    return document;
}

struct profile *data_read_profile(struct arena *arena, const char *path)
{
    struct buf text = {0};
    const char *why = NULL;
    struct profile *profile = NULL;
    struct data_error error;
    if (text_ends_with(path, ".json") && file_read(path, JSON_LIMIT, &text) == 0) {
        const struct value *document = json_read_text(arena, buf_str(&text), text.length, &why);
        profile = document ? profile_from_value(arena, document, &error) : NULL;
    }
    buf_free(&text);
    return profile;
}

struct report_style data_style(const struct cli *cli, const struct data_input *input)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM"), *columns = getenv("COLUMNS");
    const char *when = input->color ? input->color : "auto";
    bool terminal_shows = cli->out_is_terminal && !input->output && (!no_color || !*no_color) &&
                          (!terminal || strcmp(terminal, "dumb") != 0);
    int64_t width = cli->out_is_terminal && !input->output ? (int64_t)cli->width : 0;
    if (columns)
        text_to_int(columns, strlen(columns), &width);
    return (struct report_style){.color = strcmp(when, "always") == 0 ||
                                          (strcmp(when, "auto") == 0 && terminal_shows),
                                 .width = width >= 20 && width < 10000 ? (size_t)width : 0};
}

const char *data_label(struct arena *arena, const char *const *paths, size_t count)
{
    if (count <= 1)
        return paths[0];
    return arena_printf(arena, "%s and %zu more file%s", paths[0], count - 1, count > 2 ? "s" : "");
}

bool data_write(struct cli *cli, const struct data_input *input, const struct buf *text)
{
    if (!input->output) {
        fwrite(buf_str(text), 1, text->length, cli->out);
        return true;
    }
    int failed = file_write_output(input->output, buf_str(text), text->length, 0644);
    if (failed)
        fprintf(cli->err, "mlc: %s: %s\n", input->output, strerror(-failed));
    return failed == 0;
}
