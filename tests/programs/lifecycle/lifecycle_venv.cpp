// A venv given as executable, by HOLDFAST_PYTHON or by VIRTUAL_ENV is used: its packages, and sys.executable.
// deadline: 60
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "check.hpp"
#include "environment.hpp"
#include "run_python.hpp"
#include "scratch_folder.hpp"

namespace {

void demand_venv(const holdfast::interpreter_config &config, const std::filesystem::path &venv) {
    holdfast::interpreter python(config);
    {
        const holdfast::attach_guard attached(python.view());
        run_python("import only_in_this_venv, sys, os");
        CHECK(text_of_python("only_in_this_venv.__file__").find(venv.string()) == 0);
        CHECK(text_of_python("sys.executable").find((venv / "bin" / "python").string()) == 0);
        CHECK(text_of_python("sys.prefix") == venv.string());
        CHECK(text_of_python("sys.base_prefix != sys.prefix") == "True");
        // And it is an interpreter that runs with that environment.
        CHECK(text_of_python("__import__('subprocess').run([sys.executable, '-c', "
                             "'import only_in_this_venv'], check=True).returncode") == "0");
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}

}  // namespace

int main() {
    const scratch_folder folder;
    const std::filesystem::path venv = std::filesystem::canonical(folder.path()) / "my venv";
    const std::string make =
        std::string(HOLDFAST_DEFAULT_PYTHON) + " -m venv --without-pip '" + venv.string() + "'";
    CHECK(std::system(make.c_str()) == 0);
    const std::string name =
        "python" + std::to_string(PY_MAJOR_VERSION) + '.' + std::to_string(PY_MINOR_VERSION);
    for (const char *const flavour : {"", "t"}) {
        const std::filesystem::path packages = venv / "lib" / (name + flavour) / "site-packages";
        if (std::filesystem::exists(packages))
            std::ofstream(packages / "only_in_this_venv.py") << "";
    }

    holdfast::interpreter_config by_executable;
    by_executable.executable = venv / "bin" / "python";
    demand_venv(by_executable, venv);

    // By a path that is relative to the current folder.
    std::filesystem::current_path(folder.path());
    by_executable.executable = std::filesystem::path("my venv") / "bin" / "python";
    demand_venv(by_executable, venv);

    set_variable("VIRTUAL_ENV", venv.c_str());
    demand_venv({}, venv);

    set_variable("VIRTUAL_ENV", "/nowhere");
    set_variable("HOLDFAST_PYTHON", (venv / "bin" / "python").c_str());
    demand_venv({}, venv);
    std::filesystem::current_path("/");
}
