/* Names, labels and sizes that the API server, or a controller behind it, refuses. */

#include <string.h>
#include "backends/kubernetes/kubernetes.h"
#include "backends/report.h"
#include "core/text.h"

enum { LABEL_LIMIT = 63, PREFIX_LIMIT = 253, ANNOTATIONS_LIMIT = 262144, CONFIG_LIMIT = 1048576 };

struct name_rule {
    const char *kind;
    size_t limit;
    bool label;  /* no dots: a DNS label */
    bool letter; /* begins with a letter (RFC 1035) */
    const char *why;
};

/* Limits of kinds whose names become something else: a Service a host, a CronJob the prefix of Jobs. */
static const struct name_rule *rule_of(const char *kind)
{
    static const struct name_rule rules[] = {
        {"CronJob", 52, false, false, "the names of its Jobs add 11 characters"},
        {"Service", 63, true, true, "it is a name in DNS"},
        {"Namespace", 63, true, false, "it is a name in DNS"},
        {"Rollout", 63, false, false, "its pods carry it as a label"},
        {"Deployment", 63, false, false, "its pods carry it as a label"},
        {"StatefulSet", 52, false, false, "the names of its pods and their label add to it"},
        {"Job", 63, false, false, "its pods carry it as a label"},
    };
    static const struct name_rule any = {"", 253, false, false, "names are DNS subdomains"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!strcmp(rules[i].kind, kind))
            return &rules[i];
    return &any;
}

static bool is_lower_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alphanumeric(char c)
{
    return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z');
}

static bool is_dns_name(const char *name, bool dots)
{
    size_t length = strlen(name);
    if (!length || !is_lower_alphanumeric(name[0]) || !is_lower_alphanumeric(name[length - 1]))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_lower_alphanumeric(name[i]) && name[i] != '-' && !(dots && name[i] == '.'))
            return false;
        if (name[i] == '.' && (!is_lower_alphanumeric(name[i - 1]) || !is_lower_alphanumeric(name[i + 1])))
            return false;
    }
    return true;
}

static void check_name(struct compilation *compilation, const struct value *object, const struct value *name)
{
    const char *kind = value_string_or(value_get(object, "kind"), "");
    const struct name_rule *rule = rule_of(kind);
    size_t length = strlen(name->text);
    bool rbac =
        text_ends_with(value_string_or(value_get(object, "apiVersion"), ""), "rbac.authorization.k8s.io/v1");
    if (length > rule->limit) {
        struct diag *diag = report_at(compilation, DIAG_BUILD_NAME, name->origin,
                                      "the name `%s` of a %s has %zu characters, and Kubernetes takes %zu",
                                      name->text, kind, length, rule->limit);
        diag_note(diag, "%s", rule->why);
        diag_help(diag, "shorten the name that it is made from");
    } else if (!rbac && (!is_dns_name(name->text, !rule->label) ||
                         (rule->letter && !(name->text[0] >= 'a' && name->text[0] <= 'z')))) {
        struct diag *diag = report_at(compilation, DIAG_BUILD_NAME, name->origin,
                                      "`%s` cannot be the name of a %s", name->text, kind);
        diag_help(diag, "lower-case letters, digits and `-`%s, a %s first and no `-` at the end",
                  rule->label ? "" : " and `.`", rule->letter ? "letter" : "letter or digit");
    }
}

/* [A-Za-z0-9], with `-`, `_`, `.` inside; an empty value is legal. */
static bool is_label_text(const char *text, size_t length)
{
    if (!length)
        return true;
    if (length > LABEL_LIMIT || !is_alphanumeric(text[0]) || !is_alphanumeric(text[length - 1]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_alphanumeric(text[i]) && !strchr("-_.", text[i]))
            return false;
    return true;
}

static bool is_label_key(const char *key)
{
    const char *slash = strchr(key, '/');
    const char *name = slash ? slash + 1 : key;
    if (!*name || !is_label_text(name, strlen(name)))
        return false;
    if (!slash)
        return true;
    char prefix[PREFIX_LIMIT + 1];
    size_t length = (size_t)(slash - key);
    if (length > PREFIX_LIMIT)
        return false;
    memcpy(prefix, key, length);
    prefix[length] = '\0';
    return is_dns_name(prefix, true);
}

static void check_labels(struct compilation *compilation, const struct value *labels)
{
    for (size_t i = 0; labels && labels->kind == VALUE_RECORD && i < labels->field_count; i++) {
        const struct field *label = &labels->fields[i];
        const struct value *value = label->value;
        struct diag *diag = NULL;
        if (!is_label_key(label->key))
            diag = report_at(compilation, DIAG_BUILD_NAME, value->origin, "`%s` cannot be the key of a label",
                             label->key);
        else if (value->kind != VALUE_STRING || !is_label_text(value->text, value->length))
            diag = report_at(compilation, DIAG_BUILD_NAME, value->origin,
                             "the label `%s` cannot have this value: `%s`", label->key,
                             value_string_or(value, "…"));
        if (diag)
            diag_help(
                diag,
                "labels take at most 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends");
    }
}

static size_t text_size(const struct value *map)
{
    size_t size = 0;
    for (size_t i = 0; map && map->kind == VALUE_RECORD && i < map->field_count; i++)
        if (map->fields[i].value->kind == VALUE_STRING)
            size += strlen(map->fields[i].key) + map->fields[i].value->length;
    return size;
}

static void check_size(struct compilation *compilation, const struct value *object, const struct value *map,
                       const char *what, size_t limit)
{
    size_t size = text_size(map);
    if (size > limit)
        report_at(compilation, DIAG_BUILD_SIZE, map->origin,
                  "%s of %s have %zu bytes, and Kubernetes takes %zu", what,
                  kubernetes_title(compilation, object), size, limit);
}

void kubernetes_check_names(struct compilation *compilation, const struct value *object)
{
    const struct value *name = value_path(object, "metadata", "name", NULL);
    if (name && name->kind == VALUE_STRING)
        check_name(compilation, object, name);
    check_labels(compilation, value_path(object, "metadata", "labels", NULL));
    check_labels(compilation, value_path(object, "spec", "template", "metadata", "labels", NULL));
    check_size(compilation, object, value_path(object, "metadata", "annotations", NULL), "the annotations",
               ANNOTATIONS_LIMIT);
    const char *kind = value_string_or(value_get(object, "kind"), "");
    if (!strcmp(kind, "ConfigMap") || !strcmp(kind, "Secret"))
        check_size(compilation, object, value_get(object, "data"), "the data", CONFIG_LIMIT);
}
