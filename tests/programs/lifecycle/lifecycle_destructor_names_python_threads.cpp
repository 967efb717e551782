// A destructor that waits for a Python thread, or a thread in a sub-interpreter, names it on stderr.
// deadline: 40
// short-run: no
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "descriptors.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "scratch_folder.hpp"

namespace {

/// What is written to stderr while this lives; `told` is set when all of it has been seen that is waited for.
class listener {
public:
    listener(std::string wanted, event &told) : wanted_(std::move(wanted)), told_(told) {
        reader_ = std::thread([this] {
            for (std::string part; !(part = captured_.some()).empty();) {
                const bool before = heard();
                said_ += part;
                if (!before && heard())
                    told_.set();
            }
        });
    }
    ~listener() {
        captured_.restore();
        reader_.join();
        CHECK(contains(said_, "HF218"));
    }

private:
    [[nodiscard]] bool heard() const { return said_.find(wanted_) != std::string::npos; }

    captured_stderr captured_;
    std::string wanted_;
    event &told_;
    std::string said_;
    std::thread reader_;
};

}  // namespace

int main() {
    {
        event told;
        const listener hears("'patience'", told);
        std::optional<holdfast::interpreter> python(std::in_place);
        const scratch_folder folder;
        const std::filesystem::path named = folder.path() / "named";
        {
            const holdfast::attach_guard attached(*python);
            run_python(("import os, threading, time\n"
                        "def wait():\n"
                        "    while not os.path.exists('" +
                        named.generic_string() +
                        "'):\n"
                        "        time.sleep(0.005)\n"
                        "threading.Thread(target=wait, name='patience').start()")
                           .c_str());
        }
        std::thread helper([&] {
            told.wait();  // it ends only once it has been named
            std::ofstream{named};
        });
        python.reset();
        helper.join();
    }
    std::thread worker;
    {
        event told;
        const listener hears("lifecycle_destructor_names_python_threads.cpp:", told);
        std::optional<holdfast::interpreter> python(std::in_place);
        holdfast::subinterpreter sub(*python);
        event inside;
        worker = std::thread([&] {
            holdfast::detail::set_thread_name("slowpoke");
            const holdfast::attach_guard attached(sub.view());
            const holdfast::detach_guard detached;
            inside.set();
            told.wait();
        });
        inside.wait();
        python.reset();
        worker.join();
    }
}
