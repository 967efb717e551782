// A server whose connections are coroutines of asio's. Python answers: an `async def` function, and a pool.
#include "asio_adapter.hpp"

#include <asio/experimental/awaitable_operators.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <string>

using asio::awaitable;
using asio::use_awaitable;
using asio::ip::tcp;

namespace {

constexpr const char *source = R"(
import asyncio, re
async def greet(name):
    await asyncio.sleep(0)
    if not name: raise ValueError("nobody to greet")
    return f"hello, {name}"
async def for_ever():
    try:
        await asyncio.sleep(3600)
    finally:
        print("python: cancelled", flush=True)
def vowels(text): return len(re.findall("[aeiou]", text))
)";
const holdfast::function<holdfast::task<std::string>(std::string)> greet{"__main__", "greet"};
const holdfast::function<holdfast::task<>()> for_ever{"__main__", "for_ever"};
const holdfast::function<long(std::string)> vowels{"__main__", "vowels"};

/// Answers the lines of one client. Both calls of Python run at the same time.
awaitable<void> serve(tcp::socket client, holdfast::executor &pool) {
    const asio_poster here(client.get_executor());
    std::string line;
    for (;;) {
        asio::error_code failed;
        const std::size_t size = co_await asio::async_read_until(
            client, asio::dynamic_buffer(line), '\n', asio::redirect_error(use_awaitable, failed));
        if (failed)
            co_return;
        const std::string name = line.substr(0, size - 1);
        line.erase(0, size);
        std::string answer;
        try {
            auto counted = holdfast::on(here, pool, vowels, name);
            answer = co_await async_result_of(holdfast::on(here, greet(name)), use_awaitable);
            answer +=
                ": " + std::to_string(co_await async_result_of(std::move(counted), use_awaitable));
        } catch (const holdfast::python_error &error) {
            answer = error.type() + ": " + error.message();
        }
        answer += '\n';
        co_await asio::async_write(client, asio::buffer(answer), use_awaitable);
    }
}

awaitable<void> ask(tcp::endpoint where) {
    tcp::socket server(co_await asio::this_coro::executor);
    co_await server.async_connect(where, use_awaitable);
    std::string line;
    for (const std::string name : {"Ada", "Barbara", ""}) {
        co_await asio::async_write(server, asio::buffer(name + '\n'), use_awaitable);
        const std::size_t size = co_await asio::async_read_until(server, asio::dynamic_buffer(line),
                                                                 '\n', use_awaitable);
        std::printf("%s", line.substr(0, size).c_str());
        line.erase(0, size);
    }
}

/// asio's own way to give up: whichever ends first cancels the other.
awaitable<void> give_up() {
    using namespace asio::experimental::awaitable_operators;
    const asio_poster here(co_await asio::this_coro::executor);
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(50));
    co_await(async_result_of(holdfast::on(here, for_ever()), use_awaitable) ||
             timer.async_wait(use_awaitable));
    std::printf("gave up\n");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    holdfast::executor pool(python, 2);
    asio::io_context loop;
    tcp::acceptor door(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const auto rethrow = [](std::exception_ptr problem) {
        if (problem)
            std::rethrow_exception(problem);
    };
    co_spawn(
        loop,
        [&]() -> awaitable<void> {
            co_await serve(co_await door.async_accept(use_awaitable), pool);
        },
        rethrow);
    co_spawn(
        loop,
        [&]() -> awaitable<void> {
            co_await ask(door.local_endpoint());
            co_await give_up();
        },
        rethrow);
    loop.run();
    return python.finalize(std::chrono::seconds(10)) ? 0 : 1;
}
