// Eight native threads call a function<> at once; it attaches without a guard and throws what Python raises.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def score(text, weight):\n"
        "    if weight < 0:\n"
        "        raise ValueError(f'{text}: {weight}')\n"
        "    return len(text) * weight / 2\n");
    const holdfast::function<double(std::string_view, std::int64_t)> score{"__main__", "score"};
    std::atomic<int> calls{0};
    std::vector<std::thread> threads;
    for (int id = 0; id < 8; ++id)
        threads.emplace_back([&, id] {
            for (int i = 0; i < 500; ++i) {
                CHECK(!holdfast::attached());
                CHECK(score("text", i) == 2.0 * i);
                if (i % 50 == 0) {
                    try {
                        score("negative", -id - 1);
                        CHECK(false);
                    } catch (const holdfast::python_error &error) {
                        CHECK(error.type() == "ValueError");
                        CHECK(error.message() == "negative: " + std::to_string(-id - 1));
                    }
                    const holdfast::attach_guard attached;
                    CHECK(score("ab", 3) == 3.0);
                    CHECK(PyErr_Occurred() == nullptr);
                }
                ++calls;
            }
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(calls == 4000);
    CHECK(python.finalize(std::chrono::seconds(5)));
}
