/* A plug-in that contains libholdfast is unloaded while a thread lives that has used it. */
#include "../programs/check.h"

#include <dlfcn.h>
#include <pthread.h>

static pthread_barrier_t step;

static void *use(void *library) {
    int (*second_calls)(hf_view);
    *(void **)&second_calls = dlsym(library, "second_calls");
    CHECK(second_calls(hf_main_view()) == HF_NOT_STARTED); /* a failure has a text, per thread */
    pthread_barrier_wait(&step);
    pthread_barrier_wait(&step);
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t thread;
    void *library;
    CHECK(argc == 2);
    library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    pthread_barrier_init(&step, NULL, 2);
    CHECK(pthread_create(&thread, NULL, use, library) == 0);
    pthread_barrier_wait(&step);
    dlclose(library);
    pthread_barrier_wait(&step);
    CHECK(pthread_join(thread, NULL) == 0); /* its text is freed */
    return 0;
}
