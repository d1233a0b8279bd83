/* mlc fmt: the one canonical format. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "core/diag_print.h"
#include "core/file.h"
#include "core/text.h"
#include "grammar/parse.h"

enum { LARGEST_FILE = 16 << 20 };

struct formatting {
    struct cli *cli;
    bool check; /* only say which files would change */
    size_t changed;
    size_t failed;
};

static void print_errors(struct formatting *formatting, struct diag_sink *diags, struct source_set *sources)
{
    struct buf out = {0};
    struct diag_style style = {.color = formatting->cli->color, .width = formatting->cli->width};
    diag_print_text(&out, diags, sources, style);
    fputs(buf_str(&out), formatting->cli->err);
    buf_free(&out);
}

/* The canonical text of `text`; false after printing why there is none. */
static bool format_text(struct formatting *formatting, const char *path, const struct buf *text,
                        struct buf *out)
{
    struct arena *arena = arena_new();
    struct source_set *sources = source_set_new(arena);
    struct diag_sink *diags = diag_sink_new(arena, 0);
    const struct source *source = source_add(sources, SOURCE_USER, path, buf_str(text), text->length);
    struct ast_file *file = parse_source(arena, source, (struct parse_limits){0}, diags);
    bool complete = file->complete;
    if (complete)
        format_file(out, file);
    else
        print_errors(formatting, diags, sources);
    arena_free(arena);
    return complete;
}

static void finish_file(struct formatting *formatting, const char *path, const struct buf *text,
                        const struct buf *out)
{
    if (text->length == out->length && memcmp(buf_str(text), buf_str(out), out->length) == 0)
        return;
    formatting->changed++;
    if (formatting->check) {
        fprintf(formatting->cli->out, "%s\n", path);
        return;
    }
    struct stat status;
    unsigned mode = stat(path, &status) == 0 ? status.st_mode & 0777 : 0644;
    int code = file_write_atomic(path, buf_str(out), out->length, mode);
    if (code < 0) {
        fprintf(formatting->cli->err, "mlc: %s: %s\n", path, strerror(-code));
        formatting->failed++;
    }
}

static void format_one(struct formatting *formatting, const char *path)
{
    struct buf text = {0}, out = {0};
    int code = file_read(path, LARGEST_FILE, &text);
    if (code < 0) {
        fprintf(formatting->cli->err, "mlc: %s: %s\n", path, strerror(-code));
        formatting->failed++;
    } else if (format_text(formatting, path, &text, &out)) {
        finish_file(formatting, path, &text, &out);
    } else {
        formatting->failed++;
    }
    buf_free(&text);
    buf_free(&out);
}

static void format_folder(struct formatting *formatting, const char *folder)
{
    struct arena *arena = arena_new();
    struct vec names = vec_in(arena);
    int code = file_list(folder, &names);
    if (code < 0) {
        fprintf(formatting->cli->err, "mlc: %s: %s\n", folder, strerror(-code));
        formatting->failed++;
    }
    for (size_t i = 0; i < names.count; i++)
        if (text_ends_with(names.items[i], ".mlc"))
            format_one(formatting, file_join(arena, folder, names.items[i]));
    arena_free(arena);
}

static int format_stdin(struct formatting *formatting)
{
    struct buf text = {0}, out = {0};
    char chunk[65536];
    size_t count;
    while ((count = fread(chunk, 1, sizeof chunk, stdin)) > 0 && text.length <= LARGEST_FILE)
        buf_add(&text, chunk, count);
    bool done = text.length <= LARGEST_FILE && format_text(formatting, "<stdin>", &text, &out);
    if (done)
        fwrite(buf_str(&out), 1, out.length, formatting->cli->out);
    buf_free(&text);
    buf_free(&out);
    return done ? EXIT_OK : EXIT_FAILED;
}

int cli_fmt(struct cli *cli, int argc, char **argv)
{
    struct formatting formatting = {.cli = cli};
    const struct option_spec options[] = {
        {"check", 0, OPTION_FLAG, &formatting.check, NULL,
         "Change nothing; list the files that would change and exit 1"},
        {0},
    };
    const struct options_page page = {"mlc fmt [--check] [FILE or DIR or -]...",
                                      "Formats specs. There is one format; comments survive.", options, 0,
                                      -1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    if (count == 1 && strcmp(argv[1], "-") == 0)
        return format_stdin(&formatting);
    for (int i = 1; i <= count; i++) {
        if (file_is_folder(argv[i]))
            format_folder(&formatting, argv[i]);
        else
            format_one(&formatting, argv[i]);
    }
    if (count == 0)
        format_folder(&formatting, ".");
    return formatting.failed > 0 || (formatting.check && formatting.changed > 0) ? EXIT_FAILED : EXIT_OK;
}
