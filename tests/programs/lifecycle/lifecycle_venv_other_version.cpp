// A virtual environment of another Python version is HF233, which names the environment and both versions.
#include <holdfast/interpreter.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "environment.hpp"
#include "refusal_of.hpp"
#include "scratch_folder.hpp"

int main() {
    const scratch_folder venv;
    const std::filesystem::path python = venv.path() / "bin" / "python";
    std::filesystem::create_directory(venv.path() / "bin");
    std::filesystem::create_symlink(HOLDFAST_DEFAULT_PYTHON, python);
    const std::string mine =
        std::to_string(PY_MAJOR_VERSION) + '.' + std::to_string(PY_MINOR_VERSION);
    // As venv writes it, and as virtualenv and uv do; 3.1 must not be taken for 3.1x.
    for (const std::string line :
         {"version = 3.9.18", "version_info = 3.9.18.final.0", "version = 3.1"}) {
        std::ofstream(venv.path() / "pyvenv.cfg") << "home = /usr/bin\n" << line << "\n";
        holdfast::interpreter_config config;
        config.executable = python;
        const std::string said = refusal_of(config, "HF233");
        CHECK(contains(said, venv.path().string()));
        CHECK(contains(said, line.substr(line.find('=') + 2)));
        CHECK(contains(said, "Python " + mine));
        set_variable("VIRTUAL_ENV", venv.path().c_str());
        CHECK(contains(refusal_of({}, "HF233"), "VIRTUAL_ENV"));
        unset_variable("VIRTUAL_ENV");
    }
    // Nothing has been started: the right one can still be.
    holdfast::interpreter right;
}
