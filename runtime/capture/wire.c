#include "runtime/capture/wire.h"

#include <string.h>
#include <strings.h>

static enum wire_result refuse(struct wire_head *head, int status, const char *why)
{
    head->refusal = status;
    head->why = why;
    return WIRE_BAD;
}

bool wire_is(struct wire_text text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.text, word, text.length) == 0;
}

bool wire_equals(struct wire_text text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.text, word, text.length) == 0;
}

const struct wire_header *wire_find(const struct wire_head *head, const char *name)
{
    for (size_t i = 0; i < head->header_count; i++)
        if (wire_is(head->headers[i].name, name))
            return &head->headers[i];
    return NULL;
}

/* RFC 9110, section 5.6.2. */
static bool is_token(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool all_tokens(struct wire_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_token((unsigned char)text.text[i]))
            return false;
    return text.length > 0;
}

/* Visible bytes, blanks and tabs; bytes of other encodings as well. */
static bool is_clean(struct wire_text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.text[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static struct wire_text trim(const char *text, size_t length)
{
    while (length > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    return (struct wire_text){text, length};
}

/* Takes the next element of a comma-separated list; false at its end. */
static bool next_element(struct wire_text *list, struct wire_text *element)
{
    while (list->length > 0) {
        const char *comma = memchr(list->text, ',', list->length);
        size_t length = comma != NULL ? (size_t)(comma - list->text) : list->length;
        *element = trim(list->text, length);
        size_t step = length + (comma != NULL);
        list->text += step;
        list->length -= step;
        if (element->length > 0)
            return true;
    }
    return false;
}

static bool has_element(const struct wire_head *head, const char *name, const char *word)
{
    for (size_t i = 0; i < head->header_count; i++) {
        if (!wire_is(head->headers[i].name, name))
            continue;
        struct wire_text list = head->headers[i].value, element;
        while (next_element(&list, &element))
            if (wire_is(element, word))
                return true;
    }
    return false;
}

/* --- lines --- */

/* The end of the head: behind its empty line, or 0 when it is not there yet. */
static size_t head_end(const char *bytes, size_t count)
{
    const char *at = bytes;
    while ((at = memchr(at, '\n', count - (size_t)(at - bytes))) != NULL) {
        at++;
        size_t done = (size_t)(at - bytes);
        if (done + 1 < count && at[0] == '\r' && at[1] == '\n')
            return done + 2;
        if (done < count && at[0] == '\n')
            return done + 1;
    }
    return 0;
}

static bool next_line(const char **at, const char *end, struct wire_text *line)
{
    const char *feed = memchr(*at, '\n', (size_t)(end - *at));
    if (feed == NULL || feed == *at || feed[-1] != '\r')
        return false;
    *line = (struct wire_text){*at, (size_t)(feed - *at) - 1};
    *at = feed + 1;
    return true;
}

static enum wire_result read_header(struct wire_head *head, struct wire_text line)
{
    const char *colon = memchr(line.text, ':', line.length);
    if (head->header_count == WIRE_HEADERS_LIMIT)
        return refuse(head, 431, "there are too many header lines");
    if (line.text[0] == ' ' || line.text[0] == '\t')
        return refuse(head, 400, "a header line is folded");
    if (colon == NULL)
        return refuse(head, 400, "a header line has no colon");
    struct wire_header *header = &head->headers[head->header_count++];
    header->name = (struct wire_text){line.text, (size_t)(colon - line.text)};
    header->value = trim(colon + 1, line.length - header->name.length - 1);
    if (!all_tokens(header->name) || !is_clean(header->value))
        return refuse(head, 400, "a header line holds characters that it must not");
    return WIRE_READ;
}

static enum wire_result read_headers(struct wire_head *head, const char *at, const char *end)
{
    struct wire_text line;
    for (;;) {
        if (!next_line(&at, end, &line))
            return refuse(head, 400, "a line of the head does not end with CR LF");
        if (line.length == 0)
            return WIRE_READ;
        enum wire_result result = read_header(head, line);
        if (result != WIRE_READ)
            return result;
    }
}

/* --- what the headers say --- */

static bool read_length(struct wire_text text, uint64_t *out)
{
    uint64_t length = 0;
    if (text.length == 0 || text.length > 18)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.text[i] < '0' || text.text[i] > '9')
            return false;
        length = length * 10 + (uint64_t)(text.text[i] - '0');
    }
    *out = length;
    return true;
}

/* Equal lengths may stand in a list or in several lines (RFC 9112, section 6.3). */
static bool find_length(const struct wire_head *head, bool *found, uint64_t *out)
{
    *found = false;
    for (size_t i = 0; i < head->header_count; i++) {
        if (!wire_is(head->headers[i].name, "content-length"))
            continue;
        struct wire_text list = head->headers[i].value, element;
        bool any = false;
        while (next_element(&list, &element)) {
            uint64_t length;
            any = true;
            if (!read_length(element, &length) || (*found && length != *out))
                return false;
            *out = length;
            *found = true;
        }
        if (!any)
            return false;
    }
    return true;
}

static bool is_json_type(struct wire_text value)
{
    const char *semicolon = memchr(value.text, ';', value.length);
    struct wire_text type =
        trim(value.text, semicolon != NULL ? (size_t)(semicolon - value.text) : value.length);
    static const char suffix[] = "+json";
    size_t tail = sizeof suffix - 1;
    return wire_is(type, "application/json") ||
           (type.length > tail && strncasecmp(type.text + type.length - tail, suffix, tail) == 0);
}

static void read_meaning(struct wire_head *head)
{
    const struct wire_header *type = wire_find(head, "content-type");
    const struct wire_header *encoding = wire_find(head, "content-encoding");
    head->json = type != NULL && is_json_type(type->value);
    head->encoded = encoding != NULL && !wire_is(encoding->value, "identity");
    head->upgrade = has_element(head, "connection", "upgrade") && wire_find(head, "upgrade") != NULL;
    head->keep_alive = head->minor == 0 ? has_element(head, "connection", "keep-alive")
                                        : !has_element(head, "connection", "close");
}

/* Any transfer coding must end in "chunked", and only that one is understood. */
static enum wire_result read_framing(struct wire_head *head, bool request)
{
    bool has_length;
    const struct wire_header *coding = wire_find(head, "transfer-encoding");
    if (!find_length(head, &has_length, &head->length))
        return refuse(head, 400, "Content-Length is no length, or there are different ones");
    if (coding != NULL) {
        size_t count = 0;
        for (size_t i = 0; i < head->header_count; i++)
            count += wire_is(head->headers[i].name, "transfer-encoding");
        if (count > 1 || !wire_is(coding->value, "chunked"))
            return refuse(head, 501, "only the transfer coding \"chunked\" is understood");
        if (request && (has_length || head->minor == 0))
            return refuse(head, 400, "a chunked request has a Content-Length, or is of HTTP/1.0");
        head->framing = WIRE_CHUNKED;
    } else if (has_length) {
        head->framing = WIRE_LENGTH;
    } else {
        head->framing = request ? WIRE_NO_BODY : WIRE_UNTIL_END;
    }
    return WIRE_READ;
}

/* --- first lines --- */

static bool read_version(struct wire_text text, int *minor)
{
    if (text.length != 8 || memcmp(text.text, "HTTP/1.", 7) != 0 ||
        (text.text[7] != '0' && text.text[7] != '1'))
        return false;
    *minor = text.text[7] - '0';
    return true;
}

static enum wire_result read_request_line(struct wire_head *head, struct wire_text line)
{
    const char *first = memchr(line.text, ' ', line.length);
    const char *last = memrchr(line.text, ' ', line.length);
    if (first == NULL || first == last)
        return refuse(head, 400, "the first line is not METHOD TARGET VERSION");
    const char *end = line.text + line.length;
    head->method = (struct wire_text){line.text, (size_t)(first - line.text)};
    head->target = (struct wire_text){first + 1, (size_t)(last - first) - 1};
    struct wire_text version = {last + 1, (size_t)(end - last) - 1};
    if (!all_tokens(head->method))
        return refuse(head, 400, "the method is no token");
    for (size_t i = 0; i < head->target.length; i++)
        if (head->target.text[i] == ' ' || head->target.text[i] == '\t')
            return refuse(head, 400, "the target holds a blank");
    if (head->target.length == 0 || !is_clean(head->target))
        return refuse(head, 400, "the target holds characters that it must not");
    if (!read_version(version, &head->minor))
        return refuse(head, 505, "the version is neither HTTP/1.1 nor HTTP/1.0");
    return WIRE_READ;
}

static enum wire_result read_status_line(struct wire_head *head, struct wire_text line)
{
    if (line.length < 12 || !read_version((struct wire_text){line.text, 8}, &head->minor) ||
        line.text[8] != ' ')
        return refuse(head, 502, "the first line is not VERSION STATUS REASON");
    for (size_t i = 9; i < 12; i++) {
        if (line.text[i] < '0' || line.text[i] > '9')
            return refuse(head, 502, "the status is no number");
        head->status = head->status * 10 + line.text[i] - '0';
    }
    if (head->status < 100 || (line.length > 12 && line.text[12] != ' '))
        return refuse(head, 502, "the status is no number of three digits");
    head->reason = trim(line.text + 12, line.length - 12);
    return is_clean(head->reason) ? WIRE_READ : refuse(head, 502, "the reason is not printable");
}

static enum wire_result read_head(const char *bytes, size_t count, bool request, struct wire_head *head)
{
    size_t skip = 0;
    memset(head, 0, offsetof(struct wire_head, headers));
    memset(&head->header_count, 0, sizeof *head - offsetof(struct wire_head, header_count));
    while (request && skip + 1 < count && bytes[skip] == '\r' && bytes[skip + 1] == '\n')
        skip += 2;
    size_t size = head_end(bytes + skip, count - skip);
    if (size == 0 && count - skip >= WIRE_HEAD_LIMIT)
        return refuse(head, request ? 431 : 502, "the head is too large");
    if (size == 0)
        return WIRE_MORE;
    const char *at = bytes + skip, *end = at + size;
    struct wire_text line;
    if (size > WIRE_HEAD_LIMIT)
        return refuse(head, request ? 431 : 502, "the head is too large");
    if (!next_line(&at, end, &line))
        return refuse(head, request ? 400 : 502, "the first line does not end with CR LF");
    enum wire_result result = request ? read_request_line(head, line) : read_status_line(head, line);
    if (result == WIRE_READ)
        result = read_headers(head, at, end);
    if (result == WIRE_READ) {
        read_meaning(head);
        result = read_framing(head, request);
    }
    head->size = skip + size;
    return result;
}

enum wire_result wire_read_request(const char *bytes, size_t count, struct wire_head *head)
{
    enum wire_result result = read_head(bytes, count, true, head);
    if (result == WIRE_READ && head->minor == 1 && wire_find(head, "host") == NULL)
        return refuse(head, 400, "a request of HTTP/1.1 has no Host");
    return result;
}

enum wire_result wire_read_response(const char *bytes, size_t count, bool to_head, struct wire_head *head)
{
    enum wire_result result = read_head(bytes, count, false, head);
    if (result == WIRE_BAD)
        head->refusal = 502;
    if (result == WIRE_READ && (to_head || head->status < 200 || head->status == 204 || head->status == 304))
        head->framing = WIRE_NO_BODY;
    return result;
}

/* --- writing --- */

static bool concerns_one_connection(const struct wire_head *head, const struct wire_header *header)
{
    static const char *const names[] = {"connection",         "keep-alive", "proxy-connection",
                                        "proxy-authenticate", "te",         "upgrade"};
    static const char *const kept[] = {"host", "content-length", "transfer-encoding", "content-type",
                                       "trailer"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (wire_is(header->name, names[i]))
            return true;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (wire_is(header->name, kept[i]))
            return false;
    for (size_t i = 0; i < head->header_count; i++) {
        if (!wire_is(head->headers[i].name, "connection"))
            continue;
        struct wire_text list = head->headers[i].value, element;
        while (next_element(&list, &element))
            if (element.length == header->name.length &&
                strncasecmp(element.text, header->name.text, element.length) == 0)
                return true;
    }
    return false;
}

static void add_header(struct buf *out, const struct wire_header *header)
{
    buf_add(out, header->name.text, header->name.length);
    buf_add(out, ": ", 2);
    buf_add(out, header->value.text, header->value.length);
    buf_add(out, "\r\n", 2);
}

void wire_write_head(struct buf *out, const struct wire_head *head, const char *connection)
{
    if (head->status > 0)
        buf_printf(out, "HTTP/1.1 %d %.*s\r\n", head->status, (int)head->reason.length, head->reason.text);
    else
        buf_printf(out, "%.*s %.*s HTTP/1.%d\r\n", (int)head->method.length, head->method.text,
                   (int)head->target.length, head->target.text, head->minor);
    for (size_t i = 0; i < head->header_count; i++) {
        const struct wire_header *header = &head->headers[i];
        bool second_length = head->framing == WIRE_CHUNKED && wire_is(header->name, "content-length");
        if (!concerns_one_connection(head, header) && !second_length)
            add_header(out, header);
    }
    if (connection != NULL)
        buf_printf(out, "Connection: %s\r\n", connection);
    if (connection != NULL && strcmp(connection, "upgrade") == 0)
        add_header(out, wire_find(head, "upgrade"));
    buf_add(out, "\r\n", 2);
}
