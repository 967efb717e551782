// A destructor that waits names the threads on stderr, with the line where each attached.
#include <holdfast/interpreter.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <chrono>
#include <string>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

int main() {
    int ends[2];
    CHECK(pipe(ends) == 0);
    const int real_stderr = dup(STDERR_FILENO);
    CHECK(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    close(ends[1]);
    std::string said;
    event told;
    std::thread reader([&] {
        char part[256];
        for (ssize_t size = 0; (size = read(ends[0], part, sizeof part)) > 0;) {
            const bool complete = said.find("slowpoke") != std::string::npos;
            said.append(part, static_cast<std::size_t>(size));
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
    CHECK(dup2(real_stderr, STDERR_FILENO) == STDERR_FILENO);
    reader.join();
    CHECK(contains(said, "HF218"));
    CHECK(contains(said, "lifecycle_destructor_names_who.cpp:"));
}
