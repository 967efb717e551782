// An attached thread may join() a worker that still has to attach; it returns attached.
#include <holdfast/attach/waits.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <system_error>
#include <thread>

#include "check.hpp"
#include "event.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::attach_guard attached(python.view());
    for (int i = 0; i < 20; ++i) {
        event started;
        std::thread worker([&] {
            started.set();
            holdfast::exec("x = 1");  // and once more at its exit, to delete its thread state
        });
        started.wait();
        holdfast::join(worker);
        CHECK(holdfast::attached());
        CHECK(!worker.joinable());
    }
    std::thread nobody;
    CHECK_THROWS(std::system_error, holdfast::join(nobody));
    CHECK(holdfast::attached());
}
