// Expected to hang: a __del__ locks the std::mutex that its own thread holds.
// raw-twin: hang
// deadline: 3
#include <holdfast/holdfast.hpp>

#include <mutex>

int main() {
    holdfast::interpreter python;
    std::mutex application;
    holdfast::exec(
        "class Item:\n"
        "    def __init__(self, end): self.end = end\n"
        "    def __del__(self): self.end()\n");
    const holdfast::object locks =
        holdfast::callable("end", [&] { const std::lock_guard<std::mutex> hold(application); });
    const holdfast::function<holdfast::object(holdfast::object)> make{"__main__", "Item"};
    const holdfast::attach_guard attached;
    auto item = make(locks);
    const std::lock_guard<std::mutex> hold(application);
    item = {};
}
