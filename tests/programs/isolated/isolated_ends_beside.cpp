// isolated_executor: a task that ends while another thread of its worker calls a function of the host waits for that call.
// deadline: 60
#include <holdfast/isolated.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <thread>

#include "check.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using holdfast::function;

namespace {

const char *const app = R"(
import os, signal, sys, threading

own = sys.modules["holdfast_worker"]
worker = own.Worker.only

def let_go():
    open(os.path.join(os.path.dirname(__file__), "go"), "w").close()

def begin(call):
    threading.Thread(target=call).start()
    while not worker.saying.locked():
        pass

class Interrupting:
    """In place of a lock: the interrupt comes while a thread waits for it."""
    def __init__(self, lock):
        self.lock = lock
    def __enter__(self):
        worker.saying = self.lock
        worker.words[own.INTERRUPT] = worker.current
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            let_go()
        return self.lock.__enter__()
    def __exit__(self, *problem):
        return self.lock.__exit__(*problem)

def is_interrupted(call):
    begin(call)
    worker.saying = Interrupting(worker.saying)
    return 1

def forks(call):
    """Its child does not have that thread, and ends."""
    begin(call)
    if hasattr(os, "fork"):
        child = os.fork()
        if child == 0:
            sys.exit()
        os.waitpid(child, 0)
    let_go()
    return 1
)";

/// Whether the answer is the task's own.
bool is_answered(holdfast::isolated_executor &pool, const std::filesystem::path &go,
                 const char *task) {
    const auto called = [&go] {
        while (!exists(go))
            std::this_thread::yield();
    };
    const bool is_own =
        pool.submit(function<int(std::function<void()>)>{"app", task}, called).get() == 1;
    remove(go);
    return is_own;
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    holdfast::isolated_executor pool(with_workers(1, folder));
    for (const char *const task : {"is_interrupted", "forks"})
        CHECK(is_answered(pool, folder.path() / "go", task));
}
