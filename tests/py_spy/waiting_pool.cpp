// Two threads of a pool wait in Python until stdin ends; "inside" says that both are there.
#include <holdfast/holdfast.hpp>

#include <cstdio>
#include <future>
#include <vector>

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import threading\n"
        "inside = threading.Semaphore(0)\n"
        "go = threading.Event()\n"
        "def wait_for_the_end():\n"
        "    inside.release()\n"
        "    go.wait()\n");
    const holdfast::function<void()> wait_for_the_end{"__main__", "wait_for_the_end"};
    holdfast::executor_config config;
    config.threads = 2;
    config.name = "waiting";
    holdfast::executor pool(python, config);
    std::vector<std::future<void>> tasks;
    for (int i = 0; i < 2; ++i)
        tasks.push_back(pool.submit(wait_for_the_end));
    holdfast::exec("inside.acquire(); inside.acquire()");
    std::puts("inside");
    std::fflush(stdout);
    while (std::getchar() != EOF) {}
    holdfast::exec("go.set()");
    for (std::future<void> &task : tasks)
        task.get();
    return python.finalize(std::chrono::seconds(10)) ? 0 : 1;
}
