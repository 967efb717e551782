// An exception that nobody can get is reported on stderr; one that somebody gets, or may get, is not.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"
#include "said_on_stderr.hpp"
#include "thrown_text.hpp"

namespace {

const holdfast::function<holdfast::task<>(double)> fail_after{"__main__", "fail_after"};

void fail() { throw std::runtime_error("no such row"); }

/// A task that fails when its future is gone already.
std::string of_a_dropped_future(holdfast::executor &pool) {
    return said_on_stderr([&] {
        event dropped;
        {
            const std::future<void> lost = pool.submit([&dropped] {
                dropped.wait();
                fail();
            });
        }
        dropped.set();
        CHECK(pool.drain(std::chrono::milliseconds::max()));
    });
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import asyncio\n"
        "async def fail_after(seconds):\n"
        "    await asyncio.sleep(seconds)\n"
        "    raise KeyError('lost')\n");
    {
        holdfast::executor pool(python, {1});
        const std::string read = said_on_stderr([&] {
            CHECK(thrown_text<std::runtime_error>([&] { pool.submit(fail).get(); }) ==
                  "no such row");
            std::future<void> later = pool.submit(fail);
            CHECK(pool.drain(std::chrono::milliseconds::max()));
            CHECK(thrown_text<std::runtime_error>([&] { later.get(); }) == "no such row");
            CHECK(contains(thrown_text<holdfast::python_error>([&] { fail_after(0).get(); }),
                           "lost"));
            holdfast::task<> cancelled = fail_after(60);
            cancelled.cancel();
            cancelled.wait();
        });
        CHECK(read.empty());
        CHECK(said_on_stderr([&] {
                  pool.submit([] { throw holdfast::cancelled_error(); });
                  CHECK(pool.drain(std::chrono::milliseconds::max()));
              }).empty());  // it was asked to stop
        const std::string unread = of_a_dropped_future(pool);
#if defined(__GLIBCXX__)
        CHECK(contains(unread, "HF312 a task of a pool failed"));
        CHECK(contains(unread, ": no such row\n  do: keep the future"));
        CHECK(of_a_dropped_future(pool).empty());  // it is counted
#endif
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
