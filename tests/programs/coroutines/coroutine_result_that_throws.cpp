// If the result of a coroutine throws when it is moved to the one who waits, that one gets the exception.
// flags: -std=c++20
// short-run: no
#include <holdfast/async.hpp>
#include <holdfast/coroutines.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <utility>

#include "check.hpp"

namespace {

/// Its move number `moves_left`, counted from now, throws.
struct stubborn {
    static inline int moves_left = 0;
    stubborn() = default;
    stubborn(stubborn &&) {
        if (--moves_left == 0)
            throw std::runtime_error("does not move");
    }
};

}  // namespace

template <>
struct holdfast::detail::converter<stubborn> {
    static stubborn from_python(PyObject *, const value_path &) { return {}; }
    static PyObject *to_python(stubborn, const value_path &) { Py_RETURN_NONE; }
};

namespace {

using namespace std::chrono_literals;

/// In each of its moves, until there are fewer. \return how many there are.
template <class Start>
int fails_in_every_move(Start start) {
    for (int fails_at = 1;; ++fails_at) {
        stubborn::moves_left = fails_at;
        std::future<stubborn> result = start();
        CHECK(result.wait_for(60s) == std::future_status::ready);
        try {
            result.get();
            return fails_at - 1;
        } catch (const std::runtime_error &) {}
    }
}

holdfast::coroutine<stubborn> innermost() { co_return stubborn(); }
holdfast::coroutine<stubborn> outer() { co_return co_await innermost(); }

const holdfast::function<holdfast::task<stubborn>()> work{"__main__", "work"};
const holdfast::function<holdfast::task<>(holdfast::object)> await_one{"__main__", "await_one"};

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import asyncio\n"
        "async def work(): return 1\n"
        "async def await_one(make):\n"
        "    try: await asyncio.wait_for(make(), 60)\n"
        "    except asyncio.TimeoutError: raise\n"
        "    except Exception: pass\n");
    CHECK(fails_in_every_move([] { return holdfast::start(innermost()); }) >= 3);
    CHECK(fails_in_every_move([] { return holdfast::start(outer()); }) >= 4);
    CHECK(fails_in_every_move([] { return std::future<stubborn>(work()); }) >= 2);
    for (int fails_at = 1; fails_at < 8; ++fails_at) {
        const holdfast::attach_guard attached;
        stubborn::moves_left = fails_at;
        await_one(holdfast::callable("make", &innermost)).get();
    }
    CHECK(python.finalize(30s));
}
