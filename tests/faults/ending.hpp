// ending.hpp: twins of the faults around the start and the end of Python.
#pragma once

#include "peer.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace twin {

using namespace std::chrono_literals;

inline void attach_and_use() {
    const peer::attach attached;
    use_python();
}

/// From now on a thread is attached and never detaches.
inline void begin_to_hold() {
    static event inside;  // lives on: the thread is not joined
    std::thread([] {
        const peer::attach attached;
        inside.set();
        std::this_thread::sleep_for(100s);
    }).detach();
    inside.wait();
}

inline void before_start() { std::thread(attach_and_use).join(); }

inline void after_end() {
    peer::start();
    peer::end();
    std::thread(attach_and_use).join();
}

inline void after_end_again() {
    peer::start();
    event kept, over;
    std::thread worker([&] {
        attach_and_use();
        kept.set();
        over.wait();
        attach_and_use();
    });
    kept.wait();
    peer::end();
    over.set();
    worker.join();
}

inline void waits_when_the_end_begins() {
    peer::start();
    peer::come_back();
    run(slow_end);
    event trying;
    std::thread worker([&] {
        must_arrive call;
        trying.set();
        peer::plain_attach attached;
        use_python();
        attached.end();
        call.done = true;
    });
    trying.wait();
    std::this_thread::sleep_for(100ms);
    peer::finalize();
    worker.join();
}

/// A worker that is inside and detached when the end begins, and does `then` in the middle of it.
template <class Then>
void comes_back_during_the_end(Then then) {
    peer::start();
    event inside, go;
    std::thread worker([&] { then(inside, go); });
    inside.wait();
    peer::come_back();
    run(slow_end);
    std::thread clock([&] {
        std::this_thread::sleep_for(150ms);
        go.set();
    });
    peer::finalize();
    clock.join();
    worker.join();
}

inline void from_allow_threads() {
    comes_back_during_the_end([](event &inside, const event &go) {
        must_arrive call;
        peer::plain_attach attached;
        peer::allow_threads([&] {
            inside.set();
            go.wait();
        });
        use_python();
        attached.end();
        call.done = true;
    });
}

inline void from_allow_threads_in_noexcept() {
    comes_back_during_the_end([](event &inside, const event &go) {
        peer::plain_attach attached;
        [&]() noexcept {
            peer::allow_threads([&] {
                inside.set();
                go.wait();
            });
        }();
        use_python();
        attached.end();
    });
}

inline void from_allow_threads_in_catch_all() {
    comes_back_during_the_end([](event &inside, const event &go) {
        peer::plain_attach attached;
        try {
            peer::allow_threads([&] {
                inside.set();
                go.wait();
            });
        } catch (...) {  // that it does not throw again is the fault
        }
        use_python();
        attached.end();
    });
}

inline void with_a_mutex() {
    static std::mutex application;
    std::thread main_side([] {
        std::this_thread::sleep_for(1000ms);
        application.lock();  // hangs where the worker never came to unlock it
        say("ok");
    });
    comes_back_during_the_end([](event &inside, const event &go) {
        peer::plain_attach attached;
        application.lock();
        peer::allow_threads([&] {
            inside.set();
            go.wait();
        });
        application.unlock();
        attached.end();
    });
    main_side.join();
}

template <class Job>
void storm_against_the_end(Job job) {
    peer::start();
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            while (!over)
                job();
        });
    std::this_thread::sleep_for(100ms);
    peer::end();
    std::this_thread::sleep_for(100ms);
    over = true;
    for (std::thread &thread : threads)
        thread.join();
}

inline void storm() { storm_against_the_end(attach_and_use); }
inline void storm_of_short_threads() {
    storm_against_the_end([] { std::thread(attach_and_use).join(); });
}

inline void storm_through_guards() {
#if HOLDFAST_HAS_PEP_788 && PEER == 0
    peer::start();
    PyInterpreterView *view = PyInterpreterView_FromMain();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            while (PyThreadStateToken *const token = PyThreadState_EnsureFromView(view)) {
                use_python();
                PyThreadState_Release(token);
            }
        });
    std::this_thread::sleep_for(100ms);
    peer::end();
    for (std::thread &thread : threads)
        thread.join();
#else
    not_applicable();
#endif
}

inline void somebody_never_leaves() {
    peer::start();
    begin_to_hold();
    peer::end();
}

inline void holder_ends_python() {
#if HOLDFAST_HAS_PEP_788 && PEER == 0
    peer::start();
    PyInterpreterGuard *const guard = PyInterpreterGuard_FromView(PyInterpreterView_FromMain());
    peer::end();
    PyInterpreterGuard_Close(guard);
#else
    not_applicable();
#endif
}

inline void waits_attached() {
    peer::start();
    peer::come_back();
    std::thread(attach_and_use).join();
    peer::finalize();
}

inline void nests_during_the_end() {
    comes_back_during_the_end([](event &inside, const event &go) {
        must_arrive call;
        {
            const peer::attach attached;
            const peer::detach detached;
            inside.set();
            go.wait();
            attach_and_use();
            say("ok", "the nested attach went through");
        }
    });
}

inline void hands_over_during_the_end() {
    comes_back_during_the_end([](event &inside, const event &go) {
        const peer::attach attached;
        const peer::detach detached;
        inside.set();
        go.wait();
        std::thread([] {
            must_arrive call;
            attach_and_use();
            call.done = true;
        }).join();
        say("ok", "the work was done, or refused");
    });
}

inline void ends_on_another_thread() {
    peer::start();
    {
        const peer::attach attached;
        run("import threading");
    }
    std::thread([] {
        peer::plain_attach attached;
        peer::finalize();
        say("ok", "it happened to work");
    }).join();
}

inline void ends_detached() {
    peer::start();
#if PEER == 1
    pybind11::finalize_interpreter();
#else
    Py_FinalizeEx();
#endif
}

inline void ends_twice() {
    peer::start();
    peer::end();
    Py_FinalizeEx();
}

inline PyObject *finalize_here(PyObject *, PyObject *) {
    peer::finalize();
    Py_RETURN_NONE;
}
inline PyMethodDef finalize_method = {"finalize", &finalize_here, METH_NOARGS, nullptr};

inline void ends_inside_python() {
    peer::start();
    peer::come_back();
    define(&finalize_method);
    run("def call(): finalize()\ncall()\n");
}

inline void ends_again_from_atexit() {
    peer::start();
    peer::come_back();
    define(&finalize_method);
    run("import atexit\natexit.register(finalize)\n");
    peer::finalize();
}

inline void starts_here_ends_there() {
    event started;
    std::thread starter([&] {
        peer::start();
        {
            const peer::attach attached;
            run("import threading");
        }
        started.set();
        std::this_thread::sleep_for(100s);
    });
    started.wait();
    peer::plain_attach attached;
    peer::finalize();
    say("ok", "it happened to work");
}

inline void four_start_at_once() {
    std::atomic<int> ready{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (++ready; ready < 4;)
                std::this_thread::yield();
            try {
                peer::start();
            } catch (const std::exception &) {  // pybind11 says that Python runs already
            }
        });
    for (std::thread &thread : threads)
        thread.join();
}

inline void attaches_during_the_start() {
    std::atomic<bool> started{false};
    std::atomic<bool> over{false};
    std::thread eager([&] {
        while (!over) {
            if (Py_IsInitialized() == 0)
                continue;
            const peer::attach attached;
            if (!started)
                lost("attached before the start was complete");
            use_python();
        }
    });
    Py_InitializeEx(0);
    started = true;
    PyThreadState *const state = PyEval_SaveThread();
    std::this_thread::sleep_for(50ms);
    over = true;
    eager.join();
    PyEval_RestoreThread(state);
    Py_FinalizeEx();
}

inline bool start_with_home(const wchar_t *home) {
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    if (home != nullptr)
        PyConfig_SetString(&config, &config.home, home);
    const PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    return PyStatus_Exception(status) == 0;
}

inline void starts_after_a_bad_home() {
    start_with_home(L"/no/such/home");
    if (!start_with_home(nullptr))
        lost("no good start after the bad one");
}

inline void fifty_restarts() {
    for (int i = 0; i < 50; ++i) {
        peer::start();
        peer::end();
    }
}

inline void threads_over_restarts() {
    std::mutex mutex;
    std::condition_variable changed;
    int generation = 0;
    int called = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (int mine = 1; mine <= 10; ++mine) {
                std::unique_lock<std::mutex> hold(mutex);
                changed.wait(hold, [&] { return generation == mine; });
                hold.unlock();
                attach_and_use();
                hold.lock();
                ++called;
                changed.notify_all();
            }
        });
    for (int now = 1; now <= 10; ++now) {
        peer::start();
        std::unique_lock<std::mutex> hold(mutex);
        generation = now;
        changed.notify_all();
        changed.wait(hold, [&] { return called == 8 * now; });
        hold.unlock();
        peer::end();
    }
    for (std::thread &thread : threads)
        thread.join();
}

inline void object_of_an_earlier_python() {
    peer::start();
    peer::come_back();
    PyObject *const kept = PyDict_New();
    peer::finalize();
    peer::start();
    peer::come_back();
    PyDict_SetItemString(kept, "key", Py_None);
    Py_DECREF(kept);
    lost("an object of a Python that is gone was used, and nobody said so");
}

inline void python_thread_never_ends() {
    peer::start();
    peer::come_back();
    run("import threading, time\nthreading.Thread(target=time.sleep, args=(100,), "
        "daemon=False).start()\n");
    peer::finalize();
}

inline void daemon_threads() {
    peer::start();
    peer::come_back();
    run("import threading\n"
        "def busy():\n"
        "    while True: pass\n"
        "for _ in range(8): threading.Thread(target=busy, daemon=True).start()\n");
    peer::finalize();
}

inline std::atomic<bool> marked{false};
inline PyObject *mark(PyObject *, PyObject *) {
    marked = true;
    Py_RETURN_NONE;
}
inline PyMethodDef mark_method = {"mark", &mark, METH_NOARGS, nullptr};

inline void thread_started_by_atexit() {
    peer::start();
    peer::come_back();
    define(&mark_method);
    run("import atexit, threading, time\n"
        "def work():\n"
        "    time.sleep(0.05)\n"
        "    mark()\n"
        "def start():\n"
        "    try: threading.Thread(target=work, daemon=False).start()\n"
        "    except RuntimeError: mark()\n"  // refused: said so
        "atexit.register(start)\n");
    peer::finalize();
    if (!marked)
        lost("the thread was started, and abandoned");
}

inline void threading_imported_elsewhere() {
    peer::start();
    event imported;
    std::thread([&] {
        const peer::attach attached;
        run("import threading");
        const peer::detach detached;
        imported.set();
        std::this_thread::sleep_for(100s);
    }).detach();
    imported.wait();
    peer::come_back();
    if (number("int(threading.current_thread() is threading.main_thread())") != 1 &&
        number("int(__import__('threading').current_thread() is "
               "__import__('threading').main_thread())") != 1)
        lost("threading takes another thread for the main thread");
    peer::finalize();
}

inline void hook_after_the_runtime() {
    peer::start();
    Py_AtExit([] { attach_and_use(); });
    peer::end();
}

}  // namespace twin
