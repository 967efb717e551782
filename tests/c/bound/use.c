/* Calls a module through the header that `holdfast bind --language c` made of it. */
#include "../programs/check.h"
#include "shop.h"

int main(void) {
    hf_interpreter *const python = start();
    shop_module shop;
    shop_Level levels[2], *best = NULL;
    shop_Book book, back;
    shop_Node node, more;
    hf_bound_text_list names;
    hf_bound_double_list_list rows;
    hf_bound_double_list given[2];
    hf_bound_int64_optional maybe;
    hf_bound_bytes data;
    double result = 1, rate = 2, first[] = {1, 2}, second[] = {3};
    int64_t number = 41, total;
    const char *text = NULL;
    CHECK(shop_module_find(&shop) == HF_OK);
    memset(levels, 0, sizeof levels);
    memset(&book, 0, sizeof book);
    levels[0].price = 1.5, levels[0].size = 2, levels[1].price = 3, levels[1].size = 1;
    book.symbol = "EUR";
    book.levels.items = levels, book.levels.count = 2;
    book.data.data = "a\0b", book.data.size = 3;
    book.flag = true;
    book.best = &levels[1];
    book.limit.has_value = true, book.limit.value = 0.5;
    CHECK(shop_price(&shop, &book, NULL, &result) == HF_OK && result == 6);
    CHECK(shop_price(&shop, &book, &rate, &result) == HF_OK && result == 12);
    CHECK(shop_price(&shop, &book, &rate, NULL) == HF_OK);
    CHECK(shop_best(&shop, &book, &best) == HF_OK && best != NULL && best->price == 3);
    shop_Level_optional_free(&best);
    CHECK(shop_same(&shop, &book, &back) == HF_OK);
    CHECK(strcmp(back.symbol, "EUR") == 0 && back.note == NULL && back.flag &&
          back.levels.count == 2);
    CHECK(back.data.size == 3 && memcmp(back.data.data, "a\0b", 3) == 0 && back.best->price == 3);
    CHECK(back.limit.has_value && back.limit.value == 0.5);
    shop_Book_free(&back);
    book.levels.count = 0;
    CHECK(shop_best(&shop, &book, &best) == HF_OK && best == NULL);
    CHECK(shop_names(&shop, &book, 1, &names) == HF_OK && names.count == 1 &&
          strcmp(names.items[0], "EUR") == 0);
    hf_bound_text_list_free(&names);
    given[0].items = first, given[0].count = 2, given[1].items = second, given[1].count = 1;
    CHECK(shop_rows(&shop, given, 2, &rows) == HF_OK && rows.count == 2 &&
          rows.items[1].items[1] == 2);
    hf_bound_double_list_list_free(&rows);
    number = 2;
    CHECK(shop_greet(&shop, "C", NULL, &number, &text) == HF_OK &&
          strcmp(text, "hello C hello C") == 0);
    hf_bound_text_free(&text);
    CHECK(shop_maybe(&shop, NULL, &maybe) == HF_OK && !maybe.has_value);
    CHECK(shop_maybe(&shop, &number, &maybe) == HF_OK && maybe.has_value && maybe.value == 3);
    CHECK(shop_lies(&shop, &result) == HF_PYTHON_ERROR && result == 0);
    CHECK(strcmp(hf_last_type(), "TypeError") == 0 &&
          strstr(hf_last_message(), "shop.lies()") != NULL);
    CHECK(shop_nul(&shop, &text) == HF_PYTHON_ERROR && text == NULL);
    CHECK(shop_fails(&shop, 3) == HF_PYTHON_ERROR && strcmp(hf_last_type(), "KeyError") == 0);
    data.data = "abc", data.size = 3;
    CHECK(shop_count(&shop, data, NULL, 0, &total) == HF_OK && total == 2);
    CHECK(shop_count(&shop, data, &number, 0, &total) == HF_OK && total == 3);
    CHECK(shop_count(&shop, data, &number, 1, &total) == HF_OK && total == 4);
    memset(&node, 0, sizeof node), memset(&more, 0, sizeof more);
    node.value = 1, node.next = &more, more.value = 10;
    CHECK(shop_total(&shop, &node, &total) == HF_OK && total == 11);
    CHECK(shop_total(&shop, NULL, &total) == HF_OK && total == 0);
    CHECK(shop_chain(&shop, 150, &node) == HF_OK && node.value == 149 && node.next->value == 148 &&
          node.children.items[0].value == -149);
    shop_Node_free(&node);
    CHECK(shop_chain(&shop, 1000, &node) == HF_PYTHON_ERROR && node.next == NULL);
    CHECK(strcmp(hf_last_type(), "RecursionError") == 0);
    CHECK(shop_endless(&shop, &node) == HF_PYTHON_ERROR);
    shop_module_free(&shop);
    finalize(python);
    CHECK(shop_price(&shop, &book, NULL, &result) != HF_OK);
    return 0;
}
