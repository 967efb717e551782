/* compile_c.c: a C host that attaches; the driver times the compiler on it. */
#include <holdfast/holdfast.h>

int main(void) {
    hf_interpreter *python;
    if (hf_start(NULL, &python) != HF_OK)
        return 1;
    HF_ATTACHED(hf_main_view()) { hf_exec("pass"); }
    return hf_finalize(python, -1, NULL);
}
