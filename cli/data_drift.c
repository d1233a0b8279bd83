/* mlc data drift: a file against a reference. */

#include <string.h>

#include "cli/data_input.h"
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/data/report.h"

struct drift_flags {
    struct data_input input;
    const char *format, *threshold, *correction, *share;
    struct option_values columns, measures;
    bool all, approximate;
};

static bool read_number(struct cli *cli, const char *name, const char *text, double *out)
{
    if (text_to_double(text, strlen(text), out) && *out >= 0)
        return true;
    fprintf(cli->err, "mlc: --%s wants a number, not \"%s\"\n", name, text);
    return false;
}

static bool read_options(struct cli *cli, struct arena *arena, const struct drift_flags *flags,
                         struct drift_options *options)
{
    *options = (struct drift_options){.threads = (unsigned)flags->input.threads,
                                      .approximate = flags->approximate,
                                      .columns = flags->columns.count ? flags->columns.items : NULL,
                                      .column_count = flags->columns.count,
                                      .measures = flags->measures.count ? flags->measures.items : NULL,
                                      .measure_count = flags->measures.count};
    if (flags->all) {
        const char **names = arena_array(arena, DRIFT_MEASURE_COUNT, sizeof *names);
        for (unsigned i = 0; i < DRIFT_MEASURE_COUNT; i++)
            names[i] = drift_measure_name((enum drift_measure)i);
        options->measures = names;
        options->measure_count = DRIFT_MEASURE_COUNT;
    }
    for (size_t i = 0; i < flags->measures.count; i++)
        if (drift_measure_by_name(flags->measures.items[i]) == DRIFT_MEASURE_COUNT) {
            fprintf(cli->err, "mlc: \"%s\" is no measure of drift; there are", flags->measures.items[i]);
            for (unsigned m = 0; m < DRIFT_MEASURE_COUNT; m++)
                fprintf(cli->err, "%s %s", m ? "," : "", drift_measure_name((enum drift_measure)m));
            fputc('\n', cli->err);
            return false;
        }
    options->has_threshold = flags->threshold != NULL;
    const char *correction = flags->correction ? flags->correction : "fdr";
    options->correction = strcmp(correction, "none") == 0         ? DRIFT_CORRECT_NONE
                          : strcmp(correction, "bonferroni") == 0 ? DRIFT_CORRECT_BONFERRONI
                                                                  : DRIFT_CORRECT_FDR;
    return (!flags->threshold || read_number(cli, "threshold", flags->threshold, &options->threshold)) &&
           (!flags->share || read_number(cli, "share", flags->share, &options->share)) &&
           data_memory(cli, &flags->input, &options->memory);
}

static void render(struct cli *cli, struct arena *arena, const struct drift_flags *flags,
                   const char *reference, const char *current, const struct drift_report *report,
                   struct buf *out)
{
    if (flags->format && strcmp(flags->format, "json") == 0) {
        json_write(out, report_drift_value(arena, reference, current, report),
                   (struct json_style){JSON_PRETTY, false}, NULL);
        buf_add_char(out, '\n');
    } else if (flags->format && strcmp(flags->format, "html") == 0) {
        report_html(out,
                    &(struct report_page){
                        .title = "Data drift", .data = current, .reference = reference, .drift = report});
    } else {
        report_drift_text(out, reference, current, report, data_style(cli, &flags->input));
    }
}

static bool failed_column(const struct drift_report *report)
{
    for (size_t i = 0; i < report->column_count; i++)
        if (report->columns[i].error)
            return true;
    return false;
}

static int run(struct cli *cli, struct arena *arena, const struct drift_flags *flags, char **paths)
{
    struct drift_options options;
    struct drift_report report;
    struct data_error error;
    struct buf out = {0};
    if (!read_options(cli, arena, flags, &options))
        return EXIT_USAGE;
    const char *reference_path = paths[0], *current_path = paths[1];
    struct profile *profile = data_read_profile(arena, reference_path);
    struct table *reference = profile ? NULL : data_open(cli, arena, &flags->input, &reference_path, 1);
    struct table *current =
        profile || reference ? data_open(cli, arena, &flags->input, &current_path, 1) : NULL;
    bool good = current && (profile ? drift_run_profile(arena, profile, current, &options, &report, &error)
                                    : drift_run(arena, reference, current, &options, &report, &error));
    int code = EXIT_FAILED;
    if (good) {
        render(cli, arena, flags, reference_path, current_path, &report, &out);
        good = data_write(cli, &flags->input, &out);
        bool complete = report.compared_count > 0 && !(flags->columns.count && failed_column(&report));
        if (report.compared_count == 0)
            fputs("mlc: no column could be compared\n", cli->err);
        code = good && !report.drifted && complete ? EXIT_OK : EXIT_FAILED;
    } else if (current) {
        fprintf(cli->err, "mlc: %s\n", error.message);
    }
    buf_free(&out);
    if (reference)
        table_close(reference);
    if (current)
        table_close(current);
    return code;
}

int cli_data_drift(struct cli *cli, int argc, char **argv)
{
    struct drift_flags flags = {0};
    struct option_spec specs[DATA_INPUT_OPTIONS + 9] = {
        {"format", 0, OPTION_CHOICE, &flags.format, "text|json|html", "How it is printed (text)"},
        {"measure", 'm', OPTION_LIST, &flags.measures, "NAME",
         "psi, ks, wasserstein … (chosen by type and size)"},
        {"all", 0, OPTION_FLAG, &flags.all, NULL, "Every measure that can be computed"},
        {"approximate", 0, OPTION_FLAG, &flags.approximate, NULL,
         "Numbers are sampled, in fixed memory; results are labelled so"},
        {"column", 'c', OPTION_LIST, &flags.columns, "NAME", "Only this column (all)"},
        {"threshold", 0, OPTION_TEXT, &flags.threshold, "NUMBER", "Of every measure (each measure's own)"},
        {"correction", 0, OPTION_CHOICE, &flags.correction, "none|bonferroni|fdr", "For many p-values (fdr)"},
        {"share", 0, OPTION_TEXT, &flags.share, "NUMBER", "Drifted columns at which the data drifts (0.5)"},
    };
    data_input_options(&flags.input, specs + 8);
    const struct options_page page = {"mlc data drift [OPTIONS] REFERENCE CURRENT",
                                      "Compares every column of CURRENT with REFERENCE, a data file or a "
                                      "stored profile (JSON of `mlc data\n"
                                      "profile`). Exits 1 when the data drifts.",
                                      specs, 2, 2};
    int count, code = EXIT_OK;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result == OPTIONS_OK) {
        struct arena *arena = arena_new();
        code = run(cli, arena, &flags, argv + 1);
        arena_free(arena);
    }
    data_input_free(&flags.input);
    options_free_values(&flags.columns);
    options_free_values(&flags.measures);
    return result == OPTIONS_WRONG ? EXIT_USAGE : code;
}
