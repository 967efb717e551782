// A __del__ that locks the mutex its own thread holds gets an error, not a deadlock; it can also test first.
#include <holdfast/holdfast.hpp>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::mutex application;
    std::vector<int> ended, noted;
    holdfast::exec(
        "import sys\n"
        "unraisable = []\n"
        "sys.unraisablehook = lambda args: unraisable.append(str(args.exc_value))\n"
        "class Item:\n"
        "    def __init__(self, number, end): self.number, self.end = number, end\n"
        "    def __del__(self): self.end(self.number)\n");
    const holdfast::object locks = holdfast::callable("end", [&](int number) {
        const std::lock_guard<holdfast::mutex> hold(application);
        ended.push_back(number);
    });
    const holdfast::object takes_note = holdfast::callable("end", [&](int number) {
        if (application.held_by_this_thread()) {
            noted.push_back(number);
            return;
        }
        const std::lock_guard<holdfast::mutex> hold(application);
        ended.push_back(number);
    });
    const holdfast::function<holdfast::object(int, holdfast::object)> make{"__main__", "Item"};
    std::thread([&] {
        const holdfast::attach_guard attached;
        {
            auto item = make(1, locks), other = make(2, takes_note);
            const std::lock_guard<holdfast::mutex> hold(application);
            item = {};
            other = {};
        }
        auto item = make(3, takes_note);
        item = {};
    }).join();
    CHECK(ended == std::vector<int>{3});
    CHECK(noted == std::vector<int>{2});
    CHECK(holdfast::eval<int>("len(unraisable)") == 1);
    CHECK(holdfast::eval<std::string>("unraisable[0]").rfind("HF221 mutex::lock()", 0) == 0);
    CHECK(python.finalize(std::chrono::seconds(5)));
}
