// ~interpreter does not wait for ever for sub-interpreters of other code: it names them and leaves Python running.
// deadline: 40
#include <holdfast/interpreter.hpp>

#include <filesystem>
#include <fstream>
#include <istream>
#include <new>
#include <optional>
#include <string>
#include <thread>

#include "check.hpp"
#include "descriptors.hpp"
#include "run_python.hpp"
#include "scratch_folder.hpp"

namespace {

std::size_t count_of(const std::string &what, const std::string &text) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++count;
    return count;
}

}  // namespace

int main() {
    const scratch_folder scratch;
    const std::filesystem::path printed = scratch.path() / "printed";
    std::optional<holdfast::interpreter> python(std::in_place);
    const holdfast::interpreter_view view = *python;
    {
        const holdfast::attach_guard attached(view);
        run_python(
            "try:\n    import _interpreters as made\n"
            "except ImportError:\n    import _xxsubinterpreters as made\n"
            "left = made.create()");
        run_python(("import sys\n"
                    "sys.stdout = open('" +
                    printed.generic_string() +
                    "', 'w')\n"
                    "print('held back')")
                       .c_str());
    }
    captured_stderr captured;
    std::string said;
    std::thread reader([&] {
        for (std::string part; !(part = captured.some()).empty();) {
            said += part;
            CHECK(count_of("HF218", said) < 10);
        }
    });
    python.reset();
    captured.restore();
    reader.join();
    CHECK(count_of("HF218", said) == 1);
    CHECK(count_of("HF242", said) == 1);
    CHECK(count_of("sub-interpreter 1 has not been ended", said) == 2);
    CHECK(count_of("  do: ", said) == 1);
    std::string line;
    std::getline(std::ifstream(printed) >> std::ws, line);
    CHECK(line == "held back");
    // Closed, for all threads.
    CHECK(holdfast::attach_guard(view, std::nothrow).reason() ==
          holdfast::closed_reason::finalizing);
}
