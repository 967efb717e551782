/* A second copy of libholdfast is given handles of the first, and has not been called before. */
#include "../programs/check.h"

#include <dlfcn.h>

static int (*second_begins)(int, hf_interpreter *, hf_scope *, hf_value *);

static hf_status raises(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)count, (void)result;
    return second_begins(6, NULL, NULL, NULL);
}

int main(int argc, char **argv) {
    hf_interpreter *python;
    hf_scope scope;
    hf_value object;
    const int how = atoi(argv[argc - 1]);
    void *const second = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (second == NULL)
        return fprintf(stderr, "%s\n", dlerror()), 1;
    *(void **)&second_begins = dlsym(second, "second_begins");
    if (how == 4)
        CHECK(second_begins(how, NULL, NULL, NULL) == 0); /* looks before the start */
    python = start();
    CHECK(hf_exec("class Counted:\n    ended = 0\n"
                  "    def __del__(self): Counted.ended += 1\n") == HF_OK);
    CHECK(hf_define("host", "raises", raises, NULL) == HF_OK);
    CHECK(hf_eval("Counted()", &object) == HF_OK);
    if (how == 0)
        CHECK(hf_attach(&scope, hf_main_view()) == HF_OK);
    if (how == 6) {
        CHECK(hf_exec("import host; host.raises()") == HF_PYTHON_ERROR);
        CHECK(strcmp(hf_last_type(), "ValueError") == 0);
    } else {
        CHECK(second_begins(how, python, &scope, &object) == 1);
    }
    CHECK(!hf_attached());
    CHECK(number_of("Counted.ended") == (how == 1 || how == 2));
    if (how != 1 && how != 2)
        hf_value_clear(&object);
    finalize(python);
    return 0;
}
