// An extension module in a plain python: its native threads call back until Python exits, and then are refused.
// shared: interop_extension_module.cpp
#include <string>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"

namespace {

/// The exit status of the interpreter itself, running `script`.
int run_plain_python(const std::string &script) {
    const std::string module = check::library("interop_extension_module.so");
    const std::string code =
        "import importlib.machinery, importlib.util, sys, threading, time\n"
        "loader = importlib.machinery.ExtensionFileLoader('interop_extension_module', "
        "'" +
        module +
        "')\n"
        "spec = importlib.util.spec_from_loader('interop_extension_module', loader)\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "loader.exec_module(module)\n" +
        script;
    const pid_t child = fork();
    if (child == 0) {
        execl(HOLDFAST_DEFAULT_PYTHON, HOLDFAST_DEFAULT_PYTHON, "-c", code.c_str(), nullptr);
        _exit(127);
    }
    return status_of(child);  // negative: a crash; a hang is the harness's to see
}

}  // namespace

int main() {
    // Threads that call back without pause when the script ends. The module checks at the very end, in a
    // static destructor, that a late attach was refused and that every admitted call came to its end.
    for (int round = 0; round < 5; ++round)
        CHECK(run_plain_python("calls = []\n"
                               "module.start(4, lambda: calls.append(1))\n"
                               "while len(calls) < 100: time.sleep(0.001)\n") == 0);
    // And when it ends by sys.exit(), by an exception, and while the callbacks are slow.
    CHECK(run_plain_python("module.start(2, lambda: None)\nsys.exit(3)\n") == 3);
    CHECK(run_plain_python("module.start(2, lambda: time.sleep(0.2))\nmodule.wait()\n") == 0);
    // Python's own threads may use the guards, too.
    CHECK(run_plain_python("threads = [threading.Thread(target=module.nest) for i in range(8)]\n"
                           "for t in threads: t.start()\n"
                           "for t in threads: t.join()\n") == 0);
}
