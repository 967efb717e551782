// host.hpp: calls a bound function from native threads, in four phases; Python judges the results.
//
// For the hosts that pyholdfast.testing writes; not part of the runtime. Include it after the bound header.
//
//   alone    one native thread calls each case: do the hints say what the function does?
//   threads  all threads at once, each call from a detached thread
//   nested   the same, from a C++ function that Python called, attached or detached inside it
//   drain    the same, while the interpreter is finalized, until the thread is refused
//
// The Python half, pyholdfast/testing/inside.py, writes each difference to a file at once. The position of
// each thread is in another file, so that it is known after a crash.
#pragma once

#include <holdfast/callable.hpp>
#include <holdfast/calls.hpp>
#include <holdfast/interpreter.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "typed_call.hpp"

namespace holdfast::testing {

/// The arguments of the program.
struct plan {
    std::filesystem::path folder;
    int threads;
    int rounds;
    std::chrono::milliseconds deadline;
};

/// The exit status of a host whose deadline has passed; it has written the position of each thread.
inline constexpr int exit_hung = 4;

enum class phase : std::int64_t { alone, threads, nested, drain };

/// The position of a thread.
struct position {
    phase where;
    int thread;
    int round;
    int which;  ///< the case; -1: between two calls
};

/// The positions of all threads: a record for each in a file, which outlives a crash.
class progress {
public:
    explicit progress(const std::filesystem::path &file)
        : file_(open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) {}

    void note(const position &at) const noexcept {
        const std::int64_t record[] = {static_cast<std::int64_t>(pthread_self()),
                                       static_cast<std::int64_t>(at.where), at.round, at.which};
        if (pwrite(file_, record, sizeof record, at.thread * static_cast<off_t>(sizeof record)) < 0)
            std::perror("pyholdfast.testing: progress");
    }

private:
    int file_;
};

/// All threads of a phase begin at once, and the main thread waits for them with a deadline.
class crew {
public:
    crew(int count, const std::function<void(int)> &work) : running_(count) {
        for (int thread = 0; thread < count; ++thread)
            threads_.emplace_back([this, thread, count, work] {
#if defined(__linux__)
                pthread_setname_np(pthread_self(), ("hammer " + std::to_string(thread)).c_str());
#endif
                begin_together(count);
                work(thread);
                const std::lock_guard<std::mutex> hold(mutex_);
                --running_;
                changed_.notify_all();
            });
    }

    /// False: the deadline has passed, and threads are still running; do not destroy this.
    [[nodiscard]] bool ends_before(std::chrono::steady_clock::time_point deadline) {
        {
            std::unique_lock<std::mutex> hold(mutex_);
            if (!changed_.wait_until(hold, deadline, [this] { return running_ == 0; }))
                return false;
        }
        for (std::thread &thread : threads_)
            thread.join();
        return true;
    }

private:
    void begin_together(int count) {
        std::unique_lock<std::mutex> hold(mutex_);
        ++ready_;
        changed_.notify_all();
        changed_.wait(hold, [this, count] { return ready_ == count; });
    }

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    int running_;
    int ready_ = 0;
    std::vector<std::thread> threads_;
};

/// The program.
///
/// Threads: constructed and run on the main thread. The worker threads read everything except what
///          `mutex_` guards.
template <class Function>
class hammer {
public:
    hammer(const Function &function, plan its_plan)
        : function_(function),
          plan_(std::move(its_plan)),
          progress_(plan_.folder / "progress"),
          deadline_(std::chrono::steady_clock::now() + plan_.deadline),
          python_(eager()) {}

    int run() {
        run_phase(1, [this](int) { alone(); });
        if (!differs_) {  // otherwise many threads would show nothing new
            run_phase(plan_.threads, [this](int thread) { repeat(phase::threads, thread); });
            run_phase(plan_.threads, [this](int thread) { repeat(phase::nested, thread); });
            drain();
        }
        std::FILE *const out = std::fopen((plan_.folder / "summary").c_str(), "w");
        if (out == nullptr)
            return 1;
        std::fprintf(out, "%lld %lld\n", calls_.load(), refused_.load());
        return std::fclose(out);
    }

private:
    /// Makes threads switch far more often than usual, so that more calls are interrupted in the middle.
    static interpreter_config eager() {
        interpreter_config config;
        config.switch_interval = std::chrono::microseconds(1);
        return config;
    }

    void run_phase(int threads, const std::function<void(int)> &work) {
        crew workers(threads, work);
        if (!workers.ends_before(deadline_))
            hang(python_.finalize(std::chrono::milliseconds(0)));
    }

    /// Finalizes in the middle of calls. Each thread has made a call before, so that none comes too late.
    void drain() {
        int calling = 0;
        std::condition_variable changed;
        crew workers(plan_.threads, [&](int thread) {
            int round = 0;
            bool admitted = call_all(phase::drain, thread, round);
            {
                const std::lock_guard<std::mutex> hold(mutex_);
                ++calling;
                changed.notify_all();
            }
            while (admitted)
                admitted = call_all(phase::drain, thread, ++round);
        });
        {
            std::unique_lock<std::mutex> hold(mutex_);
            changed.wait_until(hold, deadline_, [&] { return calling == plan_.threads; });
        }
        const auto left = deadline_ - std::chrono::steady_clock::now();
        const finalize_report report =
            python_.finalize(std::max(std::chrono::milliseconds(0),
                                      std::chrono::duration_cast<std::chrono::milliseconds>(left)));
        if (!report || !workers.ends_before(deadline_))
            hang(report);
    }

    /// Reports the position of each thread, and ends the process at once.
    [[noreturn]] void hang(const finalize_report &report) const {
        if (std::FILE *const out = std::fopen((plan_.folder / "stacks").c_str(), "w")) {
            std::fputs(report.text().c_str(), out);
            std::fclose(out);
        }
        std::_Exit(exit_hung);
    }

    void alone() {
        const attach_guard attached(python_);
        const function<object(std::string_view)> make_judge{"pyholdfast.testing.inside", "Judge"};
        judge_ = make_judge(plan_.folder.string());
        const int count = judge_.attr("count").template call<int>();
        for (int which = 0; which < count; ++which) {
            const position here{phase::alone, 0, 0, which};
            progress_.note(here);
            std::unique_ptr<prepared_call> call;
            try {
                call = prepared(which);
            } catch (const conversion_error &problem) {
                tell("refused", here, problem.what());
                continue;
            }
            cases_.push_back(which);
            const object direct = judge_.attr("direct").template call<object>(which, call->kind());
            if (direct.get() != Py_None) {
                const object value = object::borrow(PyTuple_GET_ITEM(direct.get(), 0));
                judge_.attr("expect").template call<void>(which, as_seen(*call, value));
            }
            {
                const detach_guard detached;
                call->make();
            }
            judged(*call, here);
        }
        progress_.note({phase::alone, 0, 0, -1});
    }

    /// The result as C++ sees it. If it does not fit the hint, the result itself: the call reports that.
    static object as_seen(const prepared_call &call, const object &direct) {
        try {
            return call.there_and_back(direct);
        } catch (const conversion_error &) {
            return direct;
        }
    }

    void repeat(phase where, int thread) {
        for (int round = 0; round < plan_.rounds; ++round)
            if (where == phase::threads)
                (void)call_all(where, thread, round);
            else
                for (std::size_t i = 0; i < cases_.size(); ++i)
                    call_nested(position_of(where, thread, round, i));
    }

    /// Each thread begins with a different case.
    [[nodiscard]] position position_of(phase where, int thread, int round,
                                       std::size_t number) const {
        return {where, thread, round,
                cases_[(static_cast<std::size_t>(thread) + number) % cases_.size()]};
    }

    /// Calls with all cases, one directly after the other, on a detached thread. False: the interpreter is
    /// closed.
    bool call_all(phase where, int thread, int round) {
        std::vector<std::unique_ptr<prepared_call>> calls;
        {
            const attach_guard attached(python_, std::nothrow);
            if (!attached)
                return false;
            for (std::size_t i = 0; i < cases_.size(); ++i)
                calls.push_back(prepared(position_of(where, thread, round, i).which));
        }
        for (std::size_t i = 0; i < calls.size(); ++i) {
            progress_.note(position_of(where, thread, round, i));
            calls[i]->make();
        }
        progress_.note({where, thread, round, -1});
        const attach_guard attached(python_, std::nothrow);
        for (std::size_t i = 0; i < calls.size(); ++i)
            if (where == phase::drain && (!attached || calls[i]->refused()))
                ++refused_;
            else
                judged(*calls[i], position_of(where, thread, round, i));
        return static_cast<bool>(attached);
    }

    /// A call from C++ that Python called, by a thread that is attached or has detached inside that C++
    /// function.
    void call_nested(const position &here) {
        const attach_guard attached(python_);
        const std::unique_ptr<prepared_call> call = prepared(here.which);
        const bool detaches = here.round % 2 != 0;
        const object inner = callable("hammer", [&call, detaches] {
            if (detaches) {
                const detach_guard detached;
                call->make();
            } else {
                call->make();
            }
        });
        progress_.note(here);
        judge_.attr("nested").template call<void>(inner);
        progress_.note({here.where, here.thread, here.round, -1});
        judged(*call, here);
    }

    std::unique_ptr<prepared_call> prepared(int which) const {
        return prepare(function_, [this, which](int signature) {
            const object given = judge_.attr("arguments").template call<object>(which, signature);
            return given.get() == Py_None ? object() : given;
        });
    }

    /// Passes the outcome of a call to Python.
    void judged(const prepared_call &call, const position &here) {
        ++calls_;
        object found;
        object raised;
        try {
            found = call.result();
        } catch (const python_error &error) {
            raised = error.exception();
        } catch (const std::exception &error) {
            tell("refused", here, error.what());
        }
        if (found)
            tell("returned", here, found);
        else if (raised)
            tell("raised", here, raised);
    }

    template <class What>
    void tell(const char *verb, const position &here, const What &what) const {
        const object verdict = judge_.attr(verb).template call<object>(
            static_cast<int>(here.where), here.thread, here.round, here.which, what);
        if (verdict.get() != Py_True)
            differs_ = true;
    }

    const Function &function_;
    const plan plan_;
    const progress progress_;
    const std::chrono::steady_clock::time_point deadline_;
    interpreter python_;
    object judge_;            // set in the first phase, and not changed later
    std::vector<int> cases_;  // likewise
    std::mutex mutex_;        // guards drain()'s count; no Python under it
    mutable std::atomic<bool> differs_{false};
    std::atomic<long long> calls_{0};
    std::atomic<long long> refused_{0};
};

/// \param argv  the folder, and the numbers of plan.
template <class Function>
int run(int argc, char **argv, const Function &function) {
    constexpr int wanted = 5;
    if (argc != wanted)
        return 2;
    return hammer<Function>(function, {argv[1], std::atoi(argv[2]), std::atoi(argv[3]),
                                       std::chrono::milliseconds(std::atoll(argv[4]))})
        .run();
}

}  // namespace holdfast::testing
