#include "runtime/cluster/curl_library.h"
#include <dlfcn.h>
#include <string.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

/* dlsym gives an object pointer; POSIX says that it may hold a function's. */
static bool find(void *handle, const char *symbol, void *place, struct buf *why)
{
    void *address = dlsym(handle, symbol);
    if (address == NULL) {
        buf_printf(why, "libcurl.so.4 has no %s: it is too old", symbol);
        return false;
    }
    memcpy(place, &address, sizeof address);
    return true;
}

bool curl_library_load(struct curl_library *library, struct buf *why)
{
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL) {
        const char *reason = dlerror();
        buf_printf(why,
                   "libcurl.so.4 cannot be loaded (%s); install the package libcurl4 (Debian) or libcurl "
                   "(Fedora, Alpine)",
                   reason != NULL ? reason : "no reason given");
        return false;
    }
#define CURL_FUNCTION(name)                                                                                  \
    if (!find(handle, "curl_" #name, &library->name, why)) {                                                 \
        dlclose(handle);                                                                                     \
        return false;                                                                                        \
    }
    CURL_FUNCTIONS(CURL_FUNCTION)
#undef CURL_FUNCTION
    dlclose(handle); /* RTLD_NODELETE keeps it */
    const curl_version_info_data *version = library->version_info(CURLVERSION_NOW);
    if (version->version_num < 0x074d00) { /* CURLOPT_CAINFO_BLOB */
        buf_printf(why, "libcurl %s is too old: 7.77 or later is needed", version->version);
        return false;
    }
    if (library->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        buf_add_str(why, "libcurl cannot be initialised");
        return false;
    }
    return true;
}
