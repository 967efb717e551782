// The event loop's thread is never a daemon, even if a native thread needed it first: finalize() ends it.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"

namespace {

constexpr const char *source = R"(
import asyncio, threading
started = threading.Event()
async def for_ever():
    started.set()
    await asyncio.sleep(3600)
def is_daemon(): return [t.daemon for t in threading.enumerate() if t.name == 'holdfast asyncio'].pop()
)";

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    event waiting;
    std::string ended_by;
    std::thread native([&] {
        const holdfast::function<holdfast::task<>()> for_ever{"__main__", "for_ever"};
        holdfast::task<> endless = for_ever();
        holdfast::function<void()>{"__main__", "started.wait"}();
        CHECK(!holdfast::eval<bool>("is_daemon()"));
        waiting.set();
        try {
            endless.get();
        } catch (const holdfast::python_error &problem) {
            ended_by = problem.type();
        }
    });
    waiting.wait();
    CHECK(python.finalize(std::chrono::seconds(10)));
    native.join();
    CHECK(ended_by == "asyncio.exceptions.CancelledError");
}
