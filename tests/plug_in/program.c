/* A program that knows no Python, and opens a plug-in as most programs do: its symbols stay with it. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
    void *const plug_in = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
    int (*const run)(void) = plug_in != NULL ? (int (*)(void))dlsym(plug_in, "run_plug_in") : NULL;
    if (run == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    return run();
}
