#ifndef MLC_COMPILER_NATIVES_TABLE_H
#define MLC_COMPILER_NATIVES_TABLE_H

/* The functions behind the table of natives, and what their files share. Private to compiler/natives*.c,
 * lower.c. */

#include "compiler/declarations.h"
#include "compiler/natives.h"
#include "core/buf.h"

const struct value *native_above(struct native_call *call);
const struct value *native_after(struct native_call *call);
const struct value *native_after_bucket(struct native_call *call);
const struct value *native_ancestors(struct native_call *call);
const struct value *native_argv(struct native_call *call);
const struct value *native_as(struct native_call *call);
const struct value *native_as_secret(struct native_call *call);
const struct value *native_before(struct native_call *call);
const struct value *native_bucket_name(struct native_call *call);
const struct value *native_ceil(struct native_call *call);
const struct value *native_contains(struct native_call *call);
const struct value *native_size_of(struct native_call *call);
const struct value *native_cron5(struct native_call *call);
const struct value *native_cron_every(struct native_call *call);
const struct value *native_days(struct native_call *call);
const struct value *native_differs(struct native_call *call);
const struct value *native_ends_with(struct native_call *call);
const struct value *native_environments_of(struct native_call *call);
const struct value *native_excludes(struct native_call *call);
const struct value *native_first(struct native_call *call);
const struct value *native_floor(struct native_call *call);
const struct value *native_format_of(struct native_call *call);
const struct value *native_go_duration(struct native_call *call);
const struct value *native_group(struct native_call *call);
const struct value *native_hash(struct native_call *call);
const struct value *native_hours(struct native_call *call);
const struct value *native_id(struct native_call *call);
const struct value *native_indent(struct native_call *call);
const struct value *native_ir_of(struct native_call *call);
const struct value *native_is_secret(struct native_call *call);
const struct value *native_join(struct native_call *call);
const struct value *native_json_text(struct native_call *call);
const struct value *native_jsonencode(struct native_call *call);
const struct value *native_k8s_args(struct native_call *call);
const struct value *native_k8s_cpu(struct native_call *call);
const struct value *native_k8s_label(struct native_call *call);
const struct value *native_k8s_size(struct native_call *call);
const struct value *native_keys(struct native_call *call);
const struct value *native_larger(struct native_call *call);
const struct value *native_last(struct native_call *call);
const struct value *native_lines(struct native_call *call);
const struct value *native_lock_champion(struct native_call *call);
const struct value *native_lock_image(struct native_call *call);
const struct value *native_loosen(struct native_call *call);
const struct value *native_lower(struct native_call *call);
const struct value *native_lower_case(struct native_call *call);
const struct value *native_lower_row(struct native_call *call);
const struct value *native_lowered(struct native_call *call);
const struct value *native_matchers(struct native_call *call);
const struct value *native_matches(struct native_call *call);
const struct value *native_max_of(struct native_call *call);
const struct value *native_milliseconds(struct native_call *call);
const struct value *native_min_of(struct native_call *call);
const struct value *native_minutes(struct native_call *call);
const struct value *native_nonempty(struct native_call *call);
const struct value *native_note(struct native_call *call);
const struct value *native_number(struct native_call *call);
const struct value *native_only(struct native_call *call);
const struct value *native_percent(struct native_call *call);
const struct value *native_pin(struct native_call *call);
const struct value *native_plain(struct native_call *call);
const struct value *native_producer(struct native_call *call);
const struct value *native_prom_duration(struct native_call *call);
const struct value *native_quote_mlc(struct native_call *call);
const struct value *native_quote_py(struct native_call *call);
const struct value *native_quote_sh(struct native_call *call);
const struct value *native_quote_sql(struct native_call *call);
const struct value *native_reachable(struct native_call *call);
const struct value *native_remark(struct native_call *call);
const struct value *native_replace(struct native_call *call);
const struct value *native_reverse(struct native_call *call);
const struct value *native_round(struct native_call *call);
const struct value *native_script(struct native_call *call);
const struct value *native_seconds(struct native_call *call);
const struct value *native_secret_key(struct native_call *call);
const struct value *native_share(struct native_call *call);
const struct value *native_shell_line(struct native_call *call);
const struct value *native_short(struct native_call *call);
const struct value *native_slug(struct native_call *call);
const struct value *native_smaller(struct native_call *call);
const struct value *native_sort(struct native_call *call);
const struct value *native_sorted(struct native_call *call);
const struct value *native_sources(struct native_call *call);
const struct value *native_spaced(struct native_call *call);
const struct value *native_split(struct native_call *call);
const struct value *native_spec_names(struct native_call *call);
const struct value *native_sql_literal(struct native_call *call);
const struct value *native_sql_number(struct native_call *call);
const struct value *native_sql_table(struct native_call *call);
const struct value *native_spread(struct native_call *call);
const struct value *native_starts_with(struct native_call *call);
const struct value *native_store_of(struct native_call *call);
const struct value *native_strip_suffix(struct native_call *call);
const struct value *native_sum(struct native_call *call);
const struct value *native_tf_name(struct native_call *call);
const struct value *native_time_zone(struct native_call *call);
const struct value *native_title(struct native_call *call);
const struct value *native_topological(struct native_call *call);
const struct value *native_trim(struct native_call *call);
const struct value *native_unique(struct native_call *call);
const struct value *native_upper(struct native_call *call);
const struct value *native_uri(struct native_call *call);
const struct value *native_used_datasets(struct native_call *call);
const struct value *native_users(struct native_call *call);
const struct value *native_variable(struct native_call *call);

/* The lowering of a measure to a target, NULL: it has none. */
const struct lowering *measure_lowering(const struct measure *measure, const char *target);

/* Appends a name as an identifier: letters, digits and `_`, no digit first. */
void name_identifier(struct buf *out, const char *name);

#endif
