// An executable of another Python, outside an environment, is HF238, which names both; a doubtful one is accepted.
#include <holdfast/interpreter.hpp>

#include <holdfast/lifecycle/startup.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "check.hpp"
#include "contains.hpp"
#include "environment.hpp"
#include "refusal_of.hpp"
#include "run_python.hpp"
#include "scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;

const std::string mine = std::to_string(PY_MAJOR_VERSION) + '.' + std::to_string(PY_MINOR_VERSION);
constexpr bool free_threaded = holdfast::detail::compiled_for_free_threading;

/// A file that is not a script.
fs::path write_file(const fs::path &file) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "\177ELF";
    return file;
}

void demand_refused(const fs::path &python, const std::string &version) {
    holdfast::interpreter_config config;
    config.executable = python;
    const std::string said = refusal_of(config, "HF238");
    CHECK(contains(said, python.string()));
    CHECK(contains(said, "of Python " + version + ','));
    CHECK(contains(said, "runs Python " + mine));
    CHECK(contains(said, "interpreter_config::executable"));
    set_variable("HOLDFAST_PYTHON", python.c_str());
    CHECK(contains(refusal_of({}, "HF238"), "named by HOLDFAST_PYTHON"));
    unset_variable("HOLDFAST_PYTHON");
}

void demand_taken(const fs::path &python) {
    holdfast::interpreter_config config;
    config.executable = python;
    const holdfast::detail::named_executable chosen = holdfast::detail::check_startup(config);
    CHECK(chosen.path == python);
}

}  // namespace

int main() {
    const scratch_folder scratch;
    const fs::path other = scratch.path() / "other";
    write_file(other / "lib" / "python3.9" / "os.py");
    // By its own name, straight or behind links; 3.1 must not be taken for 3.1x.
    write_file(other / "bin" / "python3.9");
    fs::create_symlink("python3.9", other / "bin" / "python3");
    fs::create_directory(scratch.path() / "bin");
    fs::create_symlink(other / "bin" / "python3", scratch.path() / "bin" / "python");
    demand_refused(other / "bin" / "python3.9", "3.9");
    demand_refused(scratch.path() / "bin" / "python", "3.9");
    demand_refused(write_file(scratch.path() / "python3.1"), "3.1");
    // By the library beside it.
    demand_refused(write_file(other / "bin" / "python"), "3.9");
    demand_refused(write_file(other / "bin" / "ls"), "3.9");
    // Of the other kind.
    const fs::path kind = scratch.path() / "kind";
    write_file(kind / "lib" / ("python" + mine + (free_threaded ? "" : "t")) / "os.py");
    demand_refused(write_file(kind / "bin" / ("python" + mine)), mine + (free_threaded ? "" : "t"));
    if (!free_threaded)
        demand_refused(write_file(kind / "bin" / ("python" + mine + 't')), mine + 't');

    // Doubtful cases.
    const fs::path nothing = scratch.path() / "nothing" / "bin";
    demand_taken(write_file(nothing / "python"));
    demand_taken(write_file(nothing / ("python" + mine)));
    demand_taken(write_file(nothing / "host"));
    std::ofstream(other / "bin" / "starts-python") << "#!/bin/sh\nexec python \"$@\"\n";
    demand_taken(other / "bin" / "starts-python");
    fs::create_directory(scratch.path() / "shims");
    fs::create_symlink(other / "bin" / "ls",
                       scratch.path() / "shims" / "python3");  // a version manager's
    demand_taken(scratch.path() / "shims" / "python3");
    std::error_code elsewhere;
    fs::create_hard_link(fs::canonical("/proc/self/exe"), other / "bin" / "this-host", elsewhere);
    if (!elsewhere)
        demand_taken(other / "bin" / "this-host");
    write_file(other / "lib" / ("python" + mine + (free_threaded ? "t" : "")) /
               "os.py");  // both are there
    demand_taken(other / "bin" / "python");
    demand_taken(HOLDFAST_DEFAULT_PYTHON);

    // Nothing has been started: the right one can still be, even through a link from elsewhere.
    const fs::path link = scratch.path() / "bin" / "python3";
    fs::create_symlink(HOLDFAST_DEFAULT_PYTHON, link);
    demand_taken(link);
    holdfast::interpreter_config config;
    config.executable = HOLDFAST_DEFAULT_PYTHON;
    holdfast::interpreter right(config);
    const holdfast::attach_guard attached(right);
    run_python("import json");
    CHECK(text_of_python("__import__('sys').executable") == HOLDFAST_DEFAULT_PYTHON);
}
