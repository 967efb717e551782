// finalize() with interrupt_after ends an endless loop in Python, once; `except Exception` does not catch the exception.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

int main() {
    event running[3];
    holdfast::interpreter python;
    holdfast::exec(
        "ended = []\n"
        "def spin(here, name):\n"
        "    here()\n"
        "    try:\n"
        "        while True:\n"
        "            try:\n"
        "                sum(range(100))\n"
        "            except Exception:\n"
        "                pass\n"
        "    finally:\n"
        "        ended.append(name)\n");
    std::vector<std::string> seen(3);
    std::vector<std::thread> workers;
    for (std::size_t id = 0; id < 3; ++id)
        workers.emplace_back([&, id] {
            const holdfast::function<void(holdfast::object, std::int64_t)> spin("__main__", "spin");
            try {
                const holdfast::object here =
                    holdfast::callable("here", [&, id] { running[id].set(); });
                spin(here, static_cast<std::int64_t>(id));
            } catch (const holdfast::python_error &error) {
                seen[id] = error.type() + "|" + error.traceback();
            }
        });
    for (event &one : running)
        one.wait();
    const holdfast::finalize_report report = python.finalize(30s, holdfast::interrupt_after{20ms});
    for (std::thread &worker : workers)
        worker.join();
    for (const std::string &text : seen) {
        CHECK(text.rfind("holdfast.Interrupted|", 0) == 0);
        CHECK(contains(text, "in spin"));
    }
    CHECK(report);
}
