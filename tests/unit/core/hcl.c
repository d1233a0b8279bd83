#include "tests/unit/core/fixture.h"
#include "core/documents/hcl.h"
#include "core/expr.h"

/* Turns `{"$ref": "a.b"}` into an expression, `{"$text": [...]}` into a template, `{"$block": {...}}` into a
 * block body and `{"$remark": "x"}` into a remark, so that cases can be written as JSON. */
static const struct value *convert(struct arena *arena, const struct value *value);

static const struct expr *path_expr(struct arena *arena, const char *path)
{
    const struct expr *expr = NULL;
    for (size_t length; *path; path += length + (path[length] == '.')) {
        length = strcspn(path, ".");
        const char *name = arena_copy(arena, path, length);
        expr = expr ? expr_make(arena, EXPR_FIELD, "hcl", name, &expr, NULL, 1, 0)
                    : expr_name(arena, "hcl", name, 0);
    }
    return expr;
}

static const struct value *convert_items(struct arena *arena, const struct value *list, bool text)
{
    struct list_builder items = list_begin(arena);
    for (size_t i = 0; i < list->count; i++)
        list_add(&items, convert(arena, list->items[i]));
    const struct value *converted = list_end(&items, 0);
    return text ? value_text(arena, converted->items, converted->count, 0) : converted;
}

static const struct value *marked(struct arena *arena, const struct value *value, struct marks marks)
{
    struct marks *copy = arena_alloc(arena, sizeof *copy);
    *copy = marks;
    return value_with_marks(arena, value, copy);
}

static const struct value *convert_special(struct arena *arena, const char *key, const struct value *inner)
{
    if (strcmp(key, "$ref") == 0)
        return value_expression(arena, path_expr(arena, inner->text), 0);
    if (strcmp(key, "$text") == 0)
        return convert_items(arena, inner, true);
    if (strcmp(key, "$block") == 0)
        return marked(arena, convert(arena, inner), (struct marks){.block = true});
    if (strcmp(key, "$remark") == 0)
        return marked(arena, inner, (struct marks){.remark = true});
    if (strcmp(key, "$note") == 0)
        return marked(arena, convert(arena, inner->items[0]), (struct marks){.note = inner->items[1]->text});
    const struct expr *argument = expr_literal(arena, "hcl", convert(arena, inner));
    return value_expression(arena, expr_make(arena, EXPR_CALL, "hcl", key + 1, &argument, NULL, 1, 0), 0);
}

static const struct value *convert(struct arena *arena, const struct value *value)
{
    if (value->kind == VALUE_LIST)
        return convert_items(arena, value, false);
    if (value->kind != VALUE_RECORD)
        return value;
    if (value->field_count == 1 && value->fields[0].key[0] == '$')
        return convert_special(arena, value->fields[0].key, value->fields[0].value);
    struct record_builder record = record_begin(arena);
    for (size_t i = 0; i < value->field_count; i++)
        record_set(&record, value->fields[i].key, convert(arena, value->fields[i].value));
    return record_end(&record, 0);
}

/* `terraform fmt` has nothing to change, where there is a terraform. */
static void check_with_terraform(struct fixture *fixture)
{
    if (system("command -v terraform >/dev/null 2>&1") != 0)
        return;
    FILE *fmt = popen("TF_CLI_CONFIG_FILE=/dev/null terraform fmt -check -no-color - >/dev/null 2>&1", "w");
    assert_non_null(fmt);
    fputs(buf_str(&fixture->out), fmt);
    if (pclose(fmt) != 0)
        fail_msg("terraform fmt would change:\n%s", buf_str(&fixture->out));
}

static void check_hcl(const char *json, const char *wanted)
{
    struct fixture fixture = fixture_begin();
    const struct value *blocks = fixture_json(&fixture, json);
    if (!blocks)
        fail_msg("%s", fixture_messages(&fixture));
    buf_clear(&fixture.out);
    assert_true(hcl_write(&fixture.out, convert(fixture.arena, blocks), NULL));
    assert_string_equal(buf_str(&fixture.out), wanted);
    check_with_terraform(&fixture);
    fixture_end(&fixture);
}

static void test_blocks(void **state)
{
    (void)state;
    check_hcl("[{\"type\":\"data\",\"labels\":[\"aws_eks_cluster\",\"main\"],\"body\":[{\"key\":\"name\","
              "\"value\":\"ml\"}]},"
              "{\"$remark\":\"bucket/requests\"},"
              "{\"type\":\"resource\",\"labels\":[\"aws_s3_bucket\",\"requests\"],\"body\":["
              "{\"key\":\"bucket\",\"value\":\"iris\"},{\"key\":\"rule\",\"value\":{\"$block\":{"
              "\"id\":\"keep\",\"filter\":{\"$block\":{}},\"days\":90,\"enabled\":true}}},"
              "{\"type\":\"lifecycle\",\"body\":[{\"key\":\"prevent_destroy\",\"value\":true}]}]}]",
              "data \"aws_eks_cluster\" \"main\" {\n"
              "  name = \"ml\"\n"
              "}\n"
              "\n"
              "# bucket/requests\n"
              "resource \"aws_s3_bucket\" \"requests\" {\n"
              "  bucket = \"iris\"\n"
              "  rule {\n"
              "    id = \"keep\"\n"
              "    filter {}\n"
              "    days    = 90\n"
              "    enabled = true\n"
              "  }\n"
              "  lifecycle {\n"
              "    prevent_destroy = true\n"
              "  }\n"
              "}\n");
}

static void test_alignment(void **state)
{
    (void)state;
    check_hcl(
        "[{\"type\":\"a\",\"body\":["
        "{\"key\":\"test\",\"value\":\"StringEquals\"},{\"key\":\"variable\",\"value\":{\"$note\":[\"x\","
        "\"why\"]}},"
        "{\"key\":\"y\",\"value\":{\"$note\":[\"longer\",\"also\"]}},"
        "{\"key\":\"values\",\"value\":[\"repo:example/iris:environment:production\","
        "\"repo:example/iris:environment:staging\",\"repo:example/iris:pull_request\"]},"
        "{\"key\":\"z\",\"value\":1},"
        "{\"key\":\"tags\",\"value\":{\"managed-by\":\"mlc\",\"a b\":null,\"for\":{}}},"
        "{\"key\":\"policy\",\"value\":{\"$jsonencode\":{\"rules\":[{\"p\":1,\"description\":\"d\"}]}}}]}]",
        "a {\n"
        "  test     = \"StringEquals\"\n"
        "  variable = \"x\"      # why\n"
        "  y        = \"longer\" # also\n"
        "  values = [\n"
        "    \"repo:example/iris:environment:production\",\n"
        "    \"repo:example/iris:environment:staging\",\n"
        "    \"repo:example/iris:pull_request\",\n"
        "  ]\n"
        "  z = 1\n"
        "  tags = {\n"
        "    managed-by = \"mlc\"\n"
        "    \"a b\"      = null\n"
        "    \"for\"      = {}\n"
        "  }\n"
        "  policy = jsonencode({\n"
        "    rules = [\n"
        "      {\n"
        "        p           = 1\n"
        "        description = \"d\"\n"
        "      }\n"
        "    ]\n"
        "  })\n"
        "}\n");
}

static void test_strings_and_templates(void **state)
{
    (void)state;
    check_hcl("[{\"key\":\"a\",\"value\":\"${x} %{y} $${z} 100% $ \\\"\\\\\\n\\u0001\"},"
              "{\"key\":\"b\",\"value\":[{\"$text\":[{\"$ref\":\"aws_s3_bucket.requests.arn\"},\"/*${\"]}]},"
              "{\"key\":\"c\",\"value\":{\"$ref\":\"data.x.0.json\"}}]",
              "a = \"$${x} %%{y} $$${z} 100% $ \\\"\\\\\\n\\u0001\"\n"
              "b = [\"${aws_s3_bucket.requests.arn}/*$${\"]\n"
              "c = data.x[\"0\"].json\n");
}

static void test_refusals(void **state)
{
    (void)state;
    static const char *const cases[] = {"{}",
                                        "[{}]",
                                        "[1]",
                                        "[{\"type\":\"a b\",\"body\":[]}]",
                                        "[{\"key\":\"a b\",\"value\":1}]",
                                        "[{\"type\":\"a\",\"labels\":[1]}]",
                                        "[{\"type\":\"a\",\"body\":1}]"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture fixture = fixture_begin();
        const struct value *bad = NULL;
        if (hcl_write(&fixture.out, fixture_json(&fixture, cases[i]), &bad))
            fail_msg("accepted: %s", cases[i]);
        assert_non_null(bad);
        fixture_end(&fixture);
    }
    struct arena *arena = arena_new();
    struct buf out = {0};
    const struct value *bad = NULL, *quantity = value_quantity(arena, 1, UNIT_SIZE, 0);
    struct field fields[] = {{"key", 0, value_string(arena, "x", 0)}, {"value", 0, quantity}};
    const struct value *item = value_record(arena, fields, 2, 0);
    assert_false(hcl_write(&out, value_list(arena, &item, 1, 0), &bad));
    assert_ptr_equal(bad, quantity);
    buf_free(&out);
    arena_free(arena);
}

/* A number that a double rounds is written with its own digits. */
static void test_exact_numbers(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf out = {0};
    const char *why = NULL,
               *text = "[{\"type\":\"locals\",\"body\":[{\"key\":\"a\",\"value\":12345678901234567890.12},"
                       "{\"key\":\"b\",\"value\":0.1}]}]";
    const struct value *blocks = json_read_exact(arena, text, strlen(text), &why);
    assert_non_null(blocks);
    assert_true(hcl_write(&out, blocks, NULL));
    assert_non_null(strstr(buf_str(&out), "a = 12345678901234567890.12\n"));
    assert_non_null(strstr(buf_str(&out), "b = 0.1\n"));
    buf_free(&out);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_strings_and_templates),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_exact_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
