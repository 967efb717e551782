// thread_track.hpp: a random program of one thread: nested scopes, and in each of them a few operations.
#pragma once

#include "world.hpp"

#include <cerrno>
#include <condition_variable>
#include <future>
#include <memory>
#include <new>
#include <thread>

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace stress {

struct end_of_lane {};  // thrown to end a thread's program from any depth
struct leave_scopes {   // thrown to leave a few scopes at once
    int count;
};

/// Where in its program a thread is: what it may do there.
struct place {
    int depth = 0;
    bool locked = false;        // holds a lock of the application: starts and waits for nobody
    bool under_python = false;  // a Python frame of this thread waits for it: must not be unwound
    bool held = false;          // attached, or holding a guard: Python cannot end meanwhile

    [[nodiscard]] place deeper() const { return {depth + 1, locked, under_python, held}; }
};

/// Threads: one; a track that is started within another is that other thread's.
class thread_track {
public:
    thread_track(world &shared, std::uint64_t seed, int generation, int budget)
        : world_(shared),
          random_(seed, static_cast<std::uint64_t>(generation)),
          generation_(generation),
          budget_(budget) {}

    /// The whole program of a thread.
    void run() {
        try {
            while (budget_ > 0)
                scope(place{});
        } catch (const end_of_lane &) {}
    }

    /// The program of a thread that was given a guard, or that Python started: it must be admitted.
    void run_inside(place where) {
        try {
            scope(where);
        } catch (const end_of_lane &) {
        } catch (const leave_scopes &) {}
    }

private:
    void scope(place where) {
        const std::uint64_t count = 1 + random_.next() % 4;
        for (std::uint64_t i = 0; i < count && budget_ > 0; ++i) {
            --budget_;
            world_.count.operations.fetch_add(1, std::memory_order_relaxed);
            random_.dawdle();
            try {
                operation(where);
            } catch (const leave_scopes &further) {
                if (further.count > 0 && where.depth > 0)
                    throw leave_scopes{further.count - 1};
            } catch (const holdfast::closed_error &refusal) {
                MUST(refusal.reason() != holdfast::closed_reason::stale);
                world_.count.refused.fetch_add(1, std::memory_order_relaxed);
            } catch (const holdfast::python_error &problem) {
                if (!is_expected(problem)) {
                    std::fprintf(stderr, "%s\n", problem.traceback().c_str());
                    MUST(!"an exception that nobody asked for");
                }
            }
        }
    }

    void operation(place where) {
        const std::uint64_t dice = random_.next() % 100;
        const bool free = !where.locked && where.depth < 6;
        if (where.depth >= 6 || dice < 30)
            return simple(where);
        if (dice < 52)
            return attach(where.deeper());
        if (dice < 60)
            return detach(where.deeper());
        if (dice < 66)
            return callback(where.deeper());
        if (dice < 72)
            return lock(where.deeper());
        if (dice < 76 && where.held)
            return by_pygilstate(where.deeper());
        if (dice < 80 && !where.locked)
            return hand_over(where.deeper());
        if (dice < 84 && free)
            return start_thread();
        if (dice < 87 && free)
            return wait_for_another();
        if (dice < 90 && free)
            return start_python_thread();
        if (dice < 93)
            return by_library();
        if (dice < 94 && !where.locked)
            return fork_raw(where);
        if (dice < 95 && !where.locked)
            return fork_with_hooks();
        if (dice < 97)
            return static_cast<void>(kill(getpid(), SIGUSR1));
        if (dice < 99)
            throw leave_scopes{static_cast<int>(random_.next() % 3)};
        if (where.under_python || where.locked)
            return;
        if (generation_ == 0 && random_.once_in(2))
            pthread_exit(nullptr);
        throw end_of_lane{};
    }

    /// Calls and objects, at any place, attached or not.
    void simple(place where) {
        switch (random_.next() % 7) {
        case 0:
        case 1: {
            const call_under_way call(world_);
            MUST(work(10) == 45);
            return;
        }
        case 2: {
            const call_under_way call(world_);
            fail_in_python(1);
            return;
        }
        case 3: {
            const holdfast::attach_guard attached(world_.view);
            const present here(world_);
            world_.give(holdfast::eval<holdfast::object>("[1, 2, 3]"));
            return;
        }
        case 4: {
            holdfast::object taken = world_.take();  // dropped here, attached or not
            if (taken && random_.once_in(2))
                world_.give(taken);  // a copy, which attaches by itself
            return;
        }
        case 5: {
            const call_under_way call(world_);
            litter(holdfast::callable("end", [&shared = world_] { finalizer(shared); }));
            return;
        }
        default:
            if (where.depth < 3 && random_.once_in(3))
                collect();
        }
    }

    /// What a __del__ does: takes an application's lock, unless its own thread is holding it.
    static void finalizer(world &shared) {
        if (shared.of_finalizers.held_by_this_thread() || in_forked_child)
            return;  // in a child, the holder may be a thread that is not there
        const std::lock_guard<holdfast::mutex> hold(shared.of_finalizers);
        const holdfast::attach_guard nested;
        shared.count.finalizers.fetch_add(1, std::memory_order_relaxed);
    }

    void attach(place where) {
        where.held = true;
        const std::uint64_t how = random_.next() % 4;
        if (how == 0) {
            const holdfast::attach_guard attached;
            const present here(world_);
            return scope(where);
        }
        if (how == 1) {
            const holdfast::attach_guard attached(world_.view);
            const present here(world_);
            return scope(where);
        }
        const holdfast::attach_guard attached(world_.view, std::nothrow);
        if (!attached) {
            world_.count.refused.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        const present here(world_);
        scope(where);
    }

    void detach(place where) {
        const holdfast::detach_guard detached;
        scope(where);
    }

    /// Through Python frames and back into this program. An exception that is thrown there arrives unchanged.
    void callback(place where) {
        if (where.depth > 4)
            return;
        where.under_python = where.held = true;
        const call_under_way call(world_);
        const holdfast::object function = holdfast::callable("program", [this, where] {
            MUST(holdfast::attached());
            const present here(world_);
            try {
                scope(where);
            } catch (const leave_scopes &) {  // Python's frames are left by Python's own exceptions
                PyErr_SetString(PyExc_ValueError, "left");
                throw holdfast::python_error();
            } catch (const end_of_lane &) {
                budget_ = 0;
            }
        });
        deep(function, static_cast<long>(random_.next() % 5));
    }

    void lock(place where) {
        if (where.locked)
            return;
        where.locked = true;
        const std::uint64_t which = random_.next() % (world_.locks.size() + 1);
        holdfast::mutex &wanted =
            which < world_.locks.size() ? world_.locks[which] : world_.of_finalizers;
        const std::lock_guard<holdfast::mutex> hold(wanted);
        scope(where);
    }

    void by_pygilstate(place where) {
        const PyGILState_STATE before = PyGILState_Ensure();
        struct release {
            PyGILState_STATE state;
            ~release() { PyGILState_Release(state); }
        } const at_the_end{before};
        MUST(holdfast::attached());
        scope(where);
    }

    /// A guard, taken here and used on another thread, which must be admitted although the gate closes.
    void hand_over(place where) {
        holdfast::interpreter_guard guard(world_.view, std::nothrow);
        if (!guard) {
            world_.count.refused.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        if (generation_ >= 2) {
            where.held = true;
            return scope(where);
        }
        std::thread other(
            [&shared = world_, guard = std::move(guard), child = child_lane()]() mutable {
                const holdfast::attach_guard attached(guard);
                const present here(shared);
                child->run_inside({1, false, false, true});
            });
        world_.count.threads.fetch_add(1, std::memory_order_relaxed);
        holdfast::join(other);
    }

    void start_thread() {
        if (generation_ >= 2)
            return;
        std::thread other([child = child_lane()] { child->run(); });
        world_.count.threads.fetch_add(1, std::memory_order_relaxed);
        random_.dawdle();
        holdfast::join(other);
    }

    void wait_for_another() {
        if (generation_ >= 2)
            return;
        struct meeting {
            std::mutex mutex;
            std::condition_variable_any changed;
            bool done = false;
            std::promise<int> promise;
        };
        const auto common = std::make_shared<meeting>();
        std::thread other([common, child = child_lane()] {
            child->run();
            {
                const std::lock_guard<std::mutex> hold(common->mutex);
                common->done = true;
            }
            common->changed.notify_all();
            common->promise.set_value(7);
        });
        world_.count.threads.fetch_add(1, std::memory_order_relaxed);
        {
            std::unique_lock<std::mutex> hold(common->mutex);
            holdfast::wait(common->changed, hold, [&] { return common->done; });
        }
        std::future<int> future = common->promise.get_future();
        MUST(holdfast::get(future) == 7);
        holdfast::join(other);
    }

    void start_python_thread() {
        if (generation_ >= 2)
            return;
        const bool join = random_.once_in(2);
        const call_under_way call(world_);
        const holdfast::object function = holdfast::callable(
            "target", [&shared = world_, child = std::shared_ptr<thread_track>(child_lane())] {
                const present here(shared);
                child->run_inside({1, false, true, true});
            });
        in_thread(function, join);
    }

    /// Another library's copy of holdfast, which must see the same thread state.
    void by_library() {
        if (!holdfast::attached()) {
            world_.library.refused();
            return;
        }
        MUST(world_.library.attached());
        MUST(world_.library.state_in_guard() == PyThreadState_Get());
    }

    void fork_raw(place where) {
        const bool outside = !where.held && !where.under_python;
        const pid_t child = fork();
        if (child == 0) {
            if (outside &&
                (holdfast::attach_guard(world_.view, std::nothrow) || world_.view.alive()))
                _exit(1);
            _exit(9);
        }
        wait_for(child);
    }

    void fork_with_hooks() {
        // A child of CPython 3.13t hangs in threading's _after_fork() if another thread was stopping the world:
        // the assignment to __class__ there wants a mutex whose owner does not exist.
        if (HOLDFAST_HAS_FREE_THREADING != 0)
            return;
        const bool inside = holdfast::attached();
        const pid_t child = static_cast<pid_t>(fork_by_python());
        if (child == 0) {
            try {
                if (inside)
                    _exit(work(10) == 45 ? 9 : 1);
                const holdfast::attach_guard attached(world_.view, std::nothrow);
                _exit(!attached || work(10) == 45 ? 9 : 1);
            } catch (...) {
                _exit(2);
            }
        }
        wait_for(child);
    }

    void wait_for(pid_t child) {
        MUST(child > 0);
        world_.count.forks.fetch_add(1, std::memory_order_relaxed);
        const holdfast::detach_guard detached;
        int status = 0;
        while (waitpid(child, &status, 0) < 0)
            MUST(errno == EINTR);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 9) {
            std::fprintf(stderr, "a forked child ended with wait status %d\n", status);
            MUST(!"a forked child went wrong");
        }
    }

    [[nodiscard]] std::unique_ptr<thread_track> child_lane() {
        return std::make_unique<thread_track>(world_, random_.next(), generation_ + 1,
                                              budget_ / 2 + 2);
    }

    world &world_;
    dice random_;
    int generation_;  // 0: started by the host; its tracks' threads are 1, theirs 2, which start none
    int budget_;      // operations left
};

}  // namespace stress
