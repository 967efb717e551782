// After CPython has failed to start, every later attempt in the process gets HF235.
#include <holdfast/interpreter.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"

int main() {
    // A home that passes every look from outside, and breaks when it is used.
    const scratch_folder folder;
    std::string name =
        "python" + std::to_string(PY_MAJOR_VERSION) + '.' + std::to_string(PY_MINOR_VERSION);
#ifdef Py_GIL_DISABLED
    name += 't';
#endif
    const std::filesystem::path library = folder.path() / "lib" / name;
    std::filesystem::create_directories(library / "encodings");
    std::ofstream(library / "os.py") << "";
    std::ofstream(library / "encodings" / "__init__.py")
        << "raise ImportError('a broken library')\n";

    holdfast::interpreter_config broken;
    broken.home = folder.path();
    const std::string said =
        thrown_text<holdfast::startup_error>([&] { holdfast::interpreter python(broken); });
    CHECK(said.find("HF230") == 0 && contains(said, "(home '" + folder.path().string() + "', "));
    CHECK(thrown_code<holdfast::startup_error>([] { holdfast::interpreter python; }) == "HF235");
    const auto demand_refusal = [] {
        CHECK(!holdfast::attached());
        CHECK(!holdfast::main_view().alive());
        CHECK(thrown_code<holdfast::closed_error>([] { holdfast::attach_guard attached; }) ==
              "HF201");
    };
    demand_refusal();
    std::thread(demand_refusal).join();
}
