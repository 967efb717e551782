// RecursionError and MemoryError are caught like any other exception, and the next calls work.
#include <holdfast/holdfast.hpp>

#include <string>
#include <thread>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

std::string type_of(const char *code) {
    try {
        holdfast::exec(code);
    } catch (const holdfast::python_error &error) {
        CHECK(contains(error.traceback(), error.type()));
        return error.type();
    }
    return "";
}

}  // namespace

int main() {
    holdfast::interpreter python;
    std::thread([] {
        holdfast::exec(
            "def endless(): return endless()\n"
            "def chain(n):\n"
            "    error = None\n"
            "    for i in range(n):\n"
            "        following = ValueError(i)\n"
            "        following.__cause__ = error\n"
            "        error = following\n"
            "    raise error\n");
        for (int i = 0; i < 20; ++i) {
            CHECK(type_of("endless()") == "RecursionError");
            CHECK(type_of("raise MemoryError('none left')") == "MemoryError");
            CHECK(type_of("'x' * (1 << 62)") == "MemoryError");
            CHECK(holdfast::eval<int>("sum(range(100))") == 4950);
        }
        // More causes than the traceback module can follow on some versions.
        CHECK(type_of("chain(3000)") == "ValueError");
    }).join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
