// Whoever imports or reloads `threading` first, the thread that started Python is its main thread, and
// Python's threads are joined at the end.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#if !defined(_WIN32)
#include "child.hpp"
#endif
#include "run_python.hpp"
#include "said_on_stderr.hpp"

namespace {

/// In each of these ways the module is executed on the calling thread.
constexpr const char *ways[] = {
    "import threading",
    "import importlib, threading; importlib.reload(threading)",
    // From `threading`'s own imports on: a thread that Python starts
    "import _thread, time\n"
    "def first():\n"
    "    global threading\n"
    "    import threading\n"
    "_thread.start_new_thread(first, ())\n"
    "while 'threading' not in globals(): time.sleep(0.001)",
    // A finder that asks the others and puts its own loader between, as import hooks of tracers do
    "import importlib.util, sys\n"
    "class Between:\n"
    "    busy = False\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name != 'threading' or self.busy: return None\n"
    "        self.busy = True\n"
    "        spec = importlib.util.find_spec(name)\n"
    "        self.busy = False\n"
    "        real = spec.loader\n"
    "        class Loader:\n"
    "            create_module = staticmethod(real.create_module)\n"
    "            exec_module = staticmethod(real.exec_module)\n"
    "        spec.loader = Loader()\n"
    "        return spec\n"
    "sys.meta_path.insert(0, Between())\n"
    "import threading",
    // Executed when it is first used
    "import importlib.util, sys\n"
    "spec = importlib.util.find_spec('threading')\n"
    "spec.loader = importlib.util.LazyLoader(spec.loader)\n"
    "threading = sys.modules['threading'] = importlib.util.module_from_spec(spec)\n"
    "spec.loader.exec_module(threading)\n"
    "threading.Thread",
};

/// `threading`, executed by a worker.
void check_way(const char *way) {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python);
        run_python("import sys; sys.modules.pop('threading', None)");  // a .pth file may import it
    }
    std::thread([&] {
        const holdfast::attach_guard attached(python);
        run_python(way);
        run_python(
            "main = threading.main_thread()\n"
            "assert main is not threading.current_thread(), threading.current_thread()\n"
            "assert main.is_alive() and main.name == 'MainThread' and not main.daemon, main\n"
            "assert threading._active[main.ident] is main, threading._active\n"
            "assert isinstance(threading.current_thread(), threading._DummyThread)");
    }).join();
    const holdfast::attach_guard attached(python);
    run_python(
        "assert threading.main_thread() is threading.current_thread() is main\n"
        "assert main.ident == threading.get_ident() and main.native_id == "
        "threading.get_native_id()\n"
        "assert main.is_alive(), 'it ended with the worker'\n"
        "assert threading.enumerate() == [main], threading.enumerate()\n"
        "joined = threading.Thread(target=main.join, args=(0.01,))\n"
        "joined.start()\n"
        "joined.join()");
}

/// Python's end waits for a thread, and says nothing itself.
void check_end() {
    const std::string said = said_on_stderr([] {
        holdfast::interpreter python;
        std::thread([&] {
            const holdfast::attach_guard attached(python);
            run_python(
                "import threading, os\n"
                "def late():\n"
                "    threading.main_thread().join(0.05)\n"
                "    os.write(2, b'late')\n"
                "threading.Thread(target=late, daemon=False).start()");
        }).join();
        CHECK(python.finalize(std::chrono::seconds(10)));
    });
    if (said != "late")
        std::fprintf(stderr, "%s\n", said.c_str());
    CHECK(said == "late");
}

#if !defined(_WIN32)
/// In a child, the thread that forked is the main thread.
void check_fork() {
    holdfast::interpreter python;
    std::thread([&] {
        const holdfast::attach_guard attached(python);
        run_python(
            "import os, sys, warnings; warnings.simplefilter('ignore'); "
            "sys.modules.pop('threading', None)");
        const auto child = static_cast<pid_t>(number_of_python("os.fork()"));
        if (child == 0) {
            run_python(
                "import _thread, time\n"
                "def first():\n"
                "    global threading\n"
                "    import threading\n"
                "_thread.start_new_thread(first, ())\n"
                "while 'threading' not in globals(): time.sleep(0.001)\n"
                "main = threading.main_thread()\n"
                "assert main is threading.current_thread(), threading.enumerate()\n"
                "assert main.native_id == threading.get_native_id()");
            _exit(9);
        }
        const holdfast::detach_guard waiting;
        CHECK(status_of(child) == 9);
    }).join();
}
#endif

}  // namespace

int main() {
    for (const char *const way : ways)
        check_way(way);
    check_end();
#if !defined(_WIN32)
    check_fork();
#endif
}
