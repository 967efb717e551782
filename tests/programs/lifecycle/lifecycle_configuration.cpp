// argv, module_search_paths and switch_interval arrive in Python as given.
#include <holdfast/interpreter.hpp>
#include <holdfast/platform/program_file.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "check.hpp"
#include "environment.hpp"
#include "run_python.hpp"
#include "scratch_folder.hpp"

int main() {
    const scratch_folder folder;
    const std::filesystem::path first = folder.path() / "first folder";
    const std::filesystem::path second = folder.path() / "zweiter-ö";
    std::filesystem::create_directory(first);
    std::filesystem::create_directory(second);
    std::ofstream(first / "shadowed.py") << "origin = 'first'\n";
    std::ofstream(second / "shadowed.py") << "origin = 'second'\n";
    std::ofstream(second / "only_here.py") << "origin = 'second'\n";
    set_variable("PYTHONPATH", second);

    // Only some fields: no compiler warns about those left out.
    const holdfast::interpreter_config named{"host"};
    holdfast::interpreter_config config{named.program_name,
                                        {},
                                        {},
                                        {"host", "--option", "-c", "naïve"},
                                        {first, second, "$ORIGIN", "$ORIGIN/beside it"},
                                        false,
                                        false,
                                        std::chrono::microseconds(1234)};
    holdfast::interpreter python(config);
    const holdfast::attach_guard attached(python.view());
    run_python("import sys, shadowed, only_here");
    CHECK(text_of_python("sys.argv[1:3]") == "['--option', '-c']");
    CHECK(text_of_python("sys.argv[3] == 'na\\u00efve'") == "True");
    CHECK(text_of_python("shadowed.origin") == "first");
    CHECK(text_of_python("round(sys.getswitchinterval(), 6)") == "0.001234");
    // $ORIGIN stands for the program's folder
    const std::string here = holdfast::detail::program_file().parent_path().string();
    CHECK(text_of_python("sys.path[2]") == here);
    CHECK(std::filesystem::path(text_of_python("sys.path[3]")) ==
          std::filesystem::path(here) / "beside it");
    CHECK(text_of_python("sys.flags.isolated") == "0");
}
