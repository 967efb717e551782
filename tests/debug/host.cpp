// Threads attach, and wait until a debugger has connected. Then each of them calls module.stop_here(),
// and so do as many new threads.
#include <holdfast/holdfast.hpp>

#include <cstddef>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

int main(int argc, char **argv) {
    const int threads = argc > 1 ? std::stoi(argv[1]) : 64;
    holdfast::interpreter python;
    std::promise<void> debugger;
    const std::shared_future<void> connected(debugger.get_future());
    std::vector<std::promise<void>> early(static_cast<std::size_t>(threads));
    std::mutex turn;
    const auto call = [&](int number) {
        const std::lock_guard<std::mutex> alone(turn);  // a debugger reports one stop at a time
        const holdfast::attach_guard attached;
        holdfast::exec("import module\nmodule.stop_here(" + std::to_string(number) + ")");
    };
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
        all.emplace_back([&, i] {
            {
                const holdfast::attach_guard attached;
                holdfast::exec("pass");
            }
            early[static_cast<std::size_t>(i)].set_value();
            connected.wait();
            call(i);
        });
    for (std::promise<void> &one : early)
        one.get_future().wait();
    {
        const holdfast::attach_guard attached;
        holdfast::exec(
            "import debugpy\n"
            "print('early threads have attached', flush=True)\n"
            "debugpy.wait_for_client()");
    }
    debugger.set_value();
    for (std::thread &one : all)
        one.join();
    all.clear();
    for (int i = threads; i < 2 * threads; ++i)
        all.emplace_back(call, i);
    for (std::thread &one : all)
        one.join();
}
