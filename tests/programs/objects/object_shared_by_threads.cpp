// Eight threads copy, move and drop objects, attached and not, and the count stays exact.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/objects/object.hpp>

#include <thread>
#include <utility>
#include <vector>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    const auto shared = holdfast::eval<holdfast::object>("[]");
    const auto count = [&] {
        const holdfast::attach_guard attached;
        return Py_REFCNT(shared.get());
    };
    const auto before = count();
    std::vector<std::thread> workers;
    for (int id = 0; id < 8; ++id)
        workers.emplace_back([&, id] {
            std::vector<holdfast::object> mine;
            for (int i = 0; i < 2000; ++i) {
                if (i % 5 == id % 5) {
                    const holdfast::attach_guard attached;
                    mine.push_back(holdfast::object::borrow(shared.get()));
                } else {
                    mine.push_back(shared);
                }
                if (i % 7 == 0)
                    mine.erase(mine.begin(), mine.begin() + static_cast<long>(mine.size() / 2));
            }
        });
    for (std::thread &worker : workers)
        worker.join();
    CHECK(count() == before);
    CHECK(python.finalize(std::chrono::seconds(5)));
}
