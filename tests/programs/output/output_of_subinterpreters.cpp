// Each sub-interpreter's output goes to its own sink only.
// python: >=3.12
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/output.hpp>

#include <string>
#include <vector>

#include "check.hpp"

int main() {
    using texts = std::vector<std::string>;
    holdfast::interpreter python;
    texts mains;
    texts subs;
    holdfast::redirect_output(
        python, [&](const holdfast::output_line &line) { mains.emplace_back(line.text); });
    {
        holdfast::subinterpreter sub(python);
        holdfast::redirect_output(
            sub.view(), [&](const holdfast::output_line &line) { subs.emplace_back(line.text); });
        {
            const holdfast::attach_guard attached(sub.view());
            holdfast::exec(
                "import logging\nprint('sub')\nlogging.error('sub logs')\nprint('sub ends', "
                "end='')");
        }
        CHECK(subs.size() >= 2 && subs[0] == "sub" && subs[1] == "sub logs");
        holdfast::exec("print('main')");
        CHECK(sub.finalize(std::chrono::seconds(10)));
    }
    CHECK(subs ==
          (texts{"sub", "sub logs", "sub ends"}));  // the unfinished line, at the latest now
    holdfast::exec("import logging\nlogging.error('main logs')");
    CHECK(mains == (texts{"main", "main logs"}));
}
