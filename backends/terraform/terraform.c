#include "backends/terraform/terraform.h"

#include <string.h>

/* A block is known by its resource type, else by its own: "aws_s3_bucket", "provider". */
static void push_parts(struct compilation *compilation, const struct generated *file,
                       const struct value *document, struct vec *parts)
{
    (void)file;
    if (document->kind == VALUE_LIST) {
        for (size_t i = 0; i < document->count; i++)
            push_parts(compilation, file, document->items[i], parts);
        return;
    }
    const char *type = value_string_or(value_get(document, "type"), NULL);
    const struct value *labels = value_get(document, "labels");
    if (!type || !labels || labels->kind != VALUE_LIST)
        return;
    struct part *part = arena_alloc(compilation->arena, sizeof *part);
    *part = (struct part){type, "", document, NULL};
    bool typed = !strcmp(type, "resource") || !strcmp(type, "data");
    if (typed && labels->count == 2) {
        part->kind = value_string_or(labels->items[0], type);
        part->name = value_string_or(labels->items[1], "");
    } else if (labels->count) {
        part->name = value_string_or(labels->items[0], "");
    }
    vec_push(parts, part);
}

/* What keeps data alive, and who may take a role. */
static const char *const sealed[] = {"*.lifecycle.prevent_destroy", "aws_iam_role.assume_role_policy",
                                     "aws_iam_role_policy.policy", NULL};

const struct backend backend_terraform = {
    .name = "terraform",
    .summary = "Terraform for AWS: what must be there before anything runs",
    .check = terraform_check,
    .parts = push_parts,
    .sealed = sealed,
};
