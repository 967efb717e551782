/* Objects are kept over calls, used and dropped on any thread, also after Python's end. */
#include "check.h"

#include <pthread.h>

static void *drop(void *object) {
    hf_object_free((hf_object *)object);
    return NULL;
}

static hf_object *object_of(const char *expression) {
    hf_value value;
    hf_object *kept;
    CHECK(hf_eval(expression, &value) == HF_OK && value.kind == HF_OBJECT);
    kept = hf_object_keep(value.as.object);
    hf_value_clear(&value);
    return kept;
}

int main(void) {
    hf_interpreter *const python = start();
    hf_object *box, *again, *other;
    hf_function *method;
    hf_value value, five = integer(5);
    pthread_t thread;

    CHECK(hf_exec("import weakref\n"
                  "class Box:\n"
                  "    def __init__(self): self.items = [1]\n"
                  "    def add(self, x): self.items.append(x); return len(self.items)\n"
                  "    def __str__(self): return 'a box'\n"
                  "    def __call__(self): return 'called'\n"
                  "live = weakref.WeakSet()\n"
                  "def make():\n"
                  "    box = Box(); live.add(box); return box\n") == HF_OK);
    box = object_of("make()");
    CHECK(hf_object_get(box, "items", &value) == HF_OK && value.as.list.count == 1);
    hf_value_clear(&value);
    CHECK(hf_object_get(box, "nothing", &value) == HF_PYTHON_ERROR);
    CHECK(strcmp(hf_last_type(), "AttributeError") == 0 && value.kind == HF_NONE);
    CHECK(hf_object_set(box, "colour", &five) == HF_OK);
    CHECK(hf_object_get(box, "colour", &value) == HF_OK && value.as.integer == 5);
    CHECK(hf_object_text(box, &value) == HF_OK && is_text(&value, "a box"));
    hf_value_clear(&value);
    CHECK(hf_object_function(box, "add", &method) == HF_OK);
    CHECK(hf_call(method, &five, 1, &value) == HF_OK && value.as.integer == 2);
    hf_function_free(method);
    CHECK(hf_object_function(box, NULL, &method) == HF_OK);
    CHECK(hf_call(method, NULL, 0, &value) == HF_OK && is_text(&value, "called"));
    hf_value_clear(&value);
    hf_function_free(method);
    CHECK(hf_object_function(box, "items", &method) == 405 && method == NULL);

    HF_ATTACHED(hf_main_view()) {
        void *const pointer = hf_object_pointer(box);
        CHECK(pointer != NULL);
        CHECK(hf_object_wrap(pointer, &again) == HF_OK);
        CHECK(hf_object_pointer(again) == pointer);
        CHECK(hf_object_pointer(NULL) == NULL && hf_last_code() == 269);
    }
    CHECK(number_of("len(live)") == 1);
    hf_object_free(box);
    CHECK(number_of("len(live)") == 1);
    pthread_create(&thread, NULL, drop, again); /* never attached: dropped at the next attach */
    pthread_join(thread, NULL);
    CHECK(number_of("(__import__('gc').collect(), len(live))[1]") == 0);

    other = object_of("make()");
    hf_object_free(NULL);
    CHECK(hf_object_keep(NULL) == NULL);
    finalize(python);
    CHECK(hf_object_get(other, "items", &value) == HF_FINALIZED);
    CHECK(hf_raise("ValueError", "") == HF_PYTHON_ERROR);
    CHECK(hf_object_pointer(other) == NULL && hf_last_code() == HF_FINALIZED);
    pthread_create(&thread, NULL, drop, other);
    pthread_join(thread, NULL);
    return 0;
}
