// An executor runs its tasks in order, on its own threads; futures deliver results and errors.
#include <holdfast/holdfast.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/watch/counters.hpp>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "thrown.hpp"

namespace {

using namespace std::chrono_literals;

const holdfast::function<std::string(std::string_view, long)> repeat{"__main__", "repeat"};
const holdfast::function<void(long)> note{"__main__", "note"};
const holdfast::function<std::string()> thread_name{"__main__", "thread_name"};
const holdfast::function<void()> fail{"__main__", "fail"};
const holdfast::function<long(long, holdfast::defaulted<long>)> add{"__main__", "add", {"more"}};

void values_are_kept(holdfast::executor &pool) {
    event go;
    auto gate = pool.submit([&go] {
        const holdfast::detach_guard detached;
        go.wait();
    });
    std::string text = "ab";
    char letters[] = "cd";
    auto of_string = pool.submit(repeat, text, 2);
    auto of_view = pool.submit(repeat, std::string_view(text), 3);
    auto of_letters = pool.submit(repeat, letters, 2);
    auto of_default = pool.submit(add, 1);
    auto of_named = pool.submit(add, 1, 5);
    auto given_away = pool.submit([](std::unique_ptr<int> one, int two) { return *one + two; },
                                  std::make_unique<int>(40), 2);
    text = "xx";
    letters[0] = 'x';
    go.set();
    CHECK(of_string.get() == "abab");
    CHECK(of_view.get() == "ababab");
    CHECK(of_letters.get() == "cdcd");
    CHECK(of_default.get() == 11);
    CHECK(of_named.get() == 6);
    CHECK(given_away.get() == 42);
    gate.get();

    int here = 0;
    int &there = pool.submit([](int &value) -> int & { return ++value; }, std::ref(here)).get();
    CHECK(&there == &here && here == 1);
}

/// If a future is ready, nothing of the call is left: the waiting thread may destroy what the call used.
void nothing_is_left_when_ready(holdfast::executor &pool) {
    event go;
    auto gate = pool.submit([&go] { go.wait(); });
    std::shared_future<int> result;
    bool was_ready = true;
    std::shared_ptr<int> given(new int(7), [&](const int *value) {
        was_ready = result.wait_for(0s) == std::future_status::ready;
        delete value;
    });
    result = pool.submit([](const std::shared_ptr<int> &value) { return *value; }, std::move(given))
                 .share();
    go.set();
    CHECK(result.get() == 7);
    CHECK(!was_ready);
    gate.get();
}

void errors_come_out(holdfast::executor &pool) {
    CHECK(thrown_code<holdfast::python_error>([&] { pool.submit(fail).get(); }) == "HF400");
    CHECK_THROWS(std::out_of_range, pool.submit([] { throw std::out_of_range("far"); }).get());
    CHECK(thrown_code<holdfast::conversion_error>(
              [&] { (void)pool.submit(repeat, "a\xff", 1).get(); }) == "HF401");
    const holdfast::function<void()> missing{"__main__", "missing"};
    CHECK(thrown_code<holdfast::lookup_error>([&] { pool.submit(missing).get(); }) == "HF404");
}

/// Holds a pool's only thread, attached, so that what is submitted meanwhile makes one batch, as far as the budget goes.
class gathered {
public:
    explicit gathered(holdfast::executor &pool)
        : done_(pool.submit([this] { all_there_.wait(); })) {}
    void begin() {
        all_there_.set();
        done_.get();
    }

private:
    event all_there_;
    std::future<void> done_;
};

/// What a task leaves behind does not reach the next one, although both run within one attach.
void nothing_reaches_the_next_task(const holdfast::interpreter &python) {
    holdfast::executor_config config{1};
    config.budget = 1h;
    holdfast::executor pool(python, config);
    {
        gathered batch(pool);
        auto leaves = pool.submit([] { PyErr_SetString(PyExc_ValueError, "left behind"); });
        auto finds = pool.submit([] { return PyErr_Occurred() == nullptr; });
        batch.begin();
        leaves.get();
        CHECK(finds.get());
        CHECK(pool.drain(10s));
        CHECK(holdfast::eval<std::string>("unraisable") == "left behind");
    }
    gathered batch(pool);
    auto aimed = pool.submit(
        [] { PyThreadState_SetAsyncExc(PyThread_get_thread_ident(), PyExc_KeyboardInterrupt); });
    auto runs = pool.submit(repeat, "x", 3);
    batch.begin();
    aimed.get();
    CHECK(runs.get() == "xxx");
}

/// How often the only thread of a pool with this budget attaches for twenty tasks, which are there before it begins.
std::uint64_t attaches_for_twenty(const holdfast::interpreter &python,
                                  std::chrono::microseconds budget) {
    holdfast::executor_config config{1};
    config.name = budget.count() == 0 ? "none" : "ample";
    config.budget = budget;
    holdfast::executor pool(python, config);
    gathered batch(pool);
    for (int i = 1; i < 20; ++i)
        static_cast<void>(pool.submit([] {}));
    batch.begin();
    CHECK(pool.drain(10s));
    const std::vector<holdfast::thread_counters> all = holdfast::read_counters().threads;
    const auto found = std::find_if(
        all.begin(), all.end(),
        [&](const holdfast::thread_counters &one) { return one.name == config.name + "-0"; });
    CHECK(found != all.end() && found->tasks == 20);
    return found->attaches;
}

void the_budget_is_kept(const holdfast::interpreter &python) {
    holdfast::start_counters();
    CHECK(attaches_for_twenty(python, 0us) == 20);
    CHECK(attaches_for_twenty(python, 1h) == 1);
}

void one_thread_keeps_order(const holdfast::interpreter &python) {
    holdfast::executor pool(python, 1);
    for (long i = 0; i < 2000; ++i)
        static_cast<void>(pool.submit(note, i));
    CHECK(pool.drain(10s));
    CHECK(pool.waiting() == 0);
    CHECK(holdfast::eval<bool>("notes == list(range(2000))"));
}

void threads_have_names(const holdfast::interpreter &python) {
    holdfast::executor_config config;
    config.threads = 3;
    config.name = "a long name of a pool";
    holdfast::executor pool(python, config);
    std::vector<std::future<std::string>> names;
    event met;
    std::atomic<int> present{0};
    for (int i = 0; i < 3; ++i)  // each holds a thread until all three are there
        names.push_back(pool.submit([&] {
            {
                const holdfast::detach_guard detached;
                if (++present == 3)
                    met.set();
                CHECK(met.wait_for(10s));
            }
            char name[32] = "";
            CHECK(holdfast::detail::copy_own_name(name, sizeof name));
            return name + ("/" + thread_name());
        }));
    std::set<std::string> all;
    for (auto &name : names)
        all.insert(name.get());
    const std::string full = "a long name of a pool-";
    CHECK(all ==
          std::set<std::string>({"a long name o-0/" + full + "0", "a long name o-1/" + full + "1",
                                 "a long name o-2/" + full + "2"}));
}

void contexts_are_fresh_on_request(const holdfast::interpreter &python) {
    holdfast::executor_config config{1};
    for (const bool fresh : {false, true}) {
        config.fresh_context = fresh;
        holdfast::executor pool(python, config);
        pool.submit([] { holdfast::exec("variable.set('changed')"); }).get();
        const auto left =
            pool.submit([] { return holdfast::eval<std::string>("variable.get('unset')"); }).get();
        CHECK(left == (fresh ? "unset" : "changed"));
    }
}

/// A thread that waits while attached must use holdfast::get() or drain().
void attached_threads_may_wait(const holdfast::interpreter &python) {
    const holdfast::attach_guard attached(python);
    holdfast::executor pool(python, 2);
    auto result = pool.submit(repeat, "x", 3);
    CHECK(holdfast::get(result) == "xxx");
    auto object = pool.submit([](const holdfast::object &given) { return given.attr("real"); },
                              holdfast::eval<holdfast::object>("17"));
    CHECK(PyLong_AsLong(holdfast::get(object).get()) == 17);
    static_cast<void>(pool.submit(note, 1));
    CHECK(pool.drain(10s));
}

void many_threads_submit(const holdfast::interpreter &python) {
    holdfast::executor_config config{3};
    config.capacity = 7;
    holdfast::executor pool(python, config);
    std::atomic<long> sum{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i)
                static_cast<void>(pool.submit([&sum] { sum += 1; }));
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(pool.drain(20s));
    CHECK(sum == 2000);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import sys, threading, contextvars\n"
        "def repeat(text, times): return text * times\n"
        "notes = []\n"
        "def note(number): notes.append(number)\n"
        "def thread_name(): return threading.current_thread().name\n"
        "def fail(): raise ValueError('bad')\n"
        "def add(a, *, more=10): return a + more\n"
        "unraisable = ''\n"
        "def hook(what): global unraisable; unraisable = str(what.exc_value)\n"
        "sys.unraisablehook = hook\n"
        "variable = contextvars.ContextVar('variable')\n");
    {
        holdfast::executor pool(python, 1);
        values_are_kept(pool);
        nothing_is_left_when_ready(pool);
        errors_come_out(pool);
    }
    nothing_reaches_the_next_task(python);
    one_thread_keeps_order(python);
    threads_have_names(python);
    contexts_are_fresh_on_request(python);
    attached_threads_may_wait(python);
    many_threads_submit(python);
    the_budget_is_kept(python);
    CHECK(python.finalize(5s));
}
