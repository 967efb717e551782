// nanobind_side.cpp: nanobind's guard, nested guard and call.
#include <nanobind/nanobind.h>

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

constexpr bench::measure measures[] = {
    {"small_call", bench::small_call<guard>},
    {"small_call_threads", bench::small_call_threads<guard>},
    {"attach", bench::attach<guard>},
    {"nested", bench::nested<guard>},
    {"typed_call", typed_call},
};

constexpr const char *version = NB_TOSTRING(NB_VERSION_MAJOR) "." NB_TOSTRING(
    NB_VERSION_MINOR) "." NB_TOSTRING(NB_VERSION_PATCH);

}  // namespace

int main(int argc, char **argv) { return bench::run(argc, argv, "nanobind", version, measures); }
