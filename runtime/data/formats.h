#ifndef MLC_RUNTIME_DATA_FORMATS_H
#define MLC_RUNTIME_DATA_FORMATS_H

/* Whether a text is of a well-known format. */

#include <stdbool.h>
#include <stddef.h>

typedef bool format_fn(const char *text, size_t length);

/* The test of a format's name ("email", "uuid", "url", "ip", "ipv4", "ipv6", "hostname", "date", "time",
 * "datetime", "dateutil", "json", "integer", "number", "credit_card", "phone", "hex", "base64",
 * "country_code" …), or NULL. */
format_fn *format_by_name(const char *name);
/* The names, ending with NULL. */
extern const char *const format_names[];

/* Strict RFC 8259, plus NaN and Infinity as Python's json.loads takes them. */
bool format_json(const char *text, size_t length);
/* What dateutil.parser.parse accepts: dates and times in the orders and spellings that people write. */
bool format_dateutil(const char *text, size_t length);
/* The same time as "2016-01-31T12:00:01" when the text names a year of four digits, month and
 * day, and neither a zone nor a fraction of a second. */
enum { DATEUTIL_ISO = 80 };
bool dateutil_iso(const char *text, size_t length, char out[DATEUTIL_ISO]);

/* Python's strptime directives. */
bool strftime_is_usable(const char *format, size_t length);
bool strftime_matches(const char *format, size_t format_length, const char *text, size_t length);

#endif
