// holdfast_side.cpp: holdfast, used as its documentation says.
#include <holdfast/holdfast.hpp>
#include <holdfast/version.hpp>

#include "measure.hpp"
#include "python_side.hpp"

namespace {

/// The small function, kept for as long as Python runs. Attaches by itself.
PyObject *make_small_function(const holdfast::interpreter &python) {
    const holdfast::attach_guard attached(python);
    return bench::evaluate(bench::small_function);
}

bench::samples small_call(const bench::request &asked) {
    const holdfast::interpreter python;
    PyObject *const function = make_small_function(python);
    const holdfast::interpreter_view view = python.view();
    return bench::on_native_thread([&] {
        return bench::repeat(asked, [&] {
            const holdfast::attach_guard attached(view);
            bench::call_small(function);
        });
    });
}

bench::samples small_call_threads(const bench::request &asked) {
    const holdfast::interpreter python;
    PyObject *const function = make_small_function(python);
    const holdfast::interpreter_view view = python.view();
    return bench::repeat_on_threads(asked, [&] {
        const holdfast::attach_guard attached(view);
        bench::call_small(function);
    });
}

bench::samples attach(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::interpreter_view view = python.view();
    return bench::on_native_thread([&] {
        return bench::repeat(asked, [&] { const holdfast::attach_guard attached(view); });
    });
}

bench::samples nested(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::interpreter_view view = python.view();
    return bench::on_native_thread([&] {
        const holdfast::attach_guard outer(view);
        return bench::repeat(asked, [&] { const holdfast::attach_guard attached(view); });
    });
}

bench::samples typed_call(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::function<double(double, double)> add("__main__", "add");
    return bench::on_native_thread([&] {
        const holdfast::attach_guard attached(python);
        bench::define_add();
        bench::samples taken =
            bench::repeat(asked, [&] { bench::checked_sum += add(1.5, 2.5); });
        bench::check_sum();
        return taken;
    });
}

bench::samples start(const bench::request &) {
    const double begun = bench::now_ns();
    {
        holdfast::interpreter python;
        bench::demand(static_cast<bool>(python.finalize(std::chrono::milliseconds::max())),
                      "finalize");
    }
    return {bench::now_ns() - begun};
}

bench::samples memory(const bench::request &asked) {
    const holdfast::interpreter python;
    PyObject *const function = make_small_function(python);
    const holdfast::interpreter_view view = python.view();
    return bench::growth(asked, [&] {
        const holdfast::attach_guard attached(view);
        bench::call_small(function);
    });
}

constexpr bench::measure measures[] = {
    {"small_call", small_call}, {"small_call_threads", small_call_threads},
    {"attach", attach},         {"nested", nested},
    {"typed_call", typed_call}, {"start", start},
    {"memory", memory},
};

}  // namespace

int main(int argc, char **argv) {
    const std::string version = std::to_string(HOLDFAST_VERSION_MAJOR) + '.' +
                                std::to_string(HOLDFAST_VERSION_MINOR) + '.' +
                                std::to_string(HOLDFAST_VERSION_PATCH);
    return bench::run(argc, argv, "holdfast", version.c_str(), measures);
}
