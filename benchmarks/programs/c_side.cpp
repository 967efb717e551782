// c_side.cpp: the C interface. Compiled without the headers of any Python; it finds one when it starts.
#include <holdfast/holdfast.h>

#include <cstring>
#include <vector>

#include "measure.hpp"

namespace {

void demand(hf_status status) {
    if (status == HF_OK)
        return;
    std::fprintf(stderr, "%s\n", hf_last_message());
    std::exit(1);
}

/// Python from construction to destruction.
class started {
public:
    started() { demand(hf_start(nullptr, &python_)); }
    started(const started &) = delete;
    started &operator=(const started &) = delete;
    ~started() { demand(hf_finalize(python_, -1, nullptr)); }

private:
    hf_interpreter *python_ = nullptr;
};

/// The function that some code defines in __main__.
class found_function {
public:
    found_function(const char *code, const char *name) {
        demand(hf_exec(code));
        demand(hf_find("__main__", name, &function_));
    }
    found_function(const found_function &) = delete;
    found_function &operator=(const found_function &) = delete;
    ~found_function() { hf_function_free(function_); }
    operator hf_function *() const noexcept { return function_; }

private:
    hf_function *function_ = nullptr;
};

hf_value real(double number) {
    hf_value value;
    value.kind = HF_FLOAT;
    value.as.real = number;
    return value;
}

bench::samples function_call(const bench::request &asked) {
    const started python;
    const found_function small("small = lambda: None", "small");
    const hf_view view = hf_main_view();
    return bench::on_native_thread([&] {
        return bench::repeat(asked, [&] {
            hf_scope scope;
            demand(hf_attach(&scope, view));
            demand(hf_call(small, nullptr, 0, nullptr));
            hf_end(&scope);
        });
    });
}

bench::samples typed_call_from_thread(const bench::request &asked) {
    const started python;
    const found_function add("def add(a, b): return a + b", "add");
    double sum = 0;
    return bench::on_native_thread([&] {
        bench::samples taken = bench::repeat(asked, [&] {
            const hf_value numbers[] = {real(1.5), real(2.5)};
            hf_value result;
            demand(hf_call(add, numbers, 2, &result));
            sum += result.as.real;
        });
        demand(sum > 0 ? HF_OK : 1);
        return taken;
    });
}

bench::samples list_of_floats(const bench::request &asked) {
    const started python;
    const found_function same("def same(values): return values", "same");
    double sum = 0;
    return bench::on_native_thread([&] {
        hf_scope scope;
        demand(hf_attach(&scope, hf_main_view()));
        std::vector<hf_value> numbers(1000, real(1.5));
        hf_value list;
        list.kind = HF_LIST;
        list.as.list.items = numbers.data();
        list.as.list.count = numbers.size();
        bench::samples taken = bench::repeat(asked, [&] {
            hf_value result;
            demand(hf_call(same, &list, 1, &result));
            sum += result.as.list.items[999].as.real;
            hf_value_clear(&result);
        });
        hf_end(&scope);
        demand(sum > 0 ? HF_OK : 1);
        return taken;
    });
}

bench::samples start(const bench::request &) {
    const double begun = bench::now_ns();
    { const started python; }
    return {bench::now_ns() - begun};
}

bench::samples start_process(const bench::request &) { return bench::whole_process("start"); }

constexpr bench::measure measures[] = {
    {"function_call", function_call},   {"typed_call_from_thread", typed_call_from_thread},
    {"list_of_floats", list_of_floats}, {"start", start},
    {"start_process", start_process},
};

}  // namespace

int main(int argc, char **argv) { return bench::run(argc, argv, "c", "", measures); }
