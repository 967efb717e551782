// With the gate closed, a thread's exit does not wait for a thread that never detaches.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    event kept;
    event end;
    std::thread leaver([&] {
        {
            const holdfast::attach_guard attached(python.view());
            run_python("x = 1");
        }
        kept.set();
        end.wait();
    });
    kept.wait();
    event inside;
    event go;
    std::thread holder([&] {
        const holdfast::attach_guard attached(python.view());
        inside.set();
        go.wait();  // attached
    });
    inside.wait();
    CHECK(!python.finalize(std::chrono::milliseconds(1)));
    end.set();
    leaver.join();  // hangs if its exit hook queues up behind the holder
    go.set();
    holder.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
