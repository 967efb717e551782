// A sink that throws, or that prints by Python itself, costs neither the line nor the program.
#include <holdfast/output.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/run.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "check.hpp"

namespace {

/// What `action` writes to the process's stderr.
template <class Action>
std::string caught(Action &&action) {
    char path[] = "/tmp/holdfast-test-XXXXXX";
    const int file = mkstemp(path);
    unlink(path);
    const int before = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    action();
    std::fflush(stderr);
    dup2(before, STDERR_FILENO);
    std::string text(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), '\0');
    CHECK(pread(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    close(before);
    close(file);
    return text;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    std::vector<std::string> lines;
    holdfast::redirect_output(python, [&](const holdfast::output_line &line) {
        lines.emplace_back(line.text);
        if (line.text == "throw")
            throw std::runtime_error("no room");
        if (line.text == "print")
            holdfast::exec("print('from the sink'); import logging; logging.error('logged by the sink')");
    });
    const std::string thrown = caught([] { holdfast::exec("print('throw'); print('next')"); });
    CHECK(thrown == "holdfast: HF414 the output sink threw: no room; its line follows\n"
                    "  do: catch in the sink what it cannot handle\n"
                    "throw\n");
    CHECK(caught([] { holdfast::exec("print('print'); print('last')"); }) == "from the sink\nlogged by the sink\n");
    CHECK(lines == (std::vector<std::string>{"throw", "next", "print", "last"}));
}
