/* mlc data profile: what a file holds. */

#include <string.h>

#include "cli/data_input.h"
#include "cli/data_templates.h"
#include "core/documents/json.h"
#include "runtime/data/report.h"

struct profile_flags {
    struct data_input input;
    const char *format;
    struct option_values columns;
    bool suggest, approximate;
};

/* The spellings of --null; NULL: those of a dataset that names none. */
static const struct value *null_spellings(struct arena *arena, const struct data_input *input)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < input->nulls.count; i++)
        list_add(&list, value_string(arena, input->nulls.items[i], 0));
    return input->nulls.count ? list_end(&list, 0) : NULL;
}

static bool render(struct cli *cli, struct arena *arena, const struct profile_flags *flags,
                   const char *const *paths, size_t count, const struct table *table,
                   const struct profile *profile, struct buf *out)
{
    const char *label = data_label(arena, paths, count);
    if (flags->suggest) {
        const char *path = templates_path(cli, arena, paths, count);
        return path &&
               templates_dataset(cli, arena, path, table, profile, null_spellings(arena, &flags->input), out);
    } else if (flags->format && strcmp(flags->format, "json") == 0) {
        json_write(out, profile_to_value(arena, profile), (struct json_style){JSON_PRETTY, false}, NULL);
        buf_add_char(out, '\n');
    } else if (flags->format && strcmp(flags->format, "html") == 0) {
        report_html(out, &(struct report_page){.title = "Data profile", .data = label, .profile = profile});
    } else {
        report_profile_text(out, label, profile, data_style(cli, &flags->input));
    }
    return true;
}

static int run(struct cli *cli, struct arena *arena, const struct profile_flags *flags,
               const char *const *paths, size_t count)
{
    struct profile_options options = {.threads = (unsigned)flags->input.threads,
                                      .approximate = flags->approximate,
                                      .columns = flags->columns.count ? flags->columns.items : NULL,
                                      .column_count = flags->columns.count};
    struct data_error error;
    struct buf out = {0};
    if (!data_memory(cli, &flags->input, &options.memory))
        return EXIT_USAGE;
    struct data_input input = flags->input; /* a suggestion is for a dataset, which reads more as missing */
    if (flags->suggest && input.nulls.count == 0)
        input.nulls.items = templates_nulls(arena, &input.nulls.count);
    struct table *table = data_open(cli, arena, &input, paths, count);
    if (!table)
        return EXIT_FAILED;
    struct profile *profile = profile_table(arena, table, &options, &error);
    int code = EXIT_FAILED;
    if (profile) {
        bool good = render(cli, arena, flags, paths, count, table, profile, &out);
        code = good && data_write(cli, &flags->input, &out) ? EXIT_OK : EXIT_FAILED;
    } else {
        fprintf(cli->err, "mlc: %s\n", error.message);
    }
    buf_free(&out);
    table_close(table);
    return code;
}

int cli_data_profile(struct cli *cli, int argc, char **argv)
{
    struct profile_flags flags = {0};
    struct option_spec specs[DATA_INPUT_OPTIONS + 5] = {
        {"format", 0, OPTION_CHOICE, &flags.format, "text|json|html", "How it is printed (text)"},
        {"suggest", 0, OPTION_FLAG, &flags.suggest, NULL,
         "Write a dataset block with expectations to start from"},
        {"column", 'c', OPTION_LIST, &flags.columns, "NAME", "Only this column (all)"},
        {"approximate", 0, OPTION_FLAG, &flags.approximate, NULL,
         "Sketches instead of exact counts; labelled so"},
    };
    data_input_options(&flags.input, specs + 4);
    const struct options_page page = {
        "mlc data profile [OPTIONS] FILE…",
        "Reads the data once and says for each column its type, missing and distinct values, range, "
        "quantiles and\n"
        "distribution. The JSON form is a stored profile, which `mlc data drift` takes as its reference.",
        specs, 1, -1};
    int count, code = EXIT_OK;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result == OPTIONS_OK) {
        struct arena *arena = arena_new();
        code = run(cli, arena, &flags, (const char *const *)argv + 1, (size_t)count);
        arena_free(arena);
    }
    data_input_free(&flags.input);
    options_free_values(&flags.columns);
    return result == OPTIONS_WRONG ? EXIT_USAGE : code;
}
