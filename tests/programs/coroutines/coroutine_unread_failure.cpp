// An exception of a coroutine whose future is gone is reported on stderr.
// flags: -std=c++20
#include <holdfast/coroutines.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"
#include "said_on_stderr.hpp"

namespace {

constexpr auto at_once = [](auto continuing) { continuing(); };

holdfast::coroutine<void> fails(holdfast::executor &pool, const event &go) {
    co_await holdfast::on(at_once, pool, [&go] { go.wait(); });
    throw std::runtime_error("no such row");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::executor pool(python, {1});
    const std::string said = said_on_stderr([&] {
        event go;
        { const std::future<void> lost = holdfast::start(fails(pool, go)); }
        go.set();
        CHECK(pool.drain(std::chrono::milliseconds::max()));
    });
#if defined(__GLIBCXX__)
    CHECK(contains(said, "HF312 a coroutine failed"));
    CHECK(contains(said, ": no such row\n"));
#endif
}
