/* A C host, a library that uses the C++ headers, and one with a copy of libholdfast of its own. */
#include "../programs/check.h"

#include <dlfcn.h>
#include <pthread.h>

static int (*cxx_add)(int, int), (*cxx_hold)(int), (*cxx_is_inside)(void);
static int (*second_calls)(hf_view);
static void *(*cxx_record)(void);

static void *symbol(void *library, const char *name) {
    void *const found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return found;
}

static void *use_all(void *unused) {
    int i;
    (void)unused;
    for (i = 0; i < 200; i++) {
        CHECK(cxx_add(i, 1) == i + 1);
        CHECK(number_of("1 + 1") == 2);
        CHECK(second_calls(hf_main_view()) == 42);
    }
    return NULL;
}

static void *hold_elsewhere(void *unused) {
    (void)unused;
    CHECK(cxx_hold(1) == 1);
    return NULL;
}

int main(int argc, char **argv) {
    hf_interpreter *python;
    pthread_t threads[4], holder;
    void *library, *second;
    hf_scope scope;
    int i;
    CHECK(argc == 3);
    second = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
    if (second == NULL)
        return fprintf(stderr, "%s\n", dlerror()), 1;
    *(void **)&second_calls = symbol(second, "second_calls");
    CHECK(second_calls(hf_main_view()) == HF_NOT_STARTED);
    python = start();
    library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return fprintf(stderr, "%s\n", dlerror()), 1;
    *(void **)&cxx_add = symbol(library, "cxx_add");
    *(void **)&cxx_hold = symbol(library, "cxx_hold");
    *(void **)&cxx_is_inside = symbol(library, "cxx_is_inside");
    *(void **)&cxx_record = symbol(library, "cxx_record");
    for (i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, use_all, NULL);
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK(hf_main_view().record == cxx_record());
    CHECK(hf_attach(&scope, hf_main_view()) == HF_OK);
    CHECK(cxx_is_inside() == 1);
    hf_end(&scope);
    CHECK(cxx_is_inside() == 0);
    pthread_create(&holder, NULL, hold_elsewhere, NULL);
    pthread_join(holder, NULL);
    CHECK(hf_finalize(python, 0, NULL) == HF_STILL_INSIDE); /* the C++ library's guard */
    CHECK(cxx_add(1, 1) == 0);                              /* one gate: it is closed for all */
    CHECK(second_calls(hf_view_of(python)) == HF_FINALIZING);
    CHECK(cxx_hold(0) == 0);
    finalize(python);
    CHECK(cxx_add(1, 1) == 0);
    CHECK(second_calls(hf_main_view()) == HF_FINALIZED);
    return 0;
}
