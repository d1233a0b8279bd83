/* Bytes between sockets and connections. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "core/arena.h"
#include "runtime/capture/connection.h"

enum { PIECE = 8192 };

void stream_free(struct stream *stream)
{
    free(stream->data);
    *stream = (struct stream){0};
}

static void make_room(struct stream *stream, size_t more)
{
    if (stream->capacity - stream->end >= more)
        return;
    if (stream->start > 0) {
        memmove(stream->data, stream->data + stream->start, stream_size(stream));
        stream->end -= stream->start;
        stream->start = 0;
    }
    if (stream->capacity - stream->end >= more)
        return;
    stream->capacity = (stream->end + more + PIECE - 1) / PIECE * PIECE;
    stream->data = mem_realloc(stream->data, stream->capacity);
}

void stream_add(struct stream *stream, const char *bytes, size_t count)
{
    make_room(stream, count);
    memcpy(stream->data + stream->end, bytes, count);
    stream->end += count;
}

/* An empty stream keeps no memory: most connections are idle most of the time. */
void stream_take(struct stream *stream, size_t count)
{
    stream->start += count;
    if (stream->start == stream->end)
        stream_free(stream);
}

bool side_read(struct side *side, size_t limit)
{
    while (!side->ended && stream_size(&side->in) < limit) {
        make_room(&side->in, PIECE);
        ssize_t count = read(side->fd, side->in.data + side->in.end, side->in.capacity - side->in.end);
        if (count < 0 && errno == EINTR)
            continue;
        if (count > 0)
            side->in.end += (size_t)count;
        else if (count == 0)
            side->ended = true;
        if (stream_size(&side->in) == 0)
            stream_free(&side->in);
        if (count < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
    }
    return true;
}

bool side_write(struct side *side)
{
    while (stream_size(&side->out) > 0) {
        ssize_t count =
            send(side->fd, side->out.data + side->out.start, stream_size(&side->out), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        stream_take(&side->out, (size_t)count);
    }
    return true;
}

/* Who waits for nothing is taken off: epoll would go on telling about a connection that is lost. */
void side_watch(struct side *side, unsigned events)
{
    if (side->fd < 0 || side->events == events)
        return;
    struct epoll_event event = {.events = events, .data.ptr = side};
    int operation = events == 0 ? EPOLL_CTL_DEL : side->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    epoll_ctl(side->connection->proxy->epoll, operation, side->fd, &event);
    side->events = events;
}

void side_close(struct side *side)
{
    if (side->fd >= 0)
        close(side->fd); /* epoll forgets it */
    side->fd = -1;
    side->events = 0;
    side->ended = side->shut = side->connecting = false;
    stream_free(&side->in);
    stream_free(&side->out);
}
