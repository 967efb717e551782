// isolated_executor: a task near its limit is interrupted also while another thread of its worker calls a function of the host.
// deadline: 60
#include <holdfast/isolated.hpp>

#include <fstream>
#include <functional>

#include "check.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

namespace {

const char *const app = R"(
import signal, sys, threading

own = sys.modules["holdfast_worker"]
worker = own.Worker.only

def is_interrupted(call):
    """Whether the interrupt that comes while a thread sends its call reaches the task."""
    sends, settled = threading.Event(), threading.Event()
    ring = worker.ring
    def ring_late():
        if threading.current_thread() is other:
            sends.set()
            settled.wait()
        ring()
    other = threading.Thread(target=call)
    worker.ring = ring_late
    try:
        other.start()
        sends.wait()
        worker.words[own.INTERRUPT] = worker.current
        signal.raise_signal(signal.SIGINT)
        return False
    except own.Interrupted:
        return True
    finally:
        settled.set()
        other.join()
        del worker.ring
)";

const holdfast::function<bool(std::function<void()>)> is_interrupted{"app", "is_interrupted"};

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    holdfast::isolated_executor pool(with_workers(1, folder));
    int calls = 0;
    const std::function<void()> count = [&calls] { ++calls; };
    CHECK(pool.call(is_interrupted, count));
    CHECK(pool.submit(is_interrupted, count).get());
    CHECK(calls == 2);
}
