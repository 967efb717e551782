// nanobind_side.cpp: nanobind's guard, nested guard and call.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "guard_side.hpp"

// Its library, compiled as part of this file; the driver names its folder.
#include <nb_combined.cpp>

namespace nb = nanobind;

namespace {

using guard = nb::gil_scoped_acquire;

bench::samples typed_call(const bench::request &asked) {
    return bench::typed_call<guard>([&](PyObject *function) {
        const auto add = nb::borrow<nb::object>(function);
        return bench::repeat(asked, [&] { bench::checked_sum += nb::cast<double>(add(1.5, 2.5)); });
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
            const auto same = nb::steal<nb::object>(function);
            taken = bench::repeat(asked, [&] { bench::checked_sum += call(same); });
        }
        bench::check_sum();
        return taken;
    });
}

template <class T>
bench::samples list_of(const bench::request &asked, const T &value) {
    const std::vector<T> values(bench::list_length, value);
    return list_call(asked, [&](const nb::object &same) {
        return bench::weight(nb::cast<std::vector<T>>(same(values)).back());
    });
}

bench::samples list_of_floats(const bench::request &asked) { return list_of(asked, 1.5); }
bench::samples list_of_ints(const bench::request &asked) { return list_of(asked, 123456LL); }
bench::samples list_of_texts(const bench::request &asked) {
    return list_of(asked, std::string(bench::sample_text));
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
};

constexpr const char *version = NB_TOSTRING(NB_VERSION_MAJOR) "." NB_TOSTRING(
    NB_VERSION_MINOR) "." NB_TOSTRING(NB_VERSION_PATCH);

}  // namespace

int main(int argc, char **argv) { return bench::run(argc, argv, "nanobind", version, measures); }
