/* Texts that look like secrets. A report never shows one: not in the message, not in the line. */

#include <ctype.h>
#include <math.h>
#include <string.h>
#include "compiler/lint.h"

/* ---- forms */

static bool is_token_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

static size_t run_length(const char *text, const char *end)
{
    size_t length = 0;
    while (text + length < end && is_token_char(text[length]))
        length++;
    return length;
}

/* Keys that tell by their beginning what they are; `length` counts all of it, at least. */
static const struct {
    const char *prefix;
    size_t length;
    const char *what;
} forms[] = {
    {"AKIA", 20, "an access key of AWS"},     {"ASIA", 20, "an access key of AWS"},
    {"ghp_", 40, "a token of GitHub"},        {"gho_", 40, "a token of GitHub"},
    {"ghs_", 40, "a token of GitHub"},        {"ghu_", 40, "a token of GitHub"},
    {"ghr_", 40, "a token of GitHub"},        {"github_pat_", 50, "a token of GitHub"},
    {"glpat-", 26, "a token of GitLab"},      {"xoxb-", 20, "a token of Slack"},
    {"xoxp-", 20, "a token of Slack"},        {"xoxa-", 20, "a token of Slack"},
    {"xoxr-", 20, "a token of Slack"},        {"xoxs-", 20, "a token of Slack"},
    {"xapp-", 20, "a token of Slack"},        {"AIza", 39, "an API key of Google"},
    {"sk_live_", 24, "a live key of Stripe"}, {"hf_", 37, "a token of Hugging Face"},
    {"dapi", 36, "a token of Databricks"},    {"npm_", 40, "a token of npm"},
};

static const char *known_token(const char *text, size_t length)
{
    const char *end = text + length;
    for (const char *at = text; at < end; at++) {
        if (at > text && is_token_char(at[-1]))
            continue;
        size_t run = run_length(at, end);
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
            size_t prefix = strlen(forms[i].prefix);
            if (run >= forms[i].length && strncmp(at, forms[i].prefix, prefix) == 0)
                return forms[i].what;
        }
    }
    return NULL;
}

/* RFC 7519: three parts of base64url, the first two of which begin a JSON object. */
static bool is_jwt(const char *text, size_t length)
{
    const char *end = text + length, *at = memmem(text, length, "eyJ", 3);
    if (!at)
        return false;
    size_t head = run_length(at, end);
    const char *body = at + head + 1;
    if (head < 10 || body >= end || body[-1] != '.' || strncmp(body, "eyJ", 3) != 0)
        return false;
    const char *signature = body + run_length(body, end) + 1;
    return signature < end && signature[-1] == '.' && run_length(signature, end) >= 10;
}

/* "scheme://user:password@host"; a password that is a variable is none. */
static bool has_credentials(const char *text, size_t length)
{
    const char *end = text + length, *at = memmem(text, length, "://", 3);
    if (!at || at == text || !isalpha((unsigned char)at[-1]))
        return false;
    const char *user = at + 3, *colon = NULL;
    for (at = user; at < end && !strchr("/?# \t\n\"'", *at) && *at != '@'; at++)
        if (*at == ':' && !colon)
            colon = at;
    return at < end && *at == '@' && colon && at > colon + 1 && !strchr("$<{%", colon[1]);
}

/* Bits a character, by Shannon: about 4 and more for random letters and digits, below 3.5 for words. */
static double entropy(const char *text, size_t length)
{
    size_t counts[256] = {0};
    double bits = 0;
    for (size_t i = 0; i < length; i++)
        counts[(unsigned char)text[i]]++;
    for (size_t i = 0; i < 256; i++)
        if (counts[i])
            bits -= (double)counts[i] / (double)length * log2((double)counts[i] / (double)length);
    return bits;
}

/* Under a name that speaks of secrets: a text of one piece, with letters and digits, that no one would call
 * something. Paths, URLs and names of variables are where a secret is kept, not the secret. */
static bool looks_random(const char *text, size_t length)
{
    bool digit = false, letter = false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= ' ' || c > '~' || strchr("{}<>$()\"'`", c))
            return false;
        digit = digit || isdigit(c);
        letter = letter || isalpha(c);
    }
    return length >= 16 && digit && letter && !memmem(text, length, "://", 3) && text[0] != '/' &&
           strncmp(text, "arn:", 4) != 0 && entropy(text, length) >= 3.5;
}

static bool speaks_of_secrets(const char *key)
{
    static const char *const words[] = {"password", "passwd",  "token",     "secret",
                                        "apikey",   "api_key", "access_key"};
    char lower[64] = "";
    for (size_t i = 0; key && key[i] && i + 1 < sizeof lower; i++)
        lower[i] = key[i] == '-' ? '_' : (char)tolower((unsigned char)key[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(lower, words[i]))
            return true;
    return false;
}

const char *secret_form(const char *key, const char *text, size_t length)
{
    const char *known = known_token(text, length);
    if (known)
        return known;
    if (memmem(text, length, "-----BEGIN", 10) && memmem(text, length, "PRIVATE KEY-----", 16))
        return "a private key";
    if (is_jwt(text, length))
        return "a signed token (JWT)";
    if (has_credentials(text, length))
        return "a URL with a password";
    return speaks_of_secrets(key) && looks_random(text, length) ? "a secret" : NULL;
}

/* ---- nodes */

static void check_text(struct evaluator *ev, const char *key, const struct value *value)
{
    const char *form = secret_form(key, value->text, value->length);
    if (!form || !origin_is_user(ev, value->origin))
        return;
    struct diag *diag = eval_report(ev, DIAG_SECRET_LITERAL, value->origin, "this looks like %s", form);
    diag->concealed = true;
    diag_label(diag, "the line is not shown here");
    diag_help(
        diag,
        "keep it in a store: `secret NAME { from = aws(\"…\") }`, use the name, and replace this one where "
        "it was made");
}

static void check_value(struct evaluator *ev, const char *key, const struct value *value)
{
    if (value->kind == VALUE_STRING)
        check_text(ev, key, value);
    for (size_t i = 0; (value->kind == VALUE_LIST || value->kind == VALUE_TEXT) && i < value->count; i++)
        check_value(ev, key, value->items[i]);
    for (size_t i = 0; value->kind == VALUE_RECORD && i < value->field_count; i++)
        check_value(ev, value->fields[i].key, value->fields[i].value);
}

static void check_node(struct evaluator *ev, struct node *node)
{
    if (!node->kind || lint_is_allowed(node))
        return;
    for (size_t i = 0; i < node->kind->attribute_count; i++) {
        const struct attribute *attribute = &node->kind->attributes[i];
        if (attribute->form != ATTRIBUTE_DERIVED)
            check_value(ev, attribute->name, node_get(node, attribute->name));
    }
}

const struct lint_rule lint_literal_rules[] = {{"", check_node}, {0}};
