// Copies of a python_error may end on detached and attached threads, and after Python; references stay exact.
#include <holdfast/holdfast.hpp>

#include <optional>
#include <thread>
#include <vector>

#include "check.hpp"

namespace {

std::optional<holdfast::python_error> survivor;

std::optional<holdfast::python_error> catch_one(const char *code) {
    try {
        holdfast::exec(code);
    } catch (const holdfast::python_error &error) {
        return error;
    }
    return std::nullopt;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    // Not by adding to an int, which would lose steps on a free-threaded build.
    holdfast::exec(
        "made, ended = [], []\n"
        "class Counted(Exception):\n"
        "    def __init__(self):\n"
        "        made.append(1)\n"
        "    def __del__(self):\n"
        "        ended.append(1)\n");
    {
        std::vector<std::thread> workers;
        for (int id = 0; id < 6; ++id)
            workers.emplace_back([id] {
                for (int i = 0; i < 100; ++i) {
                    const auto error = catch_one("raise Counted()");
                    CHECK(error);
                    std::vector<holdfast::python_error> copies(5, *error);
                    if (id % 2 == 0) {
                        const holdfast::attach_guard attached;
                        copies.clear();
                    }
                }
            });
        for (std::thread &worker : workers)
            worker.join();
    }
    CHECK(holdfast::eval<int>("(__import__('gc').collect(), len(made))[1]") == 600);
    CHECK(holdfast::eval<int>("len(ended)") == 600);
    survivor = catch_one("raise Counted()");
    CHECK(holdfast::eval<int>("len(made) - len(ended)") == 1);
    CHECK(python.finalize(std::chrono::seconds(5)));
    CHECK(survivor->type() == "Counted");
}
