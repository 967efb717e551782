// An isolated interpreter ignores PYTHON variables and the current folder; argv is [''].
#include <holdfast/interpreter.hpp>

#include <filesystem>
#include <fstream>

#include "check.hpp"
#include "environment.hpp"
#include "run_python.hpp"
#include "scratch_folder.hpp"

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "stray_module.py") << "";
    std::filesystem::current_path(folder.path());
    set_variable("PYTHONPATH", folder.path());
    set_variable("PYTHONWARNINGS", "error");

    holdfast::interpreter_config config;
    config.isolated = true;
    holdfast::interpreter python(config);
    {
        const holdfast::attach_guard attached(python.view());
        run_python("import sys, json");
        CHECK(text_of_python("sys.flags.isolated") == "1");
        CHECK(text_of_python("sys.flags.ignore_environment") == "1");
        CHECK(text_of_python("sys.argv") == "['']");
        CHECK(text_of_python("sys.warnoptions") == "[]");
        CHECK(text_of_python("__import__('importlib.util').util.find_spec('stray_module')") ==
              "None");
    }
    std::filesystem::current_path(folder.path().parent_path());
}
