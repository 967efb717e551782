// A server's task that finalize() cancels is not reported as an error; other errors at that time still are.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#include <string>
#include <vector>

#include "check.hpp"

int main() {
    std::vector<std::string> reports;
    {
        holdfast::interpreter python;
        holdfast::exec(R"(
import asyncio, logging

class Handler(logging.Handler):
    def emit(self, record):
        tell(record.getMessage().splitlines()[0])

logging.getLogger("asyncio").addHandler(Handler())

async def talk():
    began = asyncio.Event()
    async def answer(reader, writer):
        began.set()
        await asyncio.Event().wait()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    global kept
    kept = await asyncio.open_connection(*server.sockets[0].getsockname())
    await began.wait()

async def fail():
    global task  # the loop holds it weakly: it would be collected, which asyncio reports, too
    task = asyncio.ensure_future(asyncio.Event().wait())
    task.add_done_callback(lambda task: 1 // 0)
)");
        {
            const holdfast::attach_guard attached(python);
            const holdfast::object tell = holdfast::callable(
                "tell", [&reports](std::string text) { reports.push_back(std::move(text)); });
            holdfast::eval<holdfast::object>("globals().__setitem__").call<void>("tell", tell);
        }
        const holdfast::function<holdfast::task<>()> talk{"__main__", "talk"};
        const holdfast::function<holdfast::task<>()> fail{"__main__", "fail"};
        talk().get();
        fail().get();
        CHECK(python.finalize(std::chrono::seconds(10)));
    }
    CHECK(reports.size() == 1 && reports[0].find("Exception in callback fail.") == 0);
}
