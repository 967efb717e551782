// Lambdas that are given to a function, and kept by it in a member or a container, run where they are called.
#include <Python.h>

#include <functional>
#include <map>
#include <queue>
#include <string>
#include <thread>
#include <utility>
#include <vector>

class worker {
public:
    explicit worker(std::function<void()> first) : begins(std::move(first)) {}
    void on_end(std::function<void()> call);
    void on_event(const std::function<void()> &call) { events.push_back(call); }
    void on_name(const std::string &name, std::function<void()> call) { named[name] = std::move(call); }
    void post(std::function<void()> task) { tasks.push(std::move(task)); }
    void safe(std::function<void()> call) { attaches.emplace_back(std::move(call)); }
    void run() {
        std::thread([this] {
            begins();  // expect HF607
            for (const auto &event : events)
                event();  // expect HF607
            named["one"]();  // expect HF607
            std::function<void()> task = std::move(tasks.front());
            task();  // expect HF607
            for (auto &each : attaches)
                each();
            ends();  // expect HF607
        }).join();
    }

private:
    std::function<void()> begins;
    std::function<void()> ends;
    std::vector<std::function<void()>> events;
    std::vector<std::function<void()>> attaches;
    std::map<std::string, std::function<void()>> named;
    std::queue<std::function<void()>> tasks;
};

void worker::on_end(std::function<void()> call) { ends = std::move(call); }

void call_at_once(const std::function<void()> &call) {
    std::thread([&] { call(); }).join();  // expect HF607
}

void set_up() {
    call_at_once([] { PyErr_Clear(); });
    worker one([] { PyErr_Clear(); });
    one.on_end([] { PyErr_Clear(); });
    one.on_event([] { PyErr_Clear(); });
    one.on_name("one", [] { PyErr_Clear(); });
    one.post([] { PyErr_Clear(); });
    one.safe([] {
        PyGILState_STATE state = PyGILState_Ensure();
        PyErr_Clear();
        PyGILState_Release(state);
    });
    one.run();
}
