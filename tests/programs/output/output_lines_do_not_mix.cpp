// Lines of many threads, native and Python's, printed in pieces, arrive complete, once, and in each thread's order.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/output.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"

int main() {
    constexpr int threads = 6;
    constexpr int count = 300;
    holdfast::interpreter_config config;
    config.switch_interval = std::chrono::microseconds(50);  // so that they come in between
    holdfast::interpreter python(config);
    std::mutex lines_mutex;
    std::map<std::string, std::vector<std::string>> lines;
    holdfast::redirect_output(python, [&](const holdfast::output_line &line) {
        const std::lock_guard<std::mutex> hold(lines_mutex);
        lines[std::string(line.thread)].emplace_back(line.text);
    });
    holdfast::exec(
        "import sys, threading\n"
        "def talk(name, count):\n"
        "    for number in range(count):\n"
        "        print(name, number, 'end', sep=' ')\n"
        "        sys.stdout.write(f'{name} ')\n"
        "        sys.stdout.write(f'{number} end\\n')\n");
    const holdfast::function<void(std::string_view, long)> talk("__main__", "talk");
    std::vector<std::thread> worker_group;
    for (int i = 0; i < threads; ++i)
        worker_group.emplace_back([&, name = "native-" + std::to_string(i)] {
            holdfast::detail::set_thread_name(name.c_str());
            talk(name, count);
        });
    holdfast::exec(
        "crew = [threading.Thread(target=talk, args=(f'python-{i}', 300), name=f'python-{i}') for "
        "i in range(2)]\n"
        "for thread in crew: thread.start()\n"
        "for thread in crew: thread.join()");
    for (std::thread &thread : worker_group)
        thread.join();
    CHECK(lines.size() == threads + 2);
    for (const auto &[name, its] : lines) {
        CHECK(its.size() == 2 * count);
        for (int i = 0; i < 2 * count; ++i)
            if (its[static_cast<std::size_t>(i)] != name + " " + std::to_string(i / 2) + " end")
                check::fail(__FILE__, __LINE__,
                            name + " printed: " + its[static_cast<std::size_t>(i)]);
    }
}
