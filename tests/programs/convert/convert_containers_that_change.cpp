// Lists and dicts may change while they are converted, by their elements or by other threads.
// deadline: 60
// short-run: no
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "class Clears:\n"
        "    def __init__(self, target): self.target = target\n"
        "    def __index__(self):\n"
        "        self.target.clear()\n"
        "        return 1\n"
        "    def __hash__(self): return 5\n"
        "    def __eq__(self, other): return self is other\n"
        "def emptied_list():\n"
        "    values = []\n"
        "    values.extend([0, Clears(values)] + [object() for _ in range(50)])\n"
        "    return values\n"
        "def emptied_dict():\n"
        "    values = {}\n"
        "    values[0] = 0\n"
        "    values[1] = Clears(values)\n"
        "    values.update((i, i) for i in range(2, 50))\n"
        "    return values\n"
        "shared, table = [], {}\n"
        "def churn():\n"
        "    for i in range(300):\n"
        "        shared.append(i)\n"
        "        table[i % 50] = i\n"
        "        if i % 30 == 29:\n"
        "            del shared[:25]\n"
        "            table.clear()\n");
    CHECK((holdfast::eval<std::vector<int>>("emptied_list()") == std::vector<int>{0, 1}));
    CHECK((holdfast::eval<std::map<int, int>>("emptied_dict()").size() == 50));

    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int id = 0; id < 3; ++id)
        threads.emplace_back([&] {
            const holdfast::function<void()> churn{"__main__", "churn"};
            while (!stop)
                churn();
        });
    for (int i = 0; i < 300; ++i) {
        for (const int value : holdfast::eval<std::vector<int>>("shared"))
            CHECK(value >= 0 && value < 300);
        for (const auto &[key, value] : holdfast::eval<std::map<int, int>>("table"))
            CHECK(value % 50 == key);
    }
    stop = true;
    for (std::thread &thread : threads)
        thread.join();
}
