#ifndef MLC_TESTS_HTTP_SERVER_H
#define MLC_TESTS_HTTP_SERVER_H

/* A tiny HTTP server in a thread of the test: one connection at a time, one request a connection. */

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/buf.h"

struct server_request {
    char method[16], path[512];
    bool only_new; /* If-None-Match: * */
    struct buf body;
};

struct server {
    /* Answers: the status, with a body; 0: the connection is closed without an answer. */
    int (*handle)(void *context, const struct server_request *request, struct buf *body);
    void *context;
    int listening;
    int port;
    pthread_t thread;
};

static bool server_read_head(int connection, struct buf *head)
{
    char c;
    while (head->length < 65536 && read(connection, &c, 1) == 1) {
        buf_add_char(head, c);
        if (head->length >= 4 && memcmp(head->data + head->length - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

static void server_send(int connection, const char *bytes, size_t count)
{
    for (ssize_t sent; count > 0; bytes += sent, count -= (size_t)sent)
        if ((sent = send(connection, bytes, count, MSG_NOSIGNAL)) <= 0)
            return;
}

static void server_read_body(int connection, const char *head, struct buf *body)
{
    const char *length = strcasestr(head, "\r\ncontent-length:");
    size_t left = length != NULL ? strtoul(length + 17, NULL, 10) : 0;
    char chunk[4096];
    if (strcasestr(head, "\r\nexpect: 100") != NULL)
        server_send(connection, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    while (left > 0) {
        ssize_t count = read(connection, chunk, left < sizeof chunk ? left : sizeof chunk);
        if (count <= 0)
            return;
        buf_add(body, chunk, (size_t)count);
        left -= (size_t)count;
    }
}

static void server_answer(struct server *server, int connection)
{
    struct buf head = {0}, body = {0}, out = {0};
    struct server_request request = {0};
    if (server_read_head(connection, &head) &&
        sscanf(buf_str(&head), "%15s %511s", request.method, request.path) == 2) {
        request.only_new = strcasestr(buf_str(&head), "\r\nif-none-match: *") != NULL;
        server_read_body(connection, buf_str(&head), &request.body);
        int status = server->handle(server->context, &request, &body);
        buf_printf(&out, "HTTP/1.1 %d Answer\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status,
                   body.length);
        if (strcmp(request.method, "HEAD") != 0)
            buf_add(&out, buf_str(&body), body.length);
        if (status != 0)
            server_send(connection, buf_str(&out), out.length);
    }
    buf_free(&head);
    buf_free(&body);
    buf_free(&out);
    buf_free(&request.body);
}

static void *server_loop(void *context)
{
    struct server *server = context;
    int connection;
    while ((connection = accept(server->listening, NULL, NULL)) >= 0) {
        server_answer(server, connection);
        close(connection);
    }
    return NULL;
}

static inline void server_start(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->listening, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(server->listening, 16) != 0 ||
        getsockname(server->listening, (struct sockaddr *)&address, &length) != 0 ||
        pthread_create(&server->thread, NULL, server_loop, server) != 0)
        abort();
    server->port = ntohs(address.sin_port);
}

static inline void server_stop(struct server *server)
{
    shutdown(server->listening, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listening);
}

#endif
