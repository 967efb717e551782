// isolated_executor: threads that use call() and submit() in turn each get their own answers.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <future>
#include <thread>
#include <vector>

#include "check.hpp"

int main() {
    const holdfast::function<double(double, double)> add{"operator", "add"};
    holdfast::isolated_config config;
    config.workers = 2;
    holdfast::isolated_executor pool(config);
    std::vector<std::thread> users;
    for (int user = 0; user < 3; ++user)
        users.emplace_back([&] {
            for (int i = 0; i < 3000; ++i) {
                CHECK(pool.submit(add, i, 1).get() == i + 1);
                CHECK(pool.call(add, i, 2) == i + 2);
            }
        });
    for (std::thread &one : users)
        one.join();
}
