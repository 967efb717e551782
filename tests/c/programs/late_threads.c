/* Eight threads call while Python ends: each call works or is refused, and nothing else. */
#include "check.h"

#include <pthread.h>

enum { threads = 8 };
static hf_function *work;

static void *call_until_refused(void *unused) {
    (void)unused;
    for (;;) {
        hf_value argument = integer(20), result;
        const hf_status status = hf_call(work, &argument, 1, &result);
        if (status == HF_OK) {
            CHECK(result.kind == HF_LIST && result.as.list.count == 20);
            hf_value_clear(&result);
            continue;
        }
        CHECK(status == HF_FINALIZING || status == HF_FINALIZED);
        CHECK(result.kind == HF_NONE && hf_last_code() == status);
        return NULL;
    }
}

int main(void) {
    hf_interpreter *const python = start();
    pthread_t all[threads];
    int i;
    CHECK(hf_exec("def work(n): return [object() for _ in range(n)]") == HF_OK);
    work = function("__main__", "work");
    for (i = 0; i < threads; i++)
        CHECK(pthread_create(&all[i], NULL, call_until_refused, NULL) == 0);
    for (i = 0; i < 50; i++)
        number_of("sum(range(1000))");
    finalize(python);
    for (i = 0; i < threads; i++)
        pthread_join(all[i], NULL);
    hf_function_free(work); /* after the end */
    return 0;
}
