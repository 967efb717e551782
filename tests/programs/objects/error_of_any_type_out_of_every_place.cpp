// Anything that C++ throws from a callback, iterator, sink, hook or task ends where the docs say; Python continues.
#include <holdfast/async.hpp>
#include <holdfast/calls/std_function.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/output.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/range.hpp>

#include <cstdio>
#include <exception>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <typeinfo>

#include <cxxabi.h>

#include "check.hpp"
#include "event.hpp"
#include "said_on_stderr.hpp"

namespace {

struct not_an_exception {
    std::string text = "with a destructor";
};

struct thrown {
    const char *name;
    void (*raise)();
};
const thrown kinds[] = {
    {"std::runtime_error", [] { throw std::runtime_error("plain"); }},
    {"std::exception", [] { throw std::exception(); }},
    {"bytes", [] { throw std::logic_error("\xff\x1b[31m"); }},
    {"int", [] { throw 42; }},
    {"text", [] { throw "a literal"; }},
    {"std::string", [] { throw std::string("a string"); }},
    {"class", [] { throw not_an_exception(); }},
    {"nullptr", [] { throw nullptr; }},
    {"exception_ptr", [] { std::rethrow_exception(std::make_exception_ptr(7L)); }},
    {"python_error", [] { holdfast::exec("raise LookupError('through C++')"); }},
    {"closed_error", [] { throw holdfast::closed_error(holdfast::closed_reason::stale); }},
};

/// The name of the type that `action` throws, "" for none.
template <class Action>
std::string type_thrown(Action &&action) {
    try {
        action();
    } catch (...) {
        const std::type_info *const type = abi::__cxa_current_exception_type();
        return type != nullptr ? type->name() : "forced unwinding";
    }
    return "";
}

/// A Python exception where `raise` was called by Python: `caught(callback)` of __main__ says its type.
void expect_in_python(const char *place, const thrown &kind, const std::string &type) {
    if (type.empty() || type == "nothing")
        check::fail(__FILE__, __LINE__,
                    std::string(kind.name) + " out of " + place + ": Python saw nothing");
}

void out_of_callbacks(const thrown &kind) {
    const holdfast::function<std::string(const holdfast::object &)> caught{"__main__", "caught"};
    expect_in_python("a callable", kind,
                     caught(holdfast::callable("raise_it", [&] { kind.raise(); })));
    const holdfast::function<std::string(std::function<int()>)> caught_function{"__main__",
                                                                                "caught"};
    expect_in_python("a std::function", kind,
                     caught_function([&]() -> int { return kind.raise(), 0; }));
    const holdfast::function<std::string(holdfast::range<int>)> caught_items{"__main__",
                                                                             "caught_items"};
    expect_in_python("an iterator", kind,
                     caught_items(holdfast::range<int>([&]() -> std::optional<int> {
                         kind.raise();
                         return std::nullopt;
                     })));
}

void out_of_a_sink(const holdfast::interpreter &python, const thrown &kind) {
    holdfast::redirect_output(python, [&](const holdfast::output_line &) { kind.raise(); });
    const std::string said =
        said_on_stderr([] { holdfast::exec("print('one'); print('two')\nwent_on = True"); });
    CHECK(holdfast::eval<bool>("globals().pop('went_on', False)"));
    for (const char *const part : {"HF414 the output sink threw: ", "\none\n", "\ntwo\n"})
        if (said.find(part) == std::string::npos)
            check::fail(
                __FILE__, __LINE__,
                std::string(kind.name) + " out of a sink: '" + part + "' is not in " + said);
    CHECK(said.find('\x1b') == std::string::npos);
    holdfast::redirect_output(python, [](const holdfast::output_line &) {});
}

void out_of_tasks(holdfast::executor &pool, const thrown &kind) {
    const std::string wanted = type_thrown([&] { kind.raise(); });
    auto future = pool.submit([&] { kind.raise(); });
    const std::string got = type_thrown([&] { future.get(); });
    if (got != wanted)
        check::fail(__FILE__, __LINE__, std::string(kind.name) + " out of a task became " + got);
    CHECK(pool.submit([] { return 1; }).get() == 1);
}

void out_of_a_then(const thrown &kind) {
    holdfast::exec("reported.clear(); released.clear()");
    const holdfast::function<holdfast::task<int>(int)> slowly{"__main__", "slowly"};
    std::move(slowly(1)).then([&](std::future<int>) { kind.raise(); });
    holdfast::exec("released.append(True)");
    auto ended = slowly(2);
    ended.wait();
    CHECK(type_thrown([&] { std::move(ended).then([&](std::future<int>) { kind.raise(); }); }) ==
          type_thrown([&] { kind.raise(); }));  // at once, on this thread
    const holdfast::function<holdfast::task<std::string>()> first{"__main__", "first_report"};
    expect_in_python("then()", kind, first().get());
}

/// What runs on the caller's thread comes to the caller, as it is.
void out_of_what_the_caller_runs(const thrown &kind) {
    const std::string wanted = type_thrown([&] { kind.raise(); });
    holdfast::once_flag once;
    CHECK(type_thrown([&] { holdfast::call_once(once, [&] { kind.raise(); }); }) == wanted);
    int ran = 0;
    holdfast::call_once(once, [&] { ++ran; });
    CHECK(ran == 1);
    std::mutex mutex;
    std::unique_lock<std::mutex> hold(mutex);
    std::condition_variable_any changed;
    CHECK(type_thrown([&] {
              holdfast::wait(changed, hold, [&]() -> bool { return kind.raise(), true; });
          }) == wanted);
    CHECK(hold.owns_lock());
    CHECK(!holdfast::attached());
}

/// The start ends, and may be tried again.
void out_of_the_configuration(const thrown &kind) {
    holdfast::interpreter_config config;
    config.configure = [](PyConfig &, void *data) { static_cast<const thrown *>(data)->raise(); };
    config.configure_data = const_cast<thrown *>(&kind);
    const std::string wanted = type_thrown([&] { kind.raise(); });
    CHECK(type_thrown([&] { const holdfast::interpreter refused(config); }) == wanted);
}

}  // namespace

int main() {
    for (const thrown &kind : kinds)
        out_of_the_configuration(kind);
    holdfast::interpreter python;
    holdfast::exec(
        "import asyncio, atexit\n"
        "def caught(callback):\n"
        "    try:\n"
        "        callback()\n"
        "    except BaseException as error:\n"
        "        return type(error).__name__\n"
        "    return 'nothing'\n"
        "def caught_items(items): return caught(lambda: list(items))\n"
        "reported, released = [], []\n"
        "async def slowly(x):\n"
        "    asyncio.get_running_loop().set_exception_handler(lambda loop, context:\n"
        "        reported.append(type(context.get('exception')).__name__))\n"
        "    while not released: await asyncio.sleep(0.001)\n"
        "    return x\n"
        "async def first_report():\n"
        "    while not reported: await asyncio.sleep(0.001)\n"
        "    return reported[0]\n");
    {
        holdfast::executor pool(python, 2);
        for (const thrown &kind : kinds) {
            out_of_callbacks(kind);
            out_of_a_sink(python, kind);
            out_of_tasks(pool, kind);
            out_of_a_then(kind);
            out_of_what_the_caller_runs(kind);
        }
    }
    for (const thrown &kind :
         kinds) {  // hooks: they run at the end, one after the other, whatever the others throw
        const holdfast::attach_guard attached(python);
        const holdfast::function<void(const holdfast::object &)> add{"atexit", "register"};
        add(holdfast::callable(kind.name, [&] { kind.raise(); }));
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
