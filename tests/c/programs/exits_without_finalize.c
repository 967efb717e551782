/* A process that exits without hf_finalize() still ends Python: its exit functions run. */
#include "check.h"

int main(void) {
    start();
    CHECK(hf_exec("import atexit\natexit.register(print, 'atexit ran', flush=True)\n"
                  "print('main')") == HF_OK);
    return 0;
}
