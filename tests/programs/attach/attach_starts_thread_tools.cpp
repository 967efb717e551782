// A thread that attaches for the first time installs what threading.settrace() and setprofile() ask for.
#include <holdfast/interpreter.hpp>

#include <thread>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"

namespace {

constexpr int threads = 64;

void run_in_threads(const holdfast::interpreter &python, int count) {
    std::vector<std::thread> all;
    for (int i = 0; i < count; ++i)
        all.emplace_back([&] {
            const holdfast::attach_guard attached(python.view());
            run_python("watched()");
        });
    for (std::thread &one : all)
        one.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "import threading\n"
            "calls = []\n"
            "def watched():\n"
            "    calls.append(threading.get_ident())\n"
            "def trace(frame, event, arg):\n"
            "    if event == 'call' and frame.f_code.co_name == 'watched':\n"
            "        calls.append('traced')\n"
            "def profile(frame, event, arg):\n"
            "    if event == 'call' and frame.f_code.co_name == 'watched':\n"
            "        calls.append('profiled')\n");
    }
    run_in_threads(python, 1);  // no tool: nothing happens
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "assert len(calls) == 1, calls\n"
            "threading.settrace(trace)\n"
            "threading.setprofile(profile)\n");
    }
    run_in_threads(python, threads);
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "assert calls.count('traced') == calls.count('profiled') == 64, calls\n"
            "threading.settrace(None)\n"
            "threading.setprofile(None)\n");
    }
    run_in_threads(python, 1);
    const holdfast::attach_guard attached(python.view());
    run_python("assert calls.count('traced') == calls.count('profiled') == 64, calls");
}
