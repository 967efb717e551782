// threads.hpp: twins of the faults about thread states, guards, and what threads leave behind.
#pragma once

#include "ending.hpp"

#include <cerrno>
#include <cstring>

#include <pthread.h>

namespace twin {

inline int count_states() {
    int count = 0;
    for (PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Main());
         state != nullptr; state = PyThreadState_Next(state))
        ++count;
    return count;
}

inline void library_inside() {
    peer::start();
    std::thread([] {
        const peer::attach attached;
        PyThreadState *const mine = PyThreadState_Get();
        for (int i = 0; i < 2; ++i) {
            std::unique_ptr<peer::detach> detached;
            if (i == 1)
                detached = std::make_unique<peer::detach>();
            const PyGILState_STATE before = PyGILState_Ensure();
            if (PyThreadState_Get() != mine)
                lost("a second thread state");
            PyGILState_Release(before);
        }
        use_python();
    }).join();
    peer::end();
}

inline void inside_a_library() {
    peer::start();
    std::thread([] {
        const PyGILState_STATE before = PyGILState_Ensure();
        PyThreadState *const theirs = PyThreadState_Get();
        {
            const peer::attach attached;
            if (PyThreadState_Get() != theirs)
                lost("a second thread state");
        }
        PyGILState_Release(before);
    }).join();
    peer::end();
}

inline void leave_no_states() {
    peer::start();
    for (int i = 0; i < 2000; ++i)
        std::thread(attach_and_use).join();
    peer::come_back();
    if (count_states() != 1)
        lost(std::to_string(count_states() - 1) + " thread states are left");
    peer::finalize();
}

struct attaches_at_its_end {
    ~attaches_at_its_end() { attach_and_use(); }
};

inline void thread_ends_after_python() {
    peer::start();
    event kept, over;
    std::thread worker([&] {
        thread_local const attaches_at_its_end last;
        (void)&last;
        attach_and_use();
        kept.set();
        over.wait();
    });
    kept.wait();
    peer::end();
    over.set();
    worker.join();
}

inline void thread_local_attaches() {
    peer::start();
    std::thread([] {
        thread_local const attaches_at_its_end last;
        (void)&last;
        attach_and_use();
    }).join();
    peer::end();
}

inline void state_deleted_by_another() {
#if PEER == 1
    not_applicable();
#else
    peer::start();
    event kept, gone;
    PyThreadState *state = nullptr;
    std::thread owner([&] {
        const PyGILState_STATE before = PyGILState_Ensure();
        state = PyEval_SaveThread();
        kept.set();
        gone.wait();
        PyEval_RestoreThread(state);
        use_python();
        PyGILState_Release(before);
    });
    kept.wait();
    peer::come_back();
    PyThreadState_Clear(state);
    PyThreadState_Delete(state);
    {
        const peer::attach nested;
        use_python();
    }
    PyEval_SaveThread();
    gone.set();
    owner.join();
    say("ok", "it happened to work");
#endif
}

inline void released_twice() {
#if PEER == 1
    not_applicable();  // its guards cannot be ended twice
#else
    peer::start();
    std::thread([] {
        const PyGILState_STATE before = PyGILState_Ensure();
        PyGILState_Release(before);
        PyGILState_Release(before);
    }).join();
    lost("nobody said so");
#endif
}

inline void nested_ten_thousand() {
    peer::start();
    std::thread([] {
        std::vector<std::unique_ptr<peer::attach>> guards;
        for (int i = 0; i < 10000; ++i)
            guards.push_back(std::make_unique<peer::attach>());
        use_python();
        while (!guards.empty())
            guards.pop_back();
    }).join();
    peer::end();
}

inline thread_local bool starved = false;
inline PyMemAllocatorEx plenty;

inline void no_memory() {
    PyMem_GetAllocator(PYMEM_DOMAIN_RAW, &plenty);
    PyMemAllocatorEx wrapper{nullptr,
                             [](void *, std::size_t size) {
                                 return starved ? nullptr : plenty.malloc(plenty.ctx, size);
                             },
                             [](void *, std::size_t count, std::size_t size) {
                                 return starved ? nullptr : plenty.calloc(plenty.ctx, count, size);
                             },
                             [](void *, void *old, std::size_t size) {
                                 return starved ? nullptr : plenty.realloc(plenty.ctx, old, size);
                             },
                             [](void *, void *old) { plenty.free(plenty.ctx, old); }};
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &wrapper);
    peer::start();
    std::thread([] {
        starved = true;
        try {
            attach_and_use();
        } catch (const std::exception &) {  // said so, which is all that is asked
        }
        starved = false;
        attach_and_use();
    }).join();
}

inline void keeps_errno() {
    peer::start();
    std::thread([] {
        attach_and_use();
        errno = 4711;
        { const peer::attach attached; }
        if (errno != 4711)
            lost("errno has changed");
    }).join();
    peer::end();
}

inline void exception_left_in_a_guard() {
    peer::start();
    {
        const peer::attach attached;
        define(&mark_method);
        run("import sys\nsys.unraisablehook = lambda *_: mark()\n");
    }
    std::thread([] {
        const peer::attach attached;
        PyErr_SetString(PyExc_ValueError, "left");
    }).join();
    if (!marked)
        lost("the exception was dropped in silence");
    peer::end();
}

inline void async_exception_for_an_idle_thread() {
    peer::start();
    event idle, aimed;
    std::thread worker([&] {
        const peer::attach attached;
        const unsigned long self = PyThread_get_thread_ident();
        {
            const peer::detach detached;
            std::thread([self] {
                const peer::attach other;
                PyThreadState_SetAsyncExc(self, PyExc_KeyboardInterrupt);
            }).join();
        }
        if (!run("total = sum(range(1000))\nfor i in range(1000): total += i\n"))
            lost("the next, innocent call got it");
    });
    worker.join();
    peer::end();
}

inline void thread_local_data() {
    peer::start();
    {
        const peer::attach attached;
        run("import threading\nlocal = threading.local()\n");
    }
    std::thread([] {
        {
            const peer::attach attached;
            run("local.text = 'kept'");
        }
        const peer::attach attached;
        if (number("int(hasattr(local, 'text'))") != 1)
            lost("threading.local is empty at the thread's second attach");
    }).join();
    peer::end();
}

inline void dummy_threads() {
    peer::start();
    {
        const peer::attach attached;
        run("import threading");
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < 50; ++i)  // all alive at once: no ident is used again
        threads.emplace_back([] {
            const peer::attach attached;
            run("threading.current_thread()");
            const peer::detach detached;
            std::this_thread::sleep_for(200ms);
        });
    for (std::thread &thread : threads)
        thread.join();
    const peer::attach attached;
    if (const long listed = number("len(threading.enumerate())"); listed > 2)
        lost(std::to_string(listed - 1) + " threads that have ended are still listed");
}

inline void short_threads() {
    peer::start();
    std::atomic<int> calls{0};
    std::vector<std::thread> spawners;
    for (int i = 0; i < 4; ++i)
        spawners.emplace_back([&] {
            for (int j = 0; j < 500; ++j)
                std::thread([&] {
                    const peer::attach attached;
                    use_python();
                    ++calls;
                }).join();
        });
    for (std::thread &spawner : spawners)
        spawner.join();
    if (calls != 2000)
        lost("calls are missing");
    peer::end();
}

inline void late_callbacks() {
    peer::start();
    std::atomic<bool> over{false};
    std::atomic<long> calls{0};
    std::thread library([&] {
        while (!over) {
            attach_and_use();
            ++calls;
        }
    });
    while (calls < 100)
        std::this_thread::yield();
    peer::end();
    const long before = calls;
    std::this_thread::sleep_for(200ms);
    if (calls == before)
        say("hang");
    over = true;
    library.join();
}

inline void pthread_exit_inside() {
    peer::start();
    pthread_t thread{};
    pthread_create(
        &thread, nullptr,
        [](void *) -> void * {
#if PEER == 1
            const peer::attach attached;
#else
            PyGILState_Ensure();  // as C does it: Release stands further below
#endif
            pthread_exit(nullptr);
        },
        nullptr);
    pthread_join(thread, nullptr);
    peer::end();
}

inline void small_stack() {
    peer::start();
    {
        const peer::attach attached;
        run("def chain():\n"
            "    nested = []\n"
            "    for _ in range(100000): nested = [nested]\n"
            "    try: repr(nested)\n"
            "    except RecursionError: pass\n");
    }
    for (const std::size_t kilobytes : {1024U, 512U, 256U}) {
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, kilobytes * 1024);
        pthread_t thread{};
        pthread_create(
            &thread, &attributes,
            [](void *) -> void * {
                const peer::attach attached;
                run("chain()");
                PyErr_Clear();
                return nullptr;
            },
            nullptr);
        pthread_join(thread, nullptr);
    }
    peer::end();
}

inline void a_static_against_the_gil() {
    peer::start();
    peer::come_back();
    PyEval_SaveThread();
    static event entered;
    const auto use_static = [](bool first) {
        const peer::attach attached;
#if PEER == 1
        static pybind11::gil_safe_call_once_and_store<int> once;
        once.call_once_and_store_result([first] {
            if (first)
                entered.set();
            const peer::detach detached;
            std::this_thread::sleep_for(300ms);
            return 1;
        });
#else
        static const int made = [first] {
            if (first)
                entered.set();
            const peer::detach detached;
            std::this_thread::sleep_for(300ms);
            return 1;
        }();
        (void)made;
#endif
    };
    std::thread first(use_static, true);
    entered.wait();
    std::thread second(use_static, false);
    first.join();
    second.join();
}

inline void mutex_against_attach() {
    peer::start();
    std::mutex application;
    event has_mutex, is_attached;
    std::thread first_mutex([&] {
        const std::lock_guard<std::mutex> hold(application);
        has_mutex.set();
        is_attached.wait();
        attach_and_use();
    });
    std::thread first_attached([&] {
        has_mutex.wait();
        const peer::attach attached;
        is_attached.set();
        const std::lock_guard<std::mutex> hold(application);
    });
    first_mutex.join();
    first_attached.join();
    peer::end();
}

inline void slow_holder() {
    peer::start();
    begin_to_hold();
    attach_and_use();  // no call of CPython takes a limit
}

}  // namespace twin
