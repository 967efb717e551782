// compile_pybind11.cpp: the calls of compile_typed.cpp by pybind11, whose types are written here by hand.
#include <pybind11/embed.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace py = pybind11;

namespace {

struct level {
    double price;
    std::int64_t size;
};

double worth(const std::vector<level> &levels) {
    const py::module_ module = py::module_::import("typed_module");
    py::list all;
    for (const level &one : levels)
        all.append(module.attr("Level")(one.price, one.size));
    return module.attr("worth")(all).cast<double>();
}

std::map<std::string, std::int64_t> counted(const std::vector<std::string> &words) {
    return py::module_::import("typed_module")
        .attr("counted")(words)
        .cast<std::map<std::string, std::int64_t>>();
}

std::optional<std::int64_t> found(const std::string &text, const std::string &word) {
    return py::module_::import("typed_module")
        .attr("found")(text, word)
        .cast<std::optional<std::int64_t>>();
}

}  // namespace

int main() {
    const py::scoped_interpreter python;
    try {
        const double total = worth({{1.5, 2}, {3.0, 1}});
        const auto counts = counted({"a", "b", "a"});
        const auto at = found("a b", "b");
        std::printf("%g %zu %d\n", total, counts.size(), static_cast<int>(at.value_or(-1)));
    } catch (const py::error_already_set &error) {
        std::puts(error.what());
    }
}
