#ifndef MLC_RUNTIME_CLUSTER_BASE64_H
#define MLC_RUNTIME_CLUSTER_BASE64_H

/* Base64 (RFC 4648): the standard alphabet for data in documents, the URL alphabet for ids. */

#include <stdbool.h>
#include <stddef.h>
#include "core/buf.h"

void base64_encode(struct buf *out, const void *bytes, size_t count);
/* With '-' and '_', and no '=' at the end. */
void base64_encode_url(struct buf *out, const void *bytes, size_t count);
/* Blanks and line ends are skipped. False when the text is not base64; then `out` holds a part. */
bool base64_decode(struct buf *out, const char *text, size_t length);

#endif
