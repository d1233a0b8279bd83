/* HTTP heads and bodies on any bytes: a head that is read is read the same when it was written again, and a
 * body is followed to the same end whatever the pieces are. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/capture/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_head(const char *bytes, size_t size, bool request)
{
    struct wire_head head, again;
    enum wire_result result =
        request ? wire_read_request(bytes, size, &head) : wire_read_response(bytes, size, false, &head);
    if (result != WIRE_READ)
        return;
    if (head.size > size)
        abort();
    struct buf out = {0};
    wire_write_head(&out, &head, head.upgrade ? "upgrade" : head.keep_alive ? "keep-alive" : "close");
    result = request ? wire_read_request(out.data, out.length, &again)
                     : wire_read_response(out.data, out.length, false, &again);
    /* A head at the limit may grow beyond it by the line that is added. */
    if (result == WIRE_BAD && (again.refusal == 431 || out.length > WIRE_HEAD_LIMIT ||
                               head.header_count >= WIRE_HEADERS_LIMIT - 1)) {
        buf_free(&out);
        return;
    }
    if (result != WIRE_READ || again.framing != head.framing || again.size != out.length ||
        (head.framing == WIRE_LENGTH && again.length != head.length))
        abort();
    buf_free(&out);
}

static void count(void *context, const char *bytes, size_t size)
{
    (void)bytes;
    *(size_t *)context += size;
}

static size_t follow(struct wire_body *body, const char *bytes, size_t size, size_t step, size_t *content)
{
    struct wire_sink sink = {content, count};
    size_t at = 0;
    while (at < size && !wire_body_is_over(body) && !body->bad) {
        size_t piece = size - at < step ? size - at : step;
        at += wire_body_follow(body, bytes + at, piece, &sink);
    }
    return at;
}

static void check_body(const char *bytes, size_t size, enum wire_framing framing)
{
    struct wire_head head = {.framing = framing, .length = size / 2};
    struct wire_body one, other;
    size_t content = 0, other_content = 0;
    wire_body_begin(&one, &head);
    wire_body_begin(&other, &head);
    if (follow(&one, bytes, size, size + 1, &content) != follow(&other, bytes, size, 3, &other_content) ||
        one.bad != other.bad || wire_body_is_over(&one) != wire_body_is_over(&other) ||
        content != other_content)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size + 1);
    memcpy(bytes, data, size);
    check_head(bytes, size, true);
    check_head(bytes, size, false);
    check_body(bytes, size, WIRE_CHUNKED);
    check_body(bytes, size, WIRE_LENGTH);
    free(bytes);
    return 0;
}
