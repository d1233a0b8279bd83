#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "core/text.h"

static const struct option_spec *find_long(const struct options_page *page, const char *name, size_t length)
{
    for (const struct option_spec *spec = page->options; spec->name != NULL; spec++)
        if (strlen(spec->name) == length && memcmp(spec->name, name, length) == 0)
            return spec;
    return NULL;
}

static const struct option_spec *find_letter(const struct options_page *page, char letter)
{
    for (const struct option_spec *spec = page->options; spec->name != NULL; spec++)
        if (spec->letter == letter)
            return spec;
    return NULL;
}

static const char *nearest(const struct options_page *page, const char *name)
{
    const char *best = NULL;
    size_t best_distance = strlen(name) / 3 + 1;
    for (const struct option_spec *spec = page->options; spec->name != NULL; spec++) {
        size_t distance = text_distance(name, spec->name, best_distance);
        if (distance <= best_distance && (best == NULL || distance < best_distance)) {
            best = spec->name;
            best_distance = distance;
        }
    }
    return best;
}

static bool is_choice(const char *words, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = words; at != NULL && *at != '\0';) {
        const char *end = strchr(at, '|');
        size_t count = end != NULL ? (size_t)(end - at) : strlen(at);
        if (count == length && memcmp(at, value, length) == 0)
            return true;
        at = end != NULL ? end + 1 : NULL;
    }
    return false;
}

static void add_value(struct option_values *values, const char *value)
{
    values->items = mem_realloc(values->items, (values->count + 1) * sizeof *values->items);
    values->items[values->count++] = value;
}

static bool store(struct cli *cli, const struct option_spec *spec, const char *value)
{
    char *end;
    switch (spec->form) {
    case OPTION_FLAG:
        *(bool *)spec->into = true;
        return true;
    case OPTION_TEXT:
        *(const char **)spec->into = value;
        return true;
    case OPTION_LIST:
        add_value(spec->into, value);
        return true;
    case OPTION_CHOICE:
        if (!is_choice(spec->placeholder, value)) {
            fprintf(cli->err, "mlc: --%s takes one of %s, not `%s`\n", spec->name, spec->placeholder, value);
            return false;
        }
        *(const char **)spec->into = value;
        return true;
    case OPTION_COUNT:
        errno = 0;
        *(long *)spec->into = strtol(value, &end, 10);
        if (errno != 0 || end == value || *end != '\0' || *(long *)spec->into < 0) {
            fprintf(cli->err, "mlc: --%s takes a whole number, not `%s`\n", spec->name, value);
            return false;
        }
        return true;
    }
    return false;
}

static void print_page(struct cli *cli, const struct options_page *page)
{
    fprintf(cli->out, "%s\n\nUsage: %s\n", page->about, page->usage);
    fprintf(cli->out, "\nOptions:\n");
    for (const struct option_spec *spec = page->options; spec->name != NULL; spec++) {
        char head[96];
        char letter[5] = "    ";
        if (spec->letter != 0)
            snprintf(letter, sizeof letter, "-%c, ", spec->letter);
        snprintf(head, sizeof head, "%s--%s%s%s", letter, spec->name, spec->form == OPTION_FLAG ? "" : " ",
                 spec->form == OPTION_FLAG || spec->placeholder == NULL ? "" : spec->placeholder);
        fprintf(cli->out, "  %-30s %s%s\n", head,
                strlen(head) > 30 ? "\n                                 " : "", spec->help);
    }
    fprintf(cli->out, "  %-30s %s\n", "-h, --help", "Print this page");
}

/* The spec of the option at argv[*at] and its value if it stands behind `=` or the letter; NULL after a
 * message. */
static const struct option_spec *recognize(struct cli *cli, const struct options_page *page, const char *word,
                                           const char **value)
{
    *value = NULL;
    if (word[1] == '-') {
        const char *equals = strchr(word, '=');
        size_t length = equals != NULL ? (size_t)(equals - word - 2) : strlen(word + 2);
        const struct option_spec *spec = find_long(page, word + 2, length);
        if (spec == NULL) {
            const char *near = nearest(page, word + 2);
            fprintf(cli->err, "mlc: unknown option `%s`%s%s%s\n", word,
                    near != NULL ? "; did you mean `--" : "", near != NULL ? near : "",
                    near != NULL ? "`?" : "");
            return NULL;
        }
        *value = equals != NULL ? equals + 1 : NULL;
        return spec;
    }
    const struct option_spec *spec = find_letter(page, word[1]);
    if (spec == NULL) {
        fprintf(cli->err, "mlc: unknown option `%s`\n", word);
        return NULL;
    }
    if (word[2] != '\0')
        *value = word + 2;
    return spec;
}

static bool take_option(struct cli *cli, const struct options_page *page, int argc, char **argv, int *at)
{
    const char *value;
    const struct option_spec *spec = recognize(cli, page, argv[*at], &value);
    if (spec == NULL)
        return false;
    if (spec->form == OPTION_FLAG && value != NULL) {
        fprintf(cli->err, "mlc: --%s takes no value\n", spec->name);
        return false;
    }
    if (spec->form != OPTION_FLAG && value == NULL) {
        if (*at + 1 >= argc) {
            fprintf(cli->err, "mlc: --%s needs a value (%s)\n", spec->name, spec->placeholder);
            return false;
        }
        value = argv[++*at];
    }
    return store(cli, spec, value);
}

enum options_result options_read(struct cli *cli, const struct options_page *page, int argc, char **argv,
                                 int *count)
{
    int kept = 0;
    bool ended = false;
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        if (ended || word[0] != '-' || word[1] == '\0') {
            argv[1 + kept++] = argv[at];
        } else if (strcmp(word, "--") == 0) {
            ended = true;
        } else if (strcmp(word, "--help") == 0 ||
                   (strcmp(word, "-h") == 0 && find_letter(page, 'h') == NULL)) {
            print_page(cli, page);
            return OPTIONS_HELP;
        } else if (!take_option(cli, page, argc, argv, &at)) {
            fprintf(cli->err, "Usage: %s\n", page->usage);
            return OPTIONS_WRONG;
        }
    }
    *count = kept;
    if (kept < page->least || (page->most >= 0 && kept > page->most)) {
        fprintf(cli->err, "mlc: %s\nUsage: %s\n",
                kept < page->least ? "an argument is missing" : "too many arguments", page->usage);
        return OPTIONS_WRONG;
    }
    return OPTIONS_OK;
}

void options_free_values(struct option_values *values)
{
    free(values->items);
    *values = (struct option_values){0};
}
