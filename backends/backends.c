#include <string.h>
#include "backends/backend.h"
#include "backends/github/github.h"
#include "backends/kubernetes/kubernetes.h"
#include "backends/null/null.h"
#include "backends/terraform/terraform.h"
#include "backends/text/text.h"

const struct backend *const backends[] = {&backend_github, &backend_kubernetes, &backend_null,
                                          &backend_terraform, &backend_text};

const size_t backend_count = sizeof backends / sizeof *backends;

const struct backend *backend_find(const char *name)
{
    for (size_t i = 0; i < backend_count; i++)
        if (!strcmp(backends[i]->name, name))
            return backends[i];
    return NULL;
}
