// HOLDFAST_ variables have no effect on an isolated host, or on one with more rights than its caller.
// deadline: 40
#include <holdfast/interpreter.hpp>
#include <holdfast/watch/counters.hpp>

#include <filesystem>
#include <string>

#include <sys/auxv.h>
#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "environment.hpp"
#include "scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;

/// Starts Python with all variables set, or all but the one for a trace, and says what they did.
struct effects {
    bool traced = false;
    bool watched = false;
    bool other_python = false;
};
effects start(const fs::path &folder, bool isolated, bool with_trace = true) {
    const fs::path trace = folder / (isolated ? "isolated.trace" : "plain.trace");
    if (with_trace)
        set_variable("HOLDFAST_TRACE", trace.c_str());
    set_variable("HOLDFAST_WATCHDOG", "10s");
    set_variable("HOLDFAST_COUNTERS", "1");
    effects seen;
    set_variable("HOLDFAST_PYTHON", "/nowhere");
    set_variable("VIRTUAL_ENV", "/nowhere");
    holdfast::interpreter_config config;
    config.isolated = isolated;
    const auto run = [&] {
        holdfast::interpreter python(config);
        seen.watched =
            fs::exists(holdfast::detail::page_path(static_cast<std::uint64_t>(getpid())));
    };
    try {
        run();
    } catch (const holdfast::startup_error &problem) {
        CHECK(std::string(problem.code()) == "HF236");
        seen.other_python = true;
        unset_variable("HOLDFAST_PYTHON");
        unset_variable("VIRTUAL_ENV");
        run();
    }
    seen.traced = fs::exists(trace);
    return seen;
}

/// Run in a copy of this program that the kernel marks as one with more rights.
int with_more_rights(const fs::path &folder) {
    if (getauxval(AT_SECURE) == 0)
        return 77;  // a file system without such marks
    const effects seen = start(folder, false);
    return seen.traced || seen.watched || seen.other_python ? 1 : 0;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc > 1)
        return with_more_rights(argv[1]);
    const scratch_folder folder;
    // A host that is traced has its counters in the trace. This one shows that all else was set.
    const pid_t plain_child = fork();
    if (plain_child == 0)
        _exit(start(folder.path(), false, false).watched ? 0 : 1);
    CHECK(status_of(plain_child) == 0);

    const effects isolated = start(folder.path(), true);
    CHECK(!isolated.traced && !isolated.watched && !isolated.other_python);

    if (getuid() == 0) {  // who else cannot give a file away
        const fs::path copy = folder.path() / "program";
        fs::copy_file("/proc/self/exe", copy);
        CHECK(chown(copy.c_str(), 0, 65534) == 0);
        CHECK(chmod(copy.c_str(), 02755) == 0);
        const pid_t child = fork();
        if (child == 0) {
            execl(copy.c_str(), "program", folder.path().c_str(), nullptr);
            _exit(127);
        }
        const int status = status_of(child);
        CHECK(status == 0 || status == 77);
    }

    // Last: the trace of a process is made once. It shows that the others were set.
    const effects plain = start(folder.path(), false);
    CHECK(plain.traced && plain.other_python);
}
