// Names, paths and texts from outside appear in messages as UTF-8 without control characters.
#include <holdfast/holdfast.hpp>
#include <holdfast/platform/visible_text.hpp>

#include <string>
#include <thread>

#include <pthread.h>
#include <sys/prctl.h>

#include "check.hpp"
#include "environment.hpp"
#include "event.hpp"
#include "thrown_text.hpp"

namespace {

/// Bytes that are no UTF-8, a cut character, a title for the terminal, a line that is not ours, a turned direction.
const std::string hostile =
    "\xff\xd0 \x1b]0;title\x07 \u202e \xc2\x9b"
    "31m";
const std::string seen = "\\xff\\xd0 \\x1b]0;title\\x07 \\u202e \\x9b31m";

void demand_visible(const char *what, const std::string &text, const std::string &part) {
    std::string_view args = text;
    while (!args.empty()) {
        char32_t character = 0;
        const std::size_t length = holdfast::detail::utf8_length(args, character);
        if (length == 0 ||
            (character != '\n' && character != '\t' && holdfast::detail::is_invisible(character)))
            check::fail(__FILE__, __LINE__, std::string(what) + " has a byte that cannot be seen");
        args.remove_prefix(length);
    }
    if (text.find(part) == std::string::npos)
        check::fail(__FILE__, __LINE__, std::string(what) + ": '" + part + "' is not in " + text);
}

template <class Set>
std::string refused_start(Set &&set) {
    holdfast::interpreter_config config;
    set(config);
    return thrown_text<holdfast::startup_error>([&] { holdfast::interpreter python(config); });
}

void of_paths_and_variables() {
    demand_visible("a home", refused_start([](auto &config) { config.home = "/no/" + hostile; }),
                   "'/no/" + seen + "'");
    demand_visible("an executable",
                   refused_start([](auto &config) { config.executable = "/no/" + hostile; }),
                   "'/no/" + seen + "'");
    demand_visible("a trace",
                   refused_start([](auto &config) { config.trace = "/no/" + hostile + "/t"; }),
                   "'/no/" + seen + "/t'");
    demand_visible(
        "an argument",
        refused_start([](auto &config) { config.argv = {hostile + std::string("\0x", 2)}; }), seen);
    set_variable("HOLDFAST_PYTHON", ("/no/" + hostile).c_str());
    demand_visible("a variable", refused_start([](auto &) {}), "'/no/" + seen + "'");
    unset_variable("HOLDFAST_PYTHON");
}

void of_exceptions() {
    const std::string text = thrown_text<holdfast::python_error>([] {
        holdfast::exec("raise ValueError('\\udcff\\udcd0 \\x1b]0;title\\x07 \\u202e \\x9b31m')");
    });
    demand_visible("an exception", text,
                   "ValueError: \\udcff\\udcd0 \\x1b]0;title\\x07 \\u202e \\x9b31m");
    demand_visible("a long exception", thrown_text<holdfast::python_error>([] {
                       holdfast::exec("raise ValueError('\\x1b' * 1_000_000)");
                   }),
                   "\\x1b");
    demand_visible("a name", thrown_text<holdfast::error>([] {
                       const std::string name = "no\x1b[31m";
                       const holdfast::function<int()> missing{"__main__", name.c_str()};
                       missing();
                   }),
                   "no\\x1b[31m");
}

}  // namespace

int main() {
    of_paths_and_variables();
    holdfast::interpreter python;
    of_exceptions();

    // A report: the system's name, Python's name, and the file of a stack.
    holdfast::exec(
        "import threading\n"
        "go_on = threading.Event()\n"
        "inside = threading.Event()\n"
        "code = 'def wait(inside):\\n inside()\\n go_on.wait()\\n'\n"
        "exec(compile(code, 'file \\udcff\\x1b[2J.py', 'exec'))\n"
        "def run(): wait(inside.set)\n"
        "thread = threading.Thread(target=run, name='python \\udcff\\x1b[2J\\nthread 1 of "
        "ours')\n");
    event native_inside;
    std::thread native([&] {
        prctl(PR_SET_NAME, "nat\x1b[2J\n\xff", 0, 0, 0);
        const holdfast::attach_guard attached;
        const holdfast::function<void(const holdfast::object &)> wait{"__main__", "wait"};
        wait(holdfast::callable("inside", [&] { native_inside.set(); }));
    });
    native_inside.wait();
    const std::string first = python.finalize(std::chrono::milliseconds(0)).text();
    demand_visible("a report", first, "'nat\\x1b[2J\\n\\xff'");
    demand_visible("a stack", first, "file \\udcff\\x1b[2J.py");
    python.reopen();
    holdfast::exec("go_on.set()");
    native.join();
    holdfast::exec("go_on.clear(); thread.start(); inside.wait()");
    const std::string second = python.finalize(std::chrono::milliseconds(0)).text();
    demand_visible("a report", second, "'python \\udcff\\x1b[2J\\nthread 1 of ours'");
    demand_visible("a stack", second, "file \\udcff\\x1b[2J.py");
    python.reopen();
    holdfast::exec("go_on.set(); thread.join()");
    CHECK(python.finalize(std::chrono::seconds(10)));
}
