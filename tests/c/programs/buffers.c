/* Memory crosses without a copy: Python's as a buffer, ours as a memoryview that says when it is free. */
#include "check.h"

static int released;

static void release(void *user) { ++*(int *)user; }

static hf_object *object_of(const char *expression) {
    hf_value value;
    CHECK(hf_eval(expression, &value) == HF_OK && value.kind == HF_OBJECT);
    return value.as.object; /* ours now: freed with hf_object_free() */
}

static void check_exports(void) {
    hf_buffer buffer;
    hf_object *numbers, *bytes, *plain;
    CHECK(hf_exec("import array\nnumbers = array.array('d', [1, 2, 3])\ngrown = bytearray(4)") ==
          HF_OK);
    numbers = object_of("numbers");
    CHECK(hf_buffer_get(numbers, 1, &buffer) == HF_OK);
    CHECK(buffer.size == 24 && buffer.itemsize == 8 && buffer.ndim == 1 && !buffer.readonly);
    CHECK(strcmp(buffer.format, "d") == 0 && buffer.shape[0] == 3 && buffer.strides[0] == 8);
    ((double *)buffer.data)[1] = 20;
    CHECK(hf_exec("numbers.append(4)") == HF_PYTHON_ERROR); /* keeps its size */
    CHECK(strcmp(hf_last_type(), "BufferError") == 0);
    hf_buffer_release(&buffer);
    hf_buffer_release(&buffer);
    hf_buffer_release(NULL);
    CHECK(hf_exec("numbers.append(4)") == HF_OK);
    CHECK(number_of("int(numbers[1])") == 20);
    hf_object_free(numbers);

    bytes = object_of("memoryview(b'abc')");
    CHECK(hf_buffer_get(bytes, 1, &buffer) == HF_PYTHON_ERROR && buffer.data == NULL);
    CHECK(hf_buffer_get(bytes, 0, &buffer) == HF_OK && buffer.readonly && buffer.size == 3);
    CHECK(memcmp(buffer.data, "abc", 3) == 0);
    hf_buffer_release(&buffer);
    hf_object_free(bytes);
    plain = object_of("object()");
    CHECK(hf_buffer_get(plain, 0, &buffer) == HF_PYTHON_ERROR);
    hf_object_free(plain);
}

static void check_memory(void) {
    char memory[] = "memory";
    hf_object *view;
    hf_value argument, result;
    hf_function *edit;
    CHECK(hf_exec("def edit(view):\n    view[0] = 77\n    return bytes(view)") == HF_OK);
    edit = function("__main__", "edit");
    CHECK(hf_memory(memory, 6, 0, release, &released, &view) == HF_OK);
    memset(&argument, 0, sizeof argument);
    argument.kind = HF_OBJECT;
    argument.as.object = view;
    CHECK(hf_call(edit, &argument, 1, &result) == HF_OK && result.kind == HF_BYTES);
    CHECK(memcmp(result.as.text.data, "Memory", 6) == 0 && memory[0] == 'M' && released == 0);
    hf_value_clear(&result);
    hf_object_free(view);
    number_of("__import__('gc').collect()");
    CHECK(released == 1);
    CHECK(hf_memory(memory, 6, 1, NULL, NULL, &view) == HF_OK);
    argument.as.object = view;
    CHECK(hf_call(edit, &argument, 1, &result) == HF_PYTHON_ERROR); /* read-only */
    hf_object_free(view);
    hf_function_free(edit);
}

int main(void) {
    hf_interpreter *const python = start();
    hf_buffer buffer;
    hf_object *view;
    check_exports();
    check_memory();
    CHECK(hf_buffer_get(NULL, 0, &buffer) == 269);
    CHECK(hf_memory(NULL, 5, 0, NULL, NULL, &view) == 269 && view == NULL);
    CHECK(hf_memory(&buffer, (size_t)-1, 0, NULL, NULL, &view) == 269 && view == NULL);
    CHECK(hf_memory(NULL, 0, 0, NULL, NULL, &view) == HF_OK);
    hf_object_free(view);
    finalize(python);
    return 0;
}
