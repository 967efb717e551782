// A coroutine's exception is reported if its task has gone, or goes, and nobody asked for it.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "own_child.hpp"

namespace {

const holdfast::function<holdfast::task<>()> fail{"__main__", "fail"};
const holdfast::function<holdfast::task<>()> set{"__main__", "set_gate"};

void lose(bool drop_first) {
    holdfast::interpreter python;
    holdfast::exec(
        "import asyncio\n"
        "gate = asyncio.Event()\n"
        "async def fail():\n"
        "    await gate.wait()\n"
        "    raise KeyError('lost')\n"
        "async def set_gate():\n"
        "    gate.set()\n"
        "    await asyncio.sleep(0)\n"
        "    await asyncio.sleep(0)\n");
    holdfast::task<> lost = fail();
    if (drop_first)
        lost = holdfast::task<>();
    set().get();
    if (!drop_first)
        lost.wait();
    lost = holdfast::task<>();
    CHECK(python.finalize(std::chrono::seconds(10)));  // waits for the loop's thread
}

}  // namespace

int main(int argc, char **argv) {
    const own_children children(argc, argv, {[] { lose(true); }, [] { lose(false); }});
    for (const std::size_t which : {0U, 1U}) {
        const std::string said = children.said_by_body(which, 0);
        CHECK(contains(said, "HF312 __main__.fail() failed"));
        CHECK(contains(said, "KeyError: 'lost'\nTraceback"));
        CHECK(contains(said, "in fail\n"));
    }
}
