// If a sink throws, or prints through Python itself, neither the line nor the program is lost.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/output.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "check.hpp"
#include "said_on_stderr.hpp"

int main() {
    holdfast::interpreter python;
    std::vector<std::string> lines;
    holdfast::redirect_output(python, [&](const holdfast::output_line &line) {
        lines.emplace_back(line.text);
        if (line.text == "throw")
            throw std::runtime_error("no room");
        if (line.text == "print")
            holdfast::exec(
                "print('from the sink'); import logging; logging.error('logged by the sink')");
    });
    const std::string thrown =
        said_on_stderr([] { holdfast::exec("print('throw'); print('next')"); });
    CHECK(thrown ==
          "holdfast: HF414 the output sink threw: no room; its line follows\n"
          "  do: catch in the sink what it cannot handle\n"
          "throw\n");
    CHECK(said_on_stderr([] { holdfast::exec("print('print'); print('last')"); }) ==
          "from the sink\nlogged by the sink\n");
    CHECK(lines == (std::vector<std::string>{"throw", "next", "print", "last"}));
}
