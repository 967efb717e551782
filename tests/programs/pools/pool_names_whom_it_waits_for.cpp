// A pool's destructor that waits names the threads on stderr (HF311), for both kinds of pool.
// short-run: no
#include <holdfast/holdfast.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "descriptors.hpp"
#include "event.hpp"

namespace {

/// Waits until `wanted` has been written to stderr.
std::string said_until(const captured_stderr &stream, const std::string &wanted) {
    std::string text;
    while (text.find(wanted) == std::string::npos) {
        const std::string part = stream.some();
        CHECK(!part.empty());
        text += part;
    }
    return text;
}

template <class Pool, class Config>
void destroyed_at_work(const holdfast::interpreter &python, Config config) {
    config.threads = 1;
    config.name = "scoring";
    std::optional<Pool> pool(std::in_place, python, config);
    event begun;
    event go;
    auto slow = pool->submit([&] {
        const holdfast::detach_guard detached;
        begun.set();
        go.wait();
    });
    auto next = pool->submit([] { return 7; });
    begun.wait();
    std::string text;
    {
        const captured_stderr said;
        std::thread destroyer([&pool] { pool.reset(); });
        text = said_until(said, "at a task for");
        go.set();
        destroyer.join();
    }
    CHECK(contains(text, "HF311 the destructor of pool 'scoring' waits; 1 tasks are waiting"));
    CHECK(contains(text, "'scoring-0', at a task for"));
    slow.get();
    CHECK(next.get() == 7);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    destroyed_at_work<holdfast::executor>(python, holdfast::executor_config{});
    destroyed_at_work<holdfast::subinterpreter_pool>(python,
                                                     holdfast::subinterpreter_pool_config{});
    CHECK(python.finalize(std::chrono::seconds(10)));
}
