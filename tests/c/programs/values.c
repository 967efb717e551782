/* Values of every kind go both ways unchanged, and what C cannot hold is a clear error. */
#include "check.h"

static hf_function *same;

static void check_scalars(void) {
    static const int64_t numbers[] = {0, -1, INT64_MAX, INT64_MIN};
    hf_value value, back;
    size_t i;
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        value = integer(numbers[i]);
        CHECK(hf_call(same, &value, 1, &back) == HF_OK);
        CHECK(back.kind == HF_INT && back.as.integer == numbers[i]);
    }
    value.kind = HF_FLOAT;
    value.as.real = -0.5;
    CHECK(hf_call(same, &value, 1, &back) == HF_OK);
    CHECK(back.kind == HF_FLOAT && back.as.real == -0.5);
    value.kind = HF_BOOL;
    value.as.boolean = 7;
    CHECK(hf_call(same, &value, 1, &back) == HF_OK);
    CHECK(back.kind == HF_BOOL && back.as.boolean == 1);
    value.kind = HF_NONE;
    CHECK(hf_call(same, &value, 1, &back) == HF_OK && back.kind == HF_NONE);
}

static void check_texts(void) {
    hf_value value = text("gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\x8d"), back;
    CHECK(hf_call(same, &value, 1, &back) == HF_OK);
    CHECK(is_text(&back, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\x8d"));
    hf_value_clear(&back);
    CHECK(back.kind == HF_NONE);
    value.as.text.data = "a\0b";
    value.as.text.size = 3;
    CHECK(hf_call(same, &value, 1, &back) == HF_OK);
    CHECK(back.as.text.size == 3 && memcmp(back.as.text.data, "a\0b", 4) == 0);
    hf_value_clear(&back);
    value.kind = HF_BYTES;
    value.as.text.data = "\xff\0";
    value.as.text.size = 2;
    CHECK(hf_call(same, &value, 1, &back) == HF_OK);
    CHECK(back.kind == HF_BYTES && back.as.text.size == 2);
    hf_value_clear(&back);
    value.kind = HF_TEXT; /* not UTF-8 */
    CHECK(hf_call(same, &value, 1, &back) == 401 && back.kind == HF_NONE);
    CHECK(hf_eval("'\\ud800'", &back) == 403 && back.kind == HF_NONE);
    value.as.text.data = NULL;
    value.as.text.size = 0;
    CHECK(hf_call(same, &value, 1, &back) == HF_OK && is_text(&back, ""));
    hf_value_clear(&back);
}

static void check_nested(void) {
    hf_value items[4], pairs[4], list, back, copy;
    memset(&list, 0, sizeof list);
    items[0] = integer(1);
    items[1] = text("two");
    items[2].kind = HF_DICT;
    items[2].as.list.items = pairs;
    items[2].as.list.count = 2;
    pairs[0] = text("a");
    pairs[1] = integer(1);
    pairs[2] = integer(2);
    pairs[3] = text("b");
    items[3].kind = HF_LIST;
    items[3].as.list.items = NULL;
    items[3].as.list.count = 0;
    list.kind = HF_LIST;
    list.as.list.items = items;
    list.as.list.count = 4;
    CHECK(hf_call(same, &list, 1, &back) == HF_OK);
    CHECK(back.kind == HF_LIST && back.as.list.count == 4);
    CHECK(hf_value_copy(&back, &copy) == HF_OK);
    hf_value_clear(&back);
    CHECK(copy.as.list.items[2].kind == HF_DICT && copy.as.list.items[2].as.list.count == 2);
    CHECK(is_text(&copy.as.list.items[2].as.list.items[0], "a"));
    CHECK(is_text(&copy.as.list.items[2].as.list.items[3], "b"));
    CHECK(copy.as.list.items[3].kind == HF_LIST && copy.as.list.items[3].as.list.count == 0);
    hf_value_clear(&copy);
    CHECK(hf_eval("(1, (2.5, None))", &back) == HF_OK); /* a tuple becomes a list */
    CHECK(back.kind == HF_LIST && back.as.list.items[1].kind == HF_LIST);
    hf_value_clear(&back);
    CHECK(hf_eval("list(map(float, range(100000)))", &back) == HF_OK);
    CHECK(back.as.list.count == 100000 && back.as.list.items[99999].as.real == 99999.0);
    hf_value_clear(&back);
    pairs[0] = list; /* a list is no key */
    items[2].kind = HF_DICT;
    pairs[0].kind = HF_LIST;
    pairs[0].as.list.count = 0;
    CHECK(hf_call(same, &items[2], 1, &back) == HF_PYTHON_ERROR);
    CHECK(strcmp(hf_last_type(), "TypeError") == 0);
}

static void check_refusals(void) {
    hf_function *const length = function("builtins", "len");
    hf_value deep[300], back;
    size_t i;
    CHECK(hf_eval("2 ** 63", &back) == 402 && back.kind == HF_NONE);
    CHECK(hf_eval("[[1], {'a': -2 ** 64}]", &back) == 402 && back.kind == HF_NONE);
    CHECK(strstr(hf_last_message(), "['a']") != NULL); /* says where */
    CHECK(hf_exec("endless = []; endless.append(endless)\n"
                  "def nested(n): return [nested(n - 1)] if n > 1 else []") == HF_OK);
    CHECK(hf_eval("endless", &back) == 417 && back.kind == HF_NONE);
    for (i = 0; i < 300; i++) {
        deep[i].kind = HF_LIST;
        deep[i].as.list.items = i + 1 < 300 ? &deep[i + 1] : NULL;
        deep[i].as.list.count = i + 1 < 300;
    }
    CHECK(hf_call(same, deep, 1, &back) == 417);
    CHECK(hf_value_copy(deep, &back) == 417 && back.kind == HF_NONE);
    CHECK(hf_call(same, &deep[150], 1, &back) == HF_OK);
    hf_value_clear(&back);
    CHECK(hf_call(same, &deep[100], 1, &back) == HF_OK); /* 200 levels */
    hf_value_clear(&back);
    CHECK(hf_call(length, &deep[100], 1, NULL) == HF_OK);
    CHECK(hf_call(length, &deep[99], 1, NULL) == 417); /* as an argument */
    CHECK(hf_eval("nested(200)", &back) == HF_OK);
    hf_value_clear(&back);
    CHECK(hf_eval("nested(201)", &back) == 417); /* as a result */
    hf_function_free(length);
    CHECK(strlen(hf_last_message()) < 400);
    deep[0].kind = 99;
    CHECK(hf_call(same, deep, 1, &back) == 269);
    for (i = HF_TEXT; i <= HF_OBJECT; i++) { /* a size without data */
        memset(deep, 0, sizeof deep[0]);
        deep[0].kind = (hf_kind)i;
        if (i != HF_OBJECT)
            deep[0].as.text.size = 4;
        CHECK(i != HF_LIST || deep[0].as.list.count == 4);
        CHECK(hf_call(same, deep, 1, &back) == 269 && hf_value_copy(deep, &back) == 269);
    }
    for (i = HF_TEXT; i <= HF_DICT; i++) { /* a negative size, as of a text without one */
        memset(deep, 0, sizeof deep[0]);
        deep[0].kind = (hf_kind)i;
        deep[0].as.text.data = (const char *)&deep[1];
        deep[0].as.text.size = (size_t)-1;
        CHECK(hf_call(same, deep, 1, &back) == 269 && hf_value_copy(deep, &back) == 269);
    }
    CHECK(hf_call(same, NULL, 1, &back) == 269);
    CHECK(hf_eval("{1, 2}", &back) == HF_OK && back.kind == HF_OBJECT);
    hf_value_clear(&back);
    hf_value_clear(&back); /* a second time: it is HF_NONE */
    hf_value_clear(NULL);
    CHECK(hf_call(NULL, NULL, 0, &back) == 269);
}

/* A result may go where an argument is. */
static void check_one_variable(void) {
    hf_value value = integer(7);
    CHECK(hf_call(same, &value, 1, &value) == HF_OK && value.as.integer == 7);
    CHECK(hf_call_named(same, &value, 1, NULL, NULL, 0, -1, &value) == HF_OK);
    CHECK(value.kind == HF_INT && value.as.integer == 7);
    value = text("seven");
    CHECK(hf_value_copy(&value, &value) == HF_OK && is_text(&value, "seven"));
    hf_value_clear(&value);
}

int main(void) {
    hf_interpreter *python;
    hf_value early = text("early");
    CHECK(hf_value_copy(&early, &early) == HF_OK && is_text(&early, "early"));
    hf_value_clear(&early);
    python = start();
    CHECK(hf_exec("def same(x): return x") == HF_OK);
    same = function("__main__", "same");
    check_scalars();
    check_texts();
    check_nested();
    check_refusals();
    check_one_variable();
    CHECK(hf_call(same, NULL, 0, NULL) == HF_PYTHON_ERROR); /* a result may be unwanted */
    hf_function_free(same);
    finalize(python);
    return 0;
}
