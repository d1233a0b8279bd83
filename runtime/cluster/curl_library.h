#ifndef MLC_RUNTIME_CLUSTER_CURL_LIBRARY_H
#define MLC_RUNTIME_CLUSTER_CURL_LIBRARY_H

/* libcurl as a table of functions, loaded when it is first needed: commands that talk to no server start
 * without it. */

#include <stdbool.h>
#include <curl/curl.h>
#include "core/buf.h"

#define CURL_FUNCTIONS(X)                                                                                    \
    X(global_init)                                                                                           \
    X(version_info)                                                                                          \
    X(easy_init)                                                                                             \
    X(easy_cleanup)                                                                                          \
    X(easy_reset)                                                                                            \
    X(easy_setopt)                                                                                           \
    X(easy_getinfo)                                                                                          \
    X(easy_strerror)                                                                                         \
    X(multi_init)                                                                                            \
    X(multi_cleanup)                                                                                         \
    X(multi_add_handle)                                                                                      \
    X(multi_remove_handle)                                                                                   \
    X(multi_setopt)                                                                                          \
    X(multi_perform)                                                                                         \
    X(multi_poll)                                                                                            \
    X(multi_info_read)                                                                                       \
    X(slist_append)                                                                                          \
    X(slist_free_all)

struct curl_library {
#define CURL_FUNCTION(name) __typeof__(&curl_##name) name;
    CURL_FUNCTIONS(CURL_FUNCTION)
#undef CURL_FUNCTION
};

/* Loads libcurl.so.4 (it stays loaded). False with a reason appended to `why`. */
bool curl_library_load(struct curl_library *library, struct buf *why);

#endif
