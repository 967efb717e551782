// A sub-interpreter's owner and the main interpreter's finalize() may end it at the same time, in any order.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"

namespace hf = holdfast;
using namespace std::chrono_literals;

namespace {

/// A thread is inside when both come. `first`: whether the main interpreter's end comes before the owner.
void somebody_inside(bool main_first) {
    hf::interpreter python;
    auto sub = std::make_unique<hf::subinterpreter>(python);
    const hf::interpreter_view view = *sub;
    event inside, go, let_go;
    std::thread user([&] {
        const hf::attach_guard in(view);
        hf::exec("import threading");
        inside.set();
        const hf::detach_guard detached;
        go.wait();
    });
    inside.wait();
    std::thread owner([&] {
        if (main_first)
            let_go.wait();
        sub.reset();
    });
    std::thread referee([&] {
        if (main_first) {
            while (view.reason() != hf::closed_reason::finalizing)
                std::this_thread::yield();
            let_go.set();
        } else {
            while (python.view().reason() != hf::closed_reason::finalizing ||
                   view.reason() != hf::closed_reason::finalizing)
                std::this_thread::yield();
        }
        go.set();
    });
    if (!main_first)
        while (view.alive())
            std::this_thread::yield();
    CHECK(python.finalize(20s).finalized);
    CHECK(!view.alive());
    for (std::thread *one : {&user, &owner, &referee})
        one->join();
    CHECK(view.reason() == hf::closed_reason::finalized);
}

/// No thread is inside, and both come in the scheduler's order.
void race(int turns) {
    hf::interpreter python;
    constexpr int count = 3;
    std::atomic<int> ready{0};
    std::vector<std::unique_ptr<hf::subinterpreter>> subs;
    for (int i = 0; i < count; ++i)
        subs.push_back(std::make_unique<hf::subinterpreter>(python));
    std::vector<std::thread> owners;
    for (int i = 0; i < count; ++i)
        owners.emplace_back([&, i] {
            ready.fetch_add(1);
            while (ready.load() <= count) {}
            for (int n = 0; n < turns * i; ++n)
                std::this_thread::yield();
            if (i == 1) {  // asked, and not only destroyed
                try {
                    subs[1]->finalize(10s);
                } catch (const hf::closed_error &) {}
            }
            subs[static_cast<std::size_t>(i)].reset();
        });
    ready.fetch_add(1);
    while (ready.load() <= count) {}
    for (int n = 0; n < turns; ++n)
        std::this_thread::yield();
    CHECK(python.finalize(20s).finalized);
    for (std::thread &one : owners)
        one.join();
}

/// finalize() reached its limit, the owner was destroyed, and the next finalize() ends the interpreter.
void owner_goes_between() {
    hf::interpreter python;
    auto sub = std::make_unique<hf::subinterpreter>(python);
    const hf::interpreter_view view = *sub;
    event inside, go;
    std::thread user([&] {
        const hf::attach_guard in(view);
        inside.set();
        const hf::detach_guard detached;
        go.wait();
    });
    inside.wait();
    CHECK(!python.finalize(10ms));
    sub.reset();  // the main interpreter is closed, and ends it
    go.set();
    user.join();
    CHECK(python.finalize(20s).finalized);
    CHECK(view.reason() == hf::closed_reason::finalized);
}

}  // namespace

int main() {
    somebody_inside(true);
    somebody_inside(false);
    for (int turns = 0; turns < 6; ++turns)
        race(turns * turns * 10);
    owner_goes_between();
}
