#include "tests/unit/core/fixture.h"
#include "core/documents/schema.h"
#include "core/documents/schema_scalar.h"

static void check_findings(const char *schema, const char *document, struct schema_options options,
                           const char *wanted)
{
    struct fixture fixture = fixture_begin();
    const struct value *rules = fixture_yaml(&fixture, schema, strlen(schema));
    const struct value *value = fixture_yaml(&fixture, document, strlen(document));
    if (!rules || !value)
        fail_msg("%s", fixture_messages(&fixture));
    struct vec findings = vec_in(fixture.arena);
    bool good = schema_check(fixture.arena, rules, rules, value, options, &findings);
    assert_int_equal(good, findings.count == 0);
    for (size_t i = 0; i < findings.count; i++) {
        const struct schema_finding *finding = findings.items[i];
        buf_printf(&fixture.out, "%s: %s\n", finding->path, finding->message);
    }
    assert_string_equal(buf_str(&fixture.out), wanted);
    fixture_end(&fixture);
}

static const struct schema_options OPEN = {0}, CLOSED = {.closed = true},
                                   KUBERNETES = {.closed = true, .kubernetes = true};

static void test_keywords(void **state)
{
    (void)state;
    check_findings("{type: integer, minimum: 1}", "0", OPEN, ": expected at least 1, found 0\n");
    check_findings("{type: integer}", "1.0", OPEN, "");
    check_findings("{type: [integer, 'null']}", "x", OPEN, ": expected integer or null, found string\n");
    check_findings("{exclusiveMaximum: 5}", "5", OPEN, ": expected less than 5, found 5\n");
    check_findings("{maximum: 5, exclusiveMaximum: true}", "5", OPEN,
                   ": expected at most but not 5, found 5\n");
    check_findings("{multipleOf: 0.1}", "0.3", OPEN, "");
    check_findings("{maxLength: 2}", "éé", OPEN, "");
    check_findings("{pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$'}", "a-", OPEN,
                   ": expected a text that matches `^[a-z]([-a-z0-9]*[a-z0-9])?$`, found \"a-\"\n");
    check_findings("{enum: [a, b]}", "c", OPEN, ": expected one of \"a\", \"b\", found \"c\"\n");
    check_findings("{const: 1}", "1.0", OPEN, "");
    check_findings("{uniqueItems: true}", "[1, 2, 1]", OPEN,
                   ": items 0 and 2 are equal, expected different ones\n");
    check_findings("{items: {type: string}}", "[a, 1]", OPEN, "[1]: expected string, found integer\n");
    check_findings("{prefixItems: [{type: string}], items: {type: integer}}", "[a, b]", OPEN,
                   "[1]: expected integer, found string\n");
    check_findings("{required: [a], minProperties: 2}", "{b: 1}", OPEN,
                   ": expected at least 2 entries, found 1\n: the field `a` is missing\n");
    check_findings("{additionalProperties: {type: integer}}", "{a: x}", OPEN,
                   "a: expected integer, found string\n");
    check_findings("{properties: {replicas: {}}, additionalProperties: false}", "{replica: 1}", OPEN,
                   "replica: unknown field `replica`; there is a field with a similar name: `replicas`\n");
    check_findings("{patternProperties: {'^x-': {type: string}}, additionalProperties: false}",
                   "{x-a: 1, y: 2}", OPEN, "x-a: expected string, found integer\ny: unknown field `y`\n");
    check_findings("{not: {type: string}}", "a", OPEN, ": the value has a form that is excluded here\n");
    check_findings("{if: {required: [a]}, then: {required: [b]}}", "{a: 1}", OPEN,
                   ": the field `b` is missing\n");
    check_findings("{dependentRequired: {a: [b]}}", "{a: 1}", OPEN,
                   ": the field `b` is missing, which `a` needs\n");
    check_findings("{propertyNames: {maxLength: 2}}", "{abc: 1}", OPEN,
                   ": the name `abc` does not fit: expected at most 2 characters, found 3\n");
    check_findings("{contains: {type: integer}}", "[a]", OPEN, ": no item has the form that one must have\n");
}

static void test_references(void **state)
{
    (void)state;
    check_findings("{$ref: '#/$defs/a', $defs: {a: {type: object, properties: {n: {$ref: '#/$defs/a'}}}}}",
                   "{n: {n: {n: 1}}}", OPEN, "n.n.n: expected object, found integer\n");
    check_findings("{$ref: '#/definitions/a~1b', definitions: {a/b: {type: string}}}", "1", OPEN,
                   ": expected string, found integer\n");
    check_findings("{$ref: 'https://example.com/x.json'}", "1", OPEN,
                   ": the schema refers to `https://example.com/x.json`, which is not in its document\n");
    check_findings("{$ref: '#'}", "1", OPEN,
                   ": the schema refers to itself without end, or has too many alternatives\n");
}

static void test_alternatives(void **state)
{
    (void)state;
    check_findings("{oneOf: [{type: string}, {type: integer}]}", "[]", OPEN,
                   ": expected string or integer, found array\n");
    check_findings("{oneOf: [{type: integer}, {minimum: 3}]}", "5", OPEN,
                   ": 2 of the forms that exclude each other here fit\n");
    check_findings("{oneOf: [{properties: {kind: {const: a}, x: {type: string}}}, "
                   "{properties: {kind: {const: b}, y: {type: string}}}]}",
                   "{kind: b, y: 1}", OPEN, "y: expected string, found integer\n");
    check_findings("{anyOf: [{required: [a]}, {required: [b]}]}", "{b: 1}", OPEN, "");
}

static void test_closed_objects(void **state)
{
    (void)state;
    check_findings("{properties: {a: {properties: {b: {}}}}}", "{a: {c: 1}, d: 2}", CLOSED,
                   "a.c: unknown field `c`\nd: unknown field `d`\n");
    check_findings("{allOf: [{properties: {a: {}}}, {properties: {b: {}}}]}", "{a: 1, b: 2, c: 3}", CLOSED,
                   "c: unknown field `c`\n");
    check_findings("{properties: {a: {}}, additionalProperties: true}", "{b: 1}", CLOSED, "");
    check_findings("{type: object}", "{b: 1}", CLOSED, "");
}

static void test_kubernetes(void **state)
{
    (void)state;
    check_findings("{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}", "25%",
                   KUBERNETES, "");
    check_findings("{x-kubernetes-int-or-string: true}", "[1]", KUBERNETES,
                   ": expected integer or string, found array\n");
    check_findings("{type: object, properties: {a: {}}, x-kubernetes-preserve-unknown-fields: true}",
                   "{b: 1}", KUBERNETES, "");
    check_findings("{type: object, properties: {spec: {}}, x-kubernetes-embedded-resource: true}",
                   "{kind: A, apiVersion: v1, metadata: {}, specs: 1}", KUBERNETES,
                   "specs: unknown field `specs`; there is a field with a similar name: `spec`\n");
    check_findings("{type: string, nullable: true}", "null", KUBERNETES, "");
    check_findings("{oneOf: [{type: string}, {type: number}]}", "1", KUBERNETES, "");
    check_findings("{type: integer, format: int32}", "3000000000", KUBERNETES,
                   ": expected an integer of 32 bits, found 3000000000\n");
}

/* Each would take for ever, or all memory, if alternatives were tried without bound. */
static void test_endless(void **state)
{
    (void)state;
    check_findings("{$ref: '#'}", "1", OPEN,
                   ": the schema refers to itself without end, or has too many alternatives\n");
    check_findings("{$ref: '#/$defs/a', $defs: {a: {anyOf: [{$ref: '#/$defs/b'}, {$ref: '#/$defs/a'}]},"
                   " b: {properties: {x: {$ref: '#/$defs/a'}}, required: [y]}}}",
                   "{x: {x: {x: {}}}}", OPEN,
                   ": the schema refers to itself without end, or has too many alternatives\n");
    check_findings("{properties: {a: {}}, anyOf: [{$ref: '#/$defs/b'}, {}],"
                   " $defs: {b: {allOf: [{$ref: '#/$defs/b'}, {$ref: '#/$defs/b'}]}}}",
                   "{b: 1}", CLOSED, "");
    check_findings("{$ref: '#/$defs/n', $defs: {n: {anyOf: [{type: integer}, {$ref: '#/$defs/l'}]},"
                   " l: {type: array, items: {anyOf: [{$ref: '#/$defs/n'}, {$ref: '#/$defs/l'}]}}}}",
                   "[[[[[[[[[[[[true]]]]]]]]]]]]", OPEN,
                   "[0][0][0][0][0][0][0][0][0][0][0][0]: expected array, found boolean\n");
}

static void test_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        enum schema_match match;
    } cases[] = {{"^\\d+(?:\\.\\d+)?$", "1.5", SCHEMA_MATCHES},
                 {"^\\d+(?:\\.\\d+)?$", "1.", SCHEMA_DIFFERS},
                 {"^[\\w.\\-\\]]+$", "a-]_.", SCHEMA_MATCHES},
                 {"^[\\w.\\-\\]]+$", "a b", SCHEMA_DIFFERS},
                 {"^[^\\s/]+$", "a/b", SCHEMA_DIFFERS},
                 {"^\\S+$", "a b", SCHEMA_DIFFERS},
                 {"^[a-z^]$", "^", SCHEMA_MATCHES},
                 {"^\\x41$", "A", SCHEMA_MATCHES},
                 {"(?=x)a", "a", SCHEMA_CANNOT_TELL},
                 {"a+?", "a", SCHEMA_CANNOT_TELL},
                 {"(a)\\1", "aa", SCHEMA_CANNOT_TELL},
                 {"[", "a", SCHEMA_CANNOT_TELL},
                 {"[a", "a", SCHEMA_CANNOT_TELL},
                 {"\\", "a", SCHEMA_CANNOT_TELL},
                 {"^[a-z]{1,63}(\\.[a-z]{1,63}){0,253}$", "a.b", SCHEMA_MATCHES},
                 {"((((a{1,255}){1,255}){1,255}){1,255}){1,255}", "a", SCHEMA_CANNOT_TELL},
                 {"((((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+", "a", SCHEMA_CANNOT_TELL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (schema_match(cases[i].pattern, cases[i].text) != cases[i].match)
            fail_msg("%s on %s", cases[i].pattern, cases[i].text);
}

static void test_schemas_themselves(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *why;
    } cases[] = {
        {"{type: [object, 'null'], required: [a], properties: {a: {exclusiveMinimum: 0}}}", NULL},
        {"{$ref: '#/$defs/x', $defs: {x: {items: [{type: string}, true]}}}", NULL},
        {"true", NULL},
        {"{type: text}", "type: "},
        {"{properties: {a: {minimum: x}}}", "properties.a.minimum: expected number, found string"},
        {"{required: a}", "required: expected array, found string"},
        {"{anyOf: []}", "anyOf: "},
        {"{multipleOf: 0}", "multipleOf: "},
        {"{minItems: -1}", "minItems: "},
        {"[]", "expected object"},
    };
    struct fixture fixture = fixture_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct value *schema = fixture_yaml(&fixture, cases[i].schema, strlen(cases[i].schema));
        const char *why = schema_invalid(fixture.arena, schema);
        bool wanted = cases[i].why ? why && strncmp(why, cases[i].why, strlen(cases[i].why)) == 0 : !why;
        if (!wanted)
            fail_msg("%s: %s", cases[i].schema, why ? why : "valid");
    }
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keywords),     cmocka_unit_test(test_references),
        cmocka_unit_test(test_alternatives), cmocka_unit_test(test_closed_objects),
        cmocka_unit_test(test_kubernetes),   cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_endless),      cmocka_unit_test(test_schemas_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
