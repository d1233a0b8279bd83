#include "runtime/index.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "runtime/audit.h"

enum { INDEX_VERSION = 1, BUSY_MS = 10000 };

struct index {
    sqlite3 *database;
};

static const char schema[] =
    "create table if not exists version (model text not null, number integer not null, artifact text not "
    "null,"
    " metrics text not null, data text not null, time text not null, verdict text not null,"
    " primary key (model, number)) without rowid;"
    "create table if not exists champion (model text primary key, artifact text not null) without rowid;";

static bool fail(struct index *index, struct index_error *error, const char *what)
{
    if (error != NULL)
        snprintf(error->text, sizeof error->text, "%s: %s", what, sqlite3_errmsg(index->database));
    return false;
}

static bool execute(struct index *index, const char *sql, struct index_error *error)
{
    return sqlite3_exec(index->database, sql, NULL, NULL, NULL) == SQLITE_OK ||
           fail(index, error, "the local index");
}

/* A prepared statement with its texts bound in order; NULL with an error. */
static sqlite3_stmt *prepare(struct index *index, const char *sql, const char *const *texts, int count,
                             struct index_error *error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(index->database, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail(index, error, "the local index");
        return NULL;
    }
    for (int i = 0; i < count; i++)
        sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_TRANSIENT);
    return statement;
}

static bool check_version(struct index *index, const char *path, struct index_error *error)
{
    sqlite3_stmt *statement = prepare(index, "pragma user_version", NULL, 0, error);
    if (statement == NULL)
        return false;
    int step = sqlite3_step(statement);
    int found = step == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    sqlite3_finalize(statement);
    if (found < 0)
        return fail(index, error, path);
    if (found > INDEX_VERSION) {
        snprintf(error->text, sizeof error->text,
                 "%s was written by a newer mlc (version %d of the index; this mlc knows %d)", path, found,
                 INDEX_VERSION);
        return false;
    }
    char sql[64];
    snprintf(sql, sizeof sql, "pragma user_version = %d", INDEX_VERSION);
    return execute(index, schema, error) && execute(index, sql, error);
}

static int make_parent(const char *path)
{
    char *parent = mem_strdup(path);
    char *slash = strrchr(parent, '/');
    int code = 0;
    if (slash != NULL) {
        *slash = '\0';
        code = file_make_folders(parent);
    }
    free(parent);
    return code;
}

struct index *index_open(const char *path, struct index_error *error)
{
    int code = make_parent(path);
    if (code < 0) {
        snprintf(error->text, sizeof error->text, "%s: %s", path, strerror(-code));
        return NULL;
    }
    struct index *index = mem_calloc(1, sizeof *index);
    bool opened = sqlite3_open_v2(path, &index->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
                  SQLITE_OK;
    if (!opened)
        fail(index, error, path);
    else
        sqlite3_busy_timeout(index->database, BUSY_MS);
    if (opened && execute(index, "pragma journal_mode = wal", error) && check_version(index, path, error))
        return index;
    index_close(index);
    return NULL;
}

void index_close(struct index *index)
{
    if (index == NULL)
        return;
    sqlite3_close(index->database);
    free(index);
}

static bool run_once(struct index *index, sqlite3_stmt *statement, struct index_error *error)
{
    if (statement == NULL)
        return false;
    bool done = sqlite3_step(statement) == SQLITE_DONE;
    if (!done)
        fail(index, error, "the local index");
    sqlite3_finalize(statement);
    return done;
}

bool index_put_version(struct index *index, const struct model_version *version, struct index_error *error)
{
    const char *texts[] = {version->model, version->artifact, version->metrics,
                           version->data,  version->time,     version->verdict};
    sqlite3_stmt *statement =
        prepare(index,
                "insert or replace into version (model, artifact, metrics, data, time, verdict, number)"
                " values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                texts, 6, error);
    if (statement != NULL)
        sqlite3_bind_int64(statement, 7, version->number);
    return run_once(index, statement, error);
}

static const char *column_text(struct arena *arena, sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return arena_strdup(arena, text != NULL ? text : "");
}

static void read_version(struct arena *arena, sqlite3_stmt *statement, struct model_version *out)
{
    out->model = column_text(arena, statement, 0);
    out->number = sqlite3_column_int64(statement, 1);
    out->artifact = column_text(arena, statement, 2);
    out->metrics = column_text(arena, statement, 3);
    out->data = column_text(arena, statement, 4);
    out->time = column_text(arena, statement, 5);
    out->verdict = column_text(arena, statement, 6);
}

bool index_champion(struct index *index, struct arena *arena, const char *model, struct model_version *out)
{
    sqlite3_stmt *statement = prepare(
        index,
        "select c.model, coalesce(v.number, 0), c.artifact, coalesce(v.metrics, ''), coalesce(v.data, ''),"
        " coalesce(v.time, ''), coalesce(v.verdict, '') from champion c left join version v"
        " on v.model = c.model and v.artifact = c.artifact where c.model = ?1 order by v.number desc limit 1",
        &model, 1, NULL);
    bool found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;
    if (found)
        read_version(arena, statement, out);
    sqlite3_finalize(statement);
    return found;
}

bool index_promote(struct index *index, const char *model, const char *expected, const char *artifact,
                   struct index_error *error)
{
    if (!execute(index, "begin immediate", error))
        return false;
    struct arena *arena = arena_new();
    struct model_version now;
    const char *current = index_champion(index, arena, model, &now) ? now.artifact : "";
    bool same = strcmp(current, expected) == 0;
    if (!same)
        snprintf(error->text, sizeof error->text, "the champion of %s has changed meanwhile; run again",
                 model);
    arena_free(arena);
    const char *texts[] = {model, artifact};
    bool done =
        same &&
        run_once(index, prepare(index, "insert or replace into champion values (?1, ?2)", texts, 2, error),
                 error);
    return execute(index, done ? "commit" : "rollback", done ? error : NULL) && done;
}

bool index_versions(struct index *index, struct arena *arena, const char *model, struct vec *out,
                    struct index_error *error)
{
    sqlite3_stmt *statement =
        prepare(index,
                "select model, number, artifact, metrics, data, time, verdict from version"
                " where ?1 is null or model = ?1 order by model, number desc",
                &model, model != NULL ? 1 : 0, error);
    if (statement == NULL)
        return false;
    int step;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        struct model_version *version = arena_alloc(arena, sizeof *version);
        read_version(arena, statement, version);
        vec_push(out, version);
    }
    sqlite3_finalize(statement);
    return step == SQLITE_DONE || fail(index, error, "the local index");
}

static const char *metrics_text(struct arena *arena, const struct value *record)
{
    const struct value *metrics = value_get(record, "metrics");
    struct buf text = {0};
    if (metrics == NULL || !json_write(&text, metrics, (struct json_style){0}, NULL))
        buf_clear(&text);
    const char *copy = arena_strdup(arena, buf_str(&text));
    buf_free(&text);
    return copy;
}

static bool rebuild_model(struct index *index, struct store *store, const char *model,
                          const struct value *lock, struct arena *arena, struct index_error *error)
{
    struct vec records = vec_in(arena);
    struct store_error problem = {0};
    if (store_log_read(store, arena, model, &records, &problem) != STORE_OK) {
        snprintf(error->text, sizeof error->text, "%.*s", (int)sizeof error->text - 1, problem.text);
        return false;
    }
    struct vec events = vec_in(arena);
    if (store_log_read(store, arena, "audit", &events, &problem) != STORE_OK) {
        snprintf(error->text, sizeof error->text, "%.*s", (int)sizeof error->text - 1, problem.text);
        return false;
    }
    for (size_t i = 0; i < records.count; i++) {
        const struct value *record = records.items[i];
        struct model_version version = {
            .number = (int64_t)i + 1,
            .model = model,
            .artifact = value_string_or(value_get(record, "artifact"), ""),
            .metrics = metrics_text(arena, record),
            .data = value_string_or(value_get(record, "data"), ""),
            .time = value_string_or(value_get(record, "time"), ""),
            .verdict = value_string_or(value_get(record, "verdict"), ""),
        };
        if (!index_put_version(index, &version, error))
            return false;
    }
    /* The lock wins; without a line there it is what a run on this machine promoted. */
    const char *champion = value_string_or(value_get(lock, arena_printf(arena, "%s.champion", model)),
                                           audit_local_champion(&events, model));
    if (strncmp(champion, "sha256:", 7) == 0)
        champion += 7;
    return *champion == '\0' || index_promote(index, model, "", champion, error);
}

bool index_rebuild(struct index *index, struct store *store, const char *const *models, size_t model_count,
                   const struct value *lock, struct index_error *error)
{
    if (!execute(index, "delete from version; delete from champion", error))
        return false;
    struct arena *arena = arena_new();
    bool done = true;
    for (size_t i = 0; i < model_count && done; i++)
        done = rebuild_model(index, store, models[i], lock, arena, error);
    arena_free(arena);
    return done;
}
