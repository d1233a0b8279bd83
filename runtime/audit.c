#include "runtime/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 20 };

const char *audit_actor(void)
{
    static const char *const names[] = {"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *actor = getenv(names[i]);
        if (actor != NULL && *actor != '\0')
            return actor;
    }
    return "unknown";
}

void audit_host(char *out, size_t size)
{
    if (gethostname(out, size) != 0)
        snprintf(out, size, "unknown");
    out[size - 1] = '\0';
}

static void set_text(struct record_builder *record, const char *key, const char *text)
{
    if (text != NULL)
        record_set(record, key, value_string(record->arena, text, 0));
}

enum store_status audit_append(struct store *store, const struct audit_event *event, struct store_head *head,
                               struct store_error *error)
{
    struct arena *arena = arena_new();
    struct record_builder record = record_begin(arena);
    char host[256];
    struct store_head after;
    audit_host(host, sizeof host);
    set_text(&record, "event", event->event);
    set_text(&record, "subject", event->subject);
    set_text(&record, "from", event->from);
    set_text(&record, "to", event->to);
    set_text(&record, "why", event->why);
    set_text(&record, "actor", audit_actor());
    set_text(&record, "host", host);
    set_text(&record, "commit", getenv("GITHUB_SHA"));
    const struct value *whole = record_end(&record, 0);
    enum store_status status = STORE_CONFLICT;
    for (int tries = 0; tries < TRIES && status == STORE_CONFLICT; tries++) {
        struct store_head before;
        status = store_log_head(store, "audit", &before, error);
        if (status == STORE_OK)
            status = store_log_append(store, "audit", whole, &before, head != NULL ? head : &after, error);
    }
    arena_free(arena);
    return status;
}

const char *audit_anchor(struct arena *arena, const struct store_head *head)
{
    return arena_printf(arena, "%llu sha256:%s", (unsigned long long)head->sequence, head->hash);
}

bool audit_read_anchor(const char *text, struct store_head *head)
{
    unsigned long long sequence;
    int end = 0;
    if (sscanf(text, "%20llu sha256:%64[0-9a-f]%n", &sequence, head->hash, &end) != 2 || text[end] != '\0' ||
        strlen(head->hash) != HASH_HEX_SIZE - 1 || sequence == 0)
        return false;
    head->sequence = sequence;
    return true;
}

const char *audit_local_champion(const struct vec *events, const char *model)
{
    char host[256];
    audit_host(host, sizeof host);
    for (size_t i = events->count; i > 0; i--) {
        const struct value *event = events->items[i - 1];
        if (strcmp(value_string_or(value_get(event, "event"), ""), "champion here") == 0 &&
            strcmp(value_string_or(value_get(event, "subject"), ""), model) == 0 &&
            strcmp(value_string_or(value_get(event, "host"), ""), host) == 0)
            return value_string_or(value_get(event, "to"), "");
    }
    return "";
}
