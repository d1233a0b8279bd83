#include "runtime/data/infer.h"

#include <string.h>
#include <strings.h>
#include <math.h>
#include "runtime/data/number.h"
#include "runtime/data/times.h"

enum {
    INFER_BOOL = 1,
    INFER_INT = 2,
    INFER_DECIMAL = 4,
    INFER_FLOAT = 8,
    INFER_DATE = 16,
    INFER_TIME = 32,
    INFER_TIMESTAMP = 64,
    INFER_ALL = 127,
    INFER_NUMBERS = INFER_INT | INFER_DECIMAL | INFER_FLOAT,
    INFER_TIMES = INFER_DATE | INFER_TIME | INFER_TIMESTAMP
};

static unsigned classify_number(const char *text, size_t length, double *number)
{
    size_t sign = text[0] == '-';
    bool leading_zero =
        length > sign + 1 && text[sign] == '0' && text[sign + 1] >= '0' && text[sign + 1] <= '9';
    int64_t integer;
    decimal big;
    if (text[0] == '+' || leading_zero)
        return 0;
    if (number_int(text, length, &integer)) {
        *number = (double)integer;
        return INFER_NUMBERS;
    }
    if (!number_double(text, length, number))
        return 0;
    if (memchr(text, '.', length) || memchr(text, 'e', length) || memchr(text, 'E', length) ||
        !number_decimal(text, length, 38, 0, &big))
        return INFER_FLOAT;
    return INFER_DECIMAL | INFER_FLOAT;
}

static unsigned classify_time(struct inference *inference, const char *text, size_t length)
{
    int64_t value;
    bool zoned = false;
    if (length == 10)
        return times_date(text, length, &value) ? INFER_DATE : 0;
    if (length < 16)
        return times_time(text, length, 1000000, &value) ? INFER_TIME : 0;
    bool time = text[2] == ':';
    bool micros = time ? times_time(text, length, 1000000, &value)
                       : times_timestamp(text, length, 1000000, &value, &zoned);
    bool nanos = !micros && (time ? times_time(text, length, 1000000000, &value)
                                  : times_timestamp(text, length, 1000000000, &value, &zoned));
    if (!micros && !nanos)
        return 0;
    inference->nanos |= nanos;
    inference->beyond_nanos |= micros && (value > INT64_MAX / 1000 || value < INT64_MIN / 1000);
    inference->zoned |= zoned;
    return time ? INFER_TIME : INFER_TIMESTAMP;
}

static unsigned classify(struct inference *inference, const char *text, size_t length, double *number)
{
    char first = text[0];
    if ((length == 4 && strncasecmp(text, "true", 4) == 0) ||
        (length == 5 && strncasecmp(text, "false", 5) == 0))
        return INFER_BOOL;
    if (first == '-' || first == '.' || (first >= '0' && first <= '9') || (first | 32) == 'n' ||
        (first | 32) == 'i') {
        unsigned types = classify_number(text, length, number);
        return types ? types : classify_time(inference, text, length);
    }
    return 0;
}

static void note_number(struct inference *inference, double number)
{
    if (!isfinite(number))
        return;
    inference->numbers++;
    inference->sum += number;
}

void infer_text(struct inference *inference, const char *text, size_t length)
{
    double number = NAN;
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    inference->values++;
    if (inference->refuted == INFER_ALL)
        return;
    inference->refuted |= INFER_ALL & ~(length ? classify(inference, text, length, &number) : 0);
    note_number(inference, number);
}

void infer_json(struct inference *inference, enum json_cell kind, const char *text, size_t length)
{
    double number = NAN;
    unsigned types = 0;
    inference->values++;
    if (kind == JSON_CELL_NUMBER)
        types = classify_number(text, length, &number);
    else if (kind == JSON_CELL_BOOL)
        types = INFER_BOOL;
    else if (kind == JSON_CELL_TEXT && length > 0 && !(inference->refuted == INFER_ALL))
        types = classify_time(inference, text, length);
    inference->json |= kind == JSON_CELL_TREE;
    inference->texts |= kind == JSON_CELL_TEXT;
    inference->refuted |= INFER_ALL & ~types;
    note_number(inference, number);
}

void infer_merge(struct inference *into, const struct inference *from)
{
    into->refuted |= from->refuted;
    into->zoned |= from->zoned;
    into->nanos |= from->nanos;
    into->beyond_nanos |= from->beyond_nanos;
    into->json |= from->json;
    into->texts |= from->texts;
    into->values += from->values;
    into->numbers += from->numbers;
    into->sum += from->sum;
}

void infer_type(const struct inference *inference, struct column_schema *out)
{
    static const struct {
        unsigned bit;
        enum column_type type;
    } order[] = {{INFER_BOOL, COLUMN_BOOL},          {INFER_INT, COLUMN_INT},
                 {INFER_DECIMAL, COLUMN_DECIMAL},    {INFER_FLOAT, COLUMN_FLOAT},
                 {INFER_DATE, COLUMN_DATE},          {INFER_TIME, COLUMN_TIME},
                 {INFER_TIMESTAMP, COLUMN_TIMESTAMP}};
    out->type = inference->values ? COLUMN_STRING : COLUMN_NULL;
    for (size_t i = 0; inference->values && i < sizeof order / sizeof *order; i++)
        if (!(inference->refuted & order[i].bit)) {
            out->type = order[i].type;
            break;
        }
    bool timed = out->type == COLUMN_TIME || out->type == COLUMN_TIMESTAMP;
    if (out->type == COLUMN_TIMESTAMP && inference->nanos && inference->beyond_nanos) {
        out->type = COLUMN_STRING; /* no 64 bits hold both its digits and its years */
        timed = false;
    }
    out->ticks = !timed ? 0 : inference->nanos ? 1000000000 : 1000000;
    out->zoned = out->type == COLUMN_TIMESTAMP && inference->zoned;
    out->precision = out->type == COLUMN_DECIMAL ? 38 : 0;
    out->scale = 0;
    out->logical =
        out->type == COLUMN_STRING && inference->json && !inference->texts ? LOGICAL_JSON : LOGICAL_NONE;
    double mean = inference->numbers ? inference->sum / (double)inference->numbers : 0;
    out->shift = isfinite(mean) ? mean : 0;
}
