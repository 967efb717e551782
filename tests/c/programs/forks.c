/* A child that was forked without Python's hooks is refused, and exits at once. */
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    hf_interpreter *const python = start();
    const hf_view view = hf_main_view();
    hf_scope scope;
    int status;
    const pid_t child = fork();
    if (child == 0) {
        CHECK(hf_attach(&scope, view) == HF_FORKED);
        CHECK(hf_exec("1") == HF_FORKED);
        exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(hf_attach(&scope, view) == HF_OK);
    hf_end(&scope);
    finalize(python);
    return 0;
}
