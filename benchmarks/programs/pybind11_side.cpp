// pybind11_side.cpp: pybind11's guard, nested guard and call.
#include <pybind11/embed.h>
#include <pybind11/stl.h>

#include <vector>

#include "guard_side.hpp"

namespace py = pybind11;

namespace {

using guard = py::gil_scoped_acquire;

bench::samples typed_call(const bench::request &asked) {
    return bench::typed_call<guard>([&](PyObject *function) {
        const auto add = py::reinterpret_borrow<py::object>(function);
        return bench::repeat(asked, [&] { bench::checked_sum += add(1.5, 2.5).cast<double>(); });
    });
}

bench::samples list_call(const bench::request &asked) {
    const bench::plain_python python;
    return bench::on_native_thread([&] {
        const guard attached;
        bench::define_same();
        PyObject *const function = bench::evaluate("same");
        bench::samples taken;
        {
            const auto same = py::reinterpret_steal<py::object>(function);
            const std::vector<double> values(bench::list_length, 1.5);
            taken = bench::repeat(asked, [&] {
                bench::checked_sum += same(values).cast<std::vector<double>>().back();
            });
        }
        bench::check_sum();
        return taken;
    });
}

constexpr bench::measure measures[] = {
    {"small_call", bench::small_call<guard>},
    {"small_call_threads", bench::small_call_threads<guard>},
    {"attach", bench::attach<guard>},
    {"nested", bench::nested<guard>},
    {"typed_call", typed_call},
    {"list_call", list_call},
};

constexpr const char *version = PYBIND11_TOSTRING(PYBIND11_VERSION_MAJOR) "." PYBIND11_TOSTRING(
    PYBIND11_VERSION_MINOR) "." PYBIND11_TOSTRING(PYBIND11_VERSION_PATCH);

}  // namespace

int main(int argc, char **argv) { return bench::run(argc, argv, "pybind11", version, measures); }
