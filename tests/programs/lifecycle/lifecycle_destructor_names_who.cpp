// A destructor that waits names the threads on stderr, with the line where each attached.
#include <holdfast/interpreter.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "descriptors.hpp"
#include "event.hpp"

int main() {
    captured_stderr captured;
    std::string said;
    event told;
    std::thread reader([&] {
        for (std::string part; !(part = captured.some()).empty();) {
            const bool complete = said.find("slowpoke") != std::string::npos;
            said += part;
            if (!complete && said.find("slowpoke") != std::string::npos)
                told.set();
        }
    });
    std::thread worker;
    {
        holdfast::interpreter python;
        event inside;
        worker = std::thread([&] {
            holdfast::detail::set_thread_name("slowpoke");
            const holdfast::attach_guard attached(python.view());
            const holdfast::detach_guard detached;
            inside.set();
            told.wait();  // leaves only once it has been named
        });
        inside.wait();
    }
    worker.join();
    captured.restore();
    reader.join();
    CHECK(contains(said, "HF218"));
    CHECK(contains(said, "lifecycle_destructor_names_who.cpp:"));
}
