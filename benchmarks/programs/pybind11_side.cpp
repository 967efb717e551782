// pybind11_side.cpp: pybind11's guard, nested guard and call.
#include <pybind11/embed.h>
#include <pybind11/stl.h>

#include <string>
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

/// A list of 1000 elements, to Python and back: `call(same)` returns the last element's weight.
template <class Call>
bench::samples list_call(const bench::request &asked, const Call &call) {
    const bench::plain_python python;
    return bench::on_native_thread([&] {
        const guard attached;
        bench::define_same();
        bench::define_level();
        PyObject *const function = bench::evaluate("same");
        bench::samples taken;
        {
            const auto same = py::reinterpret_steal<py::object>(function);
            taken = bench::repeat(asked, [&] { bench::checked_sum += call(same); });
        }
        bench::check_sum();
        return taken;
    });
}

template <class T>
bench::samples list_of(const bench::request &asked, const T &value) {
    const std::vector<T> values(bench::list_length, value);
    return list_call(asked, [&](const py::object &same) {
        return bench::weight(same(values).template cast<std::vector<T>>().back());
    });
}

bench::samples list_of_floats(const bench::request &asked) { return list_of(asked, 1.5); }
bench::samples list_of_ints(const bench::request &asked) { return list_of(asked, 123456LL); }
bench::samples list_of_texts(const bench::request &asked) {
    return list_of(asked, std::string(bench::sample_text));
}

/// pybind11 has no dataclasses of Python's: by hand, with what it has.
bench::samples list_of_records(const bench::request &asked) {
    const std::vector<bench::level> values(bench::list_length, {1.5, 123456});
    return list_call(asked, [&](const py::object &same) {
        const py::object type = py::module_::import("__main__").attr("Level");
        py::list given(values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            given[i] = type(values[i].price, values[i].size);
        const py::list result = same(given);
        std::vector<bench::level> taken;
        taken.reserve(result.size());
        for (const py::handle item : result)
            taken.push_back(
                {item.attr("price").cast<double>(), item.attr("size").cast<long long>()});
        return bench::weight(taken.back());
    });
}

constexpr bench::measure measures[] = {
    {"small_call", bench::small_call<guard>},
    {"small_call_threads", bench::small_call_threads<guard>},
    {"attach", bench::attach<guard>},
    {"nested", bench::nested<guard>},
    {"typed_call", typed_call},
    {"list_of_floats", list_of_floats},
    {"list_of_ints", list_of_ints},
    {"list_of_texts", list_of_texts},
    {"list_of_records", list_of_records},
};

constexpr const char *version = PYBIND11_TOSTRING(PYBIND11_VERSION_MAJOR) "." PYBIND11_TOSTRING(
    PYBIND11_VERSION_MINOR) "." PYBIND11_TOSTRING(PYBIND11_VERSION_PATCH);

}  // namespace

int main(int argc, char **argv) { return bench::run(argc, argv, "pybind11", version, measures); }
