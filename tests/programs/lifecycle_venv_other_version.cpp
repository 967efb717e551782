// A virtual environment of another Python version is HF233, which names the environment and both versions.
#include <holdfast/interpreter.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <stdlib.h>

#include "check.hpp"
#include "scratch_folder.hpp"

namespace {

std::string refusal_of(const holdfast::interpreter_config &config) {
    try {
        holdfast::interpreter python(config);
    } catch (const holdfast::startup_error &error) {
        CHECK(std::string(error.code()) == "HF233");
        return error.what();
    }
    CHECK(!"it started");
    return "";
}

}  // namespace

int main() {
    const scratch_folder venv;
    const std::filesystem::path python = venv.path() / "bin" / "python";
    std::filesystem::create_directory(venv.path() / "bin");
    std::filesystem::create_symlink(HOLDFAST_DEFAULT_PYTHON, python);
    const std::string mine = std::to_string(PY_MAJOR_VERSION) + '.' + std::to_string(PY_MINOR_VERSION);
    // As venv writes it, and as virtualenv and uv do; 3.1 must not be taken for 3.1x.
    for (const std::string line : {"version = 3.9.18", "version_info = 3.9.18.final.0", "version = 3.1"}) {
        std::ofstream(venv.path() / "pyvenv.cfg") << "home = /usr/bin\n" << line << "\n";
        holdfast::interpreter_config config;
        config.executable = python;
        const std::string said = refusal_of(config);
        CHECK(said.find(venv.path().string()) != std::string::npos);
        CHECK(said.find(line.substr(line.find('=') + 2)) != std::string::npos);
        CHECK(said.find("Python " + mine) != std::string::npos);
        setenv("VIRTUAL_ENV", venv.path().c_str(), 1);
        CHECK(refusal_of({}).find("VIRTUAL_ENV") != std::string::npos);
        unsetenv("VIRTUAL_ENV");
    }
    // Nothing has been started: the right one still can be.
    holdfast::interpreter right;
}
