/* mlc report: a model's last run: what was done, what the gate required, the metrics against the champion's.
 */

#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/documents/json.h"
#include "runtime/registry.h"
#include "runtime/run_report.h"

static void write_report(struct buf *out, const struct value *report, const char *format)
{
    switch (format[0]) {
    case 'j':
        json_write(out, report, (struct json_style){.layout = JSON_PRETTY}, NULL);
        buf_add_char(out, '\n');
        break;
    case 'm':
        run_report_markdown(out, report);
        break;
    case 'h':
        run_report_html(out, report);
        break;
    default:
        run_report_text(out, report);
    }
}

static int report_model(struct cli *cli, struct compilation *compilation, const char *name, const char *store,
                        const char *format)
{
    struct registry registry;
    struct node *model = registry_model(compilation, name);
    if (model == NULL) {
        fprintf(cli->err, "mlc: there is no model `%s`\n", name);
        return EXIT_FAILED;
    }
    if (!registry_open(&registry, compilation, store, REGISTRY_HERE)) {
        fprintf(cli->err, "mlc: %s\n", registry.error.text);
        return EXIT_FAILED;
    }
    const struct value *report = run_report_collect(&registry, model);
    if (report == NULL) {
        fprintf(cli->err, "mlc: %s\n", registry.error.text);
    } else {
        struct buf out = {0};
        write_report(&out, report, format);
        fwrite(buf_str(&out), 1, out.length, cli->out);
        buf_free(&out);
    }
    registry_close(&registry);
    return report != NULL ? EXIT_OK : EXIT_FAILED;
}

int cli_report(struct cli *cli, int argc, char **argv)
{
    const char *folder = ".", *store = NULL, *format = "text";
    const struct option_spec options[] = {
        {"project", 'C', OPTION_TEXT, &folder, "DIR", "The folder of the spec (.)"},
        {"store", 0, OPTION_TEXT, &store, "DIR|URL", "The store (in CI the project's, else .mlc/store)"},
        {"format", 0, OPTION_CHOICE, &format, "text|json|markdown|html", "How it prints"},
        {0},
    };
    const struct options_page page = {"mlc report [OPTIONS] MODEL",
                                      "Tells a model's last run: what was done, what the gate required and "
                                      "found, the metrics\nagainst the champion's.",
                                      options, 1, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    struct compilation *compilation = project_open(cli, folder, false);
    if (compilation == NULL)
        return EXIT_FAILED;
    int code = report_model(cli, compilation, argv[1], store, format);
    compilation_free(compilation);
    return code;
}
