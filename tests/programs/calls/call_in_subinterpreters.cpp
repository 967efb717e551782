// One function<> is called in several interpreters at once, and calls each interpreter's own function.
#include <holdfast/holdfast.hpp>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"

namespace {

const holdfast::function<std::string()> who{"__main__", "who"};

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec("def who(): return 'main'\n");
    for (int round = 0; round < 3; ++round) {
        std::vector<std::unique_ptr<holdfast::subinterpreter>> others;
        for (int i = 0; i < 3; ++i) {
            others.push_back(std::make_unique<holdfast::subinterpreter>(python));
            const holdfast::attach_guard attached(others.back()->view());
            holdfast::exec("def who(): return '" + std::to_string(round * 10 + i) + "'\n");
        }
        std::vector<std::thread> threads;
        for (int id = 0; id < 6; ++id)
            threads.emplace_back([&, id] {
                const int which = id % 3;
                const auto view = others[static_cast<std::size_t>(which)]->view();
                const holdfast::function<std::string()> of_view{view, "__main__", "who"};
                const std::string expected = std::to_string(round * 10 + which);
                for (int i = 0; i < 50; ++i) {
                    CHECK(who() == "main");
                    CHECK(of_view() == expected);
                    const holdfast::attach_guard attached(view);
                    CHECK(who() == expected);
                }
            });
        for (std::thread &thread : threads)
            thread.join();
        const holdfast::function<std::string()> of_dead{others[0]->view(), "__main__", "who"};
        for (auto &other : others)
            CHECK(other->finalize(std::chrono::seconds(5)));
        CHECK(thrown_code<holdfast::closed_error>([&] { of_dead(); }) == "HF203");
    }
    CHECK(who() == "main");
    CHECK(python.finalize(std::chrono::seconds(5)));
}
