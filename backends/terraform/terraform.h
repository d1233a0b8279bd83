#ifndef MLC_BACKENDS_TERRAFORM_TERRAFORM_H
#define MLC_BACKENDS_TERRAFORM_TERRAFORM_H

/* Terraform: blocks of HCL, their names and references. */

#include "backends/backend.h"

extern const struct backend backend_terraform;

/* Within a folder (a root module): no block twice, every reference leads to a block. Only reports. */
void terraform_check(struct compilation *compilation, const struct vec *files);

#endif
