// Attach, detach and a refused attach do not change errno.
#include <holdfast/interpreter.hpp>

#include <cerrno>
#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    const auto check_all = [&](bool admitted) {
        errno = 4711;
        {
            const holdfast::attach_guard attached(view, std::nothrow);
            CHECK(errno == 4711);
            CHECK(static_cast<bool>(attached) == admitted);
            {
                const holdfast::detach_guard detached;
                CHECK(errno == 4711);
            }
            CHECK(errno == 4711);
        }
        CHECK(errno == 4711);
        {
            const holdfast::interpreter_guard guard(view, std::nothrow);
            CHECK(static_cast<bool>(guard) == admitted);
            CHECK(errno == 4711);
        }
        CHECK(errno == 4711);
    };
    std::thread([&] {
        check_all(true);  // the first attach makes a state
        check_all(true);  // the second finds it
    }).join();
    CHECK(python.finalize(std::chrono::seconds(5)));
    check_all(false);
    std::thread([&] { check_all(false); }).join();
}
