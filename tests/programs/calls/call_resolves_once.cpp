// A function is looked up at its first call, once per interpreter, however many threads make that call.
#include <holdfast/holdfast.hpp>

#include <thread>
#include <vector>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import sys, types\n"
        "class Counting(types.ModuleType):\n"
        "    lookups = 0\n"
        "    def __getattr__(self, name):\n"
        "        if name != 'answer': raise AttributeError(name)\n"
        "        Counting.lookups += 1\n"
        "        return lambda: 42\n"
        "sys.modules['counting'] = Counting('counting')\n");
    const holdfast::function<int()> answer{"counting", "answer"};
    CHECK(holdfast::eval<int>("Counting.lookups") == 0);
    for (int i = 0; i < 100; ++i)
        CHECK(answer() == 42);
    CHECK(holdfast::eval<int>("Counting.lookups") == 1);

    for (int round = 0; round < 30; ++round) {
        const holdfast::function<int()> raced{"counting", "answer"};
        std::vector<std::thread> threads;
        for (int id = 0; id < 8; ++id)
            threads.emplace_back([&] {
                for (int i = 0; i < 20; ++i)
                    CHECK(raced() == 42);
            });
        for (std::thread &thread : threads)
            thread.join();
        const int before = holdfast::eval<int>("Counting.lookups");
        CHECK(raced() == 42);
        CHECK(holdfast::eval<int>("Counting.lookups") == before);
    }
    CHECK(holdfast::eval<int>("Counting.lookups") <= 1 + 30 * 8);

    // A copy has the names, and looks them up for itself.
    const holdfast::function<int()> copy(answer);
    const int before = holdfast::eval<int>("Counting.lookups");
    CHECK(copy() == 42 && copy() == 42);
    CHECK(holdfast::eval<int>("Counting.lookups") == before + 1);
    CHECK(python.finalize(std::chrono::seconds(5)));
}
