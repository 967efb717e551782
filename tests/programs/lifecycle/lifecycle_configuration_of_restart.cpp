// A second interpreter has its own configuration, and nothing of the first one's.
#include <holdfast/interpreter.hpp>

#include <fstream>
#include <optional>

#include "check.hpp"
#include "environment.hpp"
#include "run_python.hpp"
#include "scratch_folder.hpp"

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "first_only.py") << "";
    std::optional<holdfast::interpreter> python;
    {
        set_variable("PYTHONPATH", folder.path().c_str());
        holdfast::interpreter_config config;
        config.argv = {"first"};
        python.emplace(config);
        const holdfast::attach_guard attached(python->view());
        run_python("import first_only");
    }
    python.reset();
    unset_variable("PYTHONPATH");
    holdfast::interpreter_config config;
    config.argv = {"second"};
    python.emplace(config);
    const holdfast::attach_guard attached(python->view());
    run_python("import sys");
    CHECK(text_of_python("sys.argv") == "['second']");
    CHECK(text_of_python("__import__('importlib.util').util.find_spec('first_only')") == "None");
}
