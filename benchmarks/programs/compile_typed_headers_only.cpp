// compile_typed_headers_only.cpp: three typed calls, by the header made from typed_module.py, and nothing but headers.
#include "typed_module.hpp"

#include <holdfast/interpreter.hpp>

#include <cstdio>

int main() {
    const holdfast::interpreter python;
    try {
        const double worth = typed_module::worth({{1.5, 2}, {3.0, 1}});
        const auto counted = typed_module::counted({"a", "b", "a"});
        const auto found = typed_module::found("a b", "b");
        std::printf("%g %zu %d\n", worth, counted.size(), static_cast<int>(found.value_or(-1)));
    } catch (const holdfast::python_error &error) {
        std::puts(error.what());
    }
}
