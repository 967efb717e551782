// sys.exit(5) in a worker's call is an error with code 5; the process and the other threads continue.
#include <holdfast/holdfast.hpp>

#include <optional>
#include <string>
#include <thread>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

std::optional<int> code_of(const char *statement) {
    try {
        holdfast::exec(statement);
    } catch (const holdfast::python_error &error) {
        CHECK(error.type() == "SystemExit");
        CHECK(error.exit_code());
        return error.exit_code();
    }
    return std::nullopt;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    std::thread([] {
        CHECK(code_of("import sys; sys.exit(5)") == 5);
        const holdfast::function<void(int)> exit{"sys", "exit"};
        const std::string text = thrown_text<holdfast::python_error>([&] { exit(5); });
        CHECK(contains(text, "HF400 SystemExit: 5"));
        CHECK(contains(text, "exit_code(), 5"));
    }).join();
    CHECK(code_of("raise SystemExit") == 0);
    CHECK(code_of("sys.exit(None)") == 0);
    CHECK(code_of("sys.exit(True)") == 1);
    CHECK(code_of("sys.exit(-7)") == -7);
    CHECK(code_of("sys.exit('a last word')") == 1);
    CHECK(code_of("sys.exit(10 ** 30)") == -1);
    CHECK(holdfast::eval<int>("40 + 2") == 42);
    CHECK(python.finalize(std::chrono::seconds(5)));
}
