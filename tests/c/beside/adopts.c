/* A library that a Python process loads: it takes over the Python that runs. */
#include <holdfast/holdfast.h>

#include <pthread.h>
#include <stdio.h>

static void *work(void *sum) {
    hf_value value;
    if (hf_eval("sum(range(10))", &value) == HF_OK && value.kind == HF_INT)
        *(long *)sum = (long)value.as.integer;
    return NULL;
}

__attribute__((visibility("default"))) int adopts(void);
int adopts(void) {
    hf_interpreter *python, *again;
    hf_scope away;
    pthread_t thread;
    long sum = 0;
    if (hf_adopt(&python) != HF_OK)
        return fprintf(stderr, "%s\n", hf_last_message()), 1;
    if (hf_adopt(&again) != 214 || again != NULL)
        return 2;
    if (hf_start(NULL, &again) != 214 || again != NULL)
        return fprintf(stderr, "%d %s\n", hf_last_code(), hf_last_message()), 3;
    pthread_create(&thread, NULL, work, &sum);
    hf_detach(&away);
    pthread_join(thread, NULL);
    hf_end(&away);
    return sum == 45 && hf_python_version()[0] == '3' ? 0 : 4;
}
