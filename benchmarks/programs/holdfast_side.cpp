// holdfast_side.cpp: holdfast, used as its documentation says.
#include <holdfast/buffer.hpp>
#include <holdfast/calls/record.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/range.hpp>
#include <holdfast/version.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include "measure.hpp"
#include "python_side.hpp"

template <>
struct holdfast::record<bench::level> : holdfast::dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = "Level";
    static constexpr const char *fields[] = {"price", "size"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.price);
        each(value.size);
    }
};

namespace {

/// The small function, kept for as long as Python runs. Attaches by itself.
PyObject *make_small_function(const holdfast::interpreter &python) {
    const holdfast::attach_guard attached(python);
    return bench::evaluate(bench::small_function);
}

bench::samples small_call(const bench::request &asked) {
    const holdfast::interpreter python;
    PyObject *const function = make_small_function(python);
    const holdfast::interpreter_view view = python.view();
    return bench::on_native_thread([&] {
        return bench::repeat(asked, [&] {
            const holdfast::attach_guard attached(view);
            bench::call_small(function);
        });
    });
}

/// The same in a sub-interpreter.
bench::samples small_call_elsewhere(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::subinterpreter own(python);
    const holdfast::interpreter_view view = own.view();
    PyObject *function = nullptr;
    {
        const holdfast::attach_guard attached(view);
        function = bench::evaluate(bench::small_function);
    }
    return bench::on_native_thread([&] {
        return bench::repeat(asked, [&] {
            const holdfast::attach_guard attached(view);
            bench::call_small(function);
        });
    });
}

bench::samples small_call_threads(const bench::request &asked) {
    const holdfast::interpreter python;
    PyObject *const function = make_small_function(python);
    const holdfast::interpreter_view view = python.view();
    return bench::repeat_on_threads(asked, [&] {
        const holdfast::attach_guard attached(view);
        bench::call_small(function);
    });
}

bench::samples attach(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::interpreter_view view = python.view();
    return bench::on_native_thread(
        [&] { return bench::repeat(asked, [&] { const holdfast::attach_guard attached(view); }); });
}

bench::samples nested(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::interpreter_view view = python.view();
    return bench::on_native_thread([&] {
        const holdfast::attach_guard outer(view);
        return bench::repeat(asked, [&] { const holdfast::attach_guard attached(view); });
    });
}

/// The guard that stays where the thread is.
bench::samples nested_here(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::interpreter_view view = python.view();
    return bench::on_native_thread([&] {
        const holdfast::attach_guard outer(view);
        return bench::repeat(asked, [] { const holdfast::attach_guard attached; });
    });
}

/// The same on a thread that is in a sub-interpreter.
bench::samples nested_elsewhere(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::subinterpreter own(python);
    const holdfast::interpreter_view view = own.view();
    return bench::on_native_thread([&] {
        const holdfast::attach_guard outer(view);
        return bench::repeat(asked, [] { const holdfast::attach_guard attached; });
    });
}

/// The guard of a thread that holds finalization back.
bench::samples nested_held(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::interpreter_view view = python.view();
    return bench::on_native_thread([&] {
        const holdfast::interpreter_guard held(view);
        const holdfast::attach_guard outer(view);
        return bench::repeat(asked, [&] { const holdfast::attach_guard attached(held); });
    });
}

bench::samples typed_call(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::function<double(double, double)> add("__main__", "add");
    return bench::on_native_thread([&] {
        const holdfast::attach_guard attached(python);
        bench::define_add();
        bench::samples taken = bench::repeat(asked, [&] { bench::checked_sum += add(1.5, 2.5); });
        bench::check_sum();
        return taken;
    });
}

bench::samples typed_call_from_thread(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::function<double(double, double)> add("__main__", "add");
    return bench::on_native_thread([&] {
        {
            const holdfast::attach_guard attached(python);
            bench::define_add();
        }
        bench::samples taken = bench::repeat(asked, [&] { bench::checked_sum += add(1.5, 2.5); });
        bench::check_sum();
        return taken;
    });
}

/// The small call, but by name and through a typed function.
bench::samples function_call(const bench::request &asked) {
    const holdfast::interpreter python;
    const holdfast::function<void()> small("__main__", "small");
    {
        const holdfast::attach_guard attached(python);
        bench::demand(PyRun_SimpleString("small = lambda: None") == 0, "defining small");
    }
    const holdfast::interpreter_view view = python.view();
    return bench::on_native_thread([&] {
        return bench::repeat(asked, [&] {
            const holdfast::attach_guard attached(view);
            small();
        });
    });
}

/// A list of 1000 copies of `value`, to Python and back.
template <class T>
bench::samples list_call(const bench::request &asked, const T &value) {
    const holdfast::interpreter python;
    using list = std::vector<T>;
    const holdfast::function<list(list)> same("__main__", "same");
    return bench::on_native_thread([&] {
        const holdfast::attach_guard attached(python);
        bench::define_same();
        bench::define_level();
        const list values(bench::list_length, value);
        bench::samples taken =
            bench::repeat(asked, [&] { bench::checked_sum += bench::weight(same(values).back()); });
        bench::check_sum();
        return taken;
    });
}

bench::samples list_of_floats(const bench::request &asked) { return list_call(asked, 1.5); }
bench::samples list_of_ints(const bench::request &asked) { return list_call(asked, 123456LL); }
bench::samples list_of_texts(const bench::request &asked) {
    return list_call(asked, std::string(bench::sample_text));
}
bench::samples list_of_records(const bench::request &asked) {
    return list_call(asked, bench::level{1.5, 123456});
}

/// Memory of the given size, passed to Python and used there.
bench::samples pass_memory(const bench::request &asked, std::size_t size) {
    const holdfast::interpreter python;
    const holdfast::function<std::int64_t(holdfast::memory_view)> length("builtins", "len");
    const auto block = std::make_shared<std::vector<std::byte>>(size);
    const holdfast::memory_view view(block->data(), size, block);
    return bench::on_native_thread([&] {
        const holdfast::attach_guard attached(python);
        bench::samples taken =
            bench::repeat(asked, [&] { bench::checked_sum += static_cast<double>(length(view)); });
        bench::check_sum();
        return taken;
    });
}

bench::samples pass_8_kb(const bench::request &asked) { return pass_memory(asked, 8000); }
bench::samples pass_8_mb(const bench::request &asked) { return pass_memory(asked, 8000000); }

/// 100 000 items of a generator on a detached thread, taken at most so many per attach.
bench::samples generator(const bench::request &asked, std::size_t most) {
    const holdfast::interpreter python;
    const holdfast::function<holdfast::range<std::int64_t>(std::int64_t)> count("__main__",
                                                                                "count");
    {
        const holdfast::attach_guard attached(python);
        bench::define_count();
    }
    return bench::on_native_thread([&] {
        bench::samples taken = bench::repeat(asked, [&] {
            auto items = count(bench::generator_length);
            items.chunk(most);
            for (const std::int64_t item : items)
                bench::checked_sum += static_cast<double>(item);
        });
        bench::check_sum();
        return taken;
    });
}

bench::samples generator_in_chunks(const bench::request &asked) { return generator(asked, 1024); }
bench::samples generator_by_item(const bench::request &asked) { return generator(asked, 1); }

bench::samples start(const bench::request &) {
    const double begun = bench::now_ns();
    {
        holdfast::interpreter python;
        bench::demand(static_cast<bool>(python.finalize(std::chrono::milliseconds::max())),
                      "finalize");
    }
    return {bench::now_ns() - begun};
}

bench::samples memory(const bench::request &asked) {
    const holdfast::interpreter python;
    PyObject *const function = make_small_function(python);
    const holdfast::interpreter_view view = python.view();
    return bench::growth(asked, [&] {
        const holdfast::attach_guard attached(view);
        bench::call_small(function);
    });
}

/// Native work of `steps` steps, which the compiler can neither leave out nor shorten. Out of line and
/// aligned, so that what surrounds its calls does not change how long it takes.
__attribute__((noinline, aligned(64))) void work(long steps) {
    std::uint64_t value = 1;
    for (long i = 0; i < steps; ++i) {
        value = value * 6364136223846793005U + 1442695040888963407U;
        asm volatile("" : "+r"(value));
    }
}

/// How many steps take that long. The best of many tries: other load only makes them longer.
long steps_of(double wanted_ns) {
    constexpr long tried = 20000;
    double best = 0;
    for (int i = 0; i < 200; ++i) {
        const double begun = bench::now_ns();
        work(tried);
        const double took = bench::now_ns() - begun;
        best = i == 0 || took < best ? took : best;
    }
    return static_cast<long>(wanted_ns * tried / best);
}

/// A thread that attaches about a million times a second, with native work in between.
bench::samples paced_attach(const bench::request &asked, const std::string &trace) {
    holdfast::interpreter_config config;
    config.trace = trace;
    const holdfast::interpreter python(config);
    if (!trace.empty())
        std::filesystem::remove(trace);  // it is mapped, and nobody wants to read it
    const holdfast::interpreter_view view = python.view();
    constexpr double work_ns = 920;  // an attach and detach takes about 80
    const long steps = steps_of(work_ns);
    return bench::on_native_thread([&] {
        return bench::repeat(asked, [&] {
            { const holdfast::attach_guard attached(view); }
            work(steps);
        });
    });
}

bench::samples paced(const bench::request &asked) { return paced_attach(asked, ""); }
bench::samples paced_traced(const bench::request &asked) {
    const std::string name = "holdfast-bench-" + std::to_string(getpid()) + ".trace";
    return paced_attach(asked, (std::filesystem::temp_directory_path() / name).string());
}

constexpr bench::measure measures[] = {
    {"small_call", small_call},
    {"small_call_threads", small_call_threads},
    {"small_call_elsewhere", small_call_elsewhere},
    {"attach", attach},
    {"nested", nested},
    {"nested_here", nested_here},
    {"nested_held", nested_held},
    {"nested_elsewhere", nested_elsewhere},
    {"typed_call", typed_call},
    {"start", start},
    {"memory", memory},
    {"typed_call_from_thread", typed_call_from_thread},
    {"function_call", function_call},
    {"list_of_floats", list_of_floats},
    {"list_of_ints", list_of_ints},
    {"list_of_texts", list_of_texts},
    {"list_of_records", list_of_records},
    {"pass_8_kb", pass_8_kb},
    {"pass_8_mb", pass_8_mb},
    {"generator_in_chunks", generator_in_chunks},
    {"generator_by_item", generator_by_item},
    {"paced", paced},
    {"paced_traced", paced_traced},
};

}  // namespace

int main(int argc, char **argv) {
    const std::string version = std::to_string(HOLDFAST_VERSION_MAJOR) + '.' +
                                std::to_string(HOLDFAST_VERSION_MINOR) + '.' +
                                std::to_string(HOLDFAST_VERSION_PATCH);
    return bench::run(argc, argv, "holdfast", version.c_str(), measures);
}
