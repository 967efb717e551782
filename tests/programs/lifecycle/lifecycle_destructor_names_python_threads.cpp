// A destructor that waits for a Python thread, or a thread in a sub-interpreter, names it on stderr.
// deadline: 40
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <optional>
#include <string>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

/// What is written to stderr while this lives; `told` is set when all of it has been seen that is waited for.
class listener {
public:
    listener(std::string wanted, event &told)
        : real_(dup(STDERR_FILENO)), wanted_(std::move(wanted)), told_(told) {
        int ends[2];
        CHECK(pipe(ends) == 0);
        CHECK(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
        close(ends[1]);
        reader_ = std::thread([this, from = ends[0]] {
            char part[256];
            for (ssize_t size = 0; (size = read(from, part, sizeof part)) > 0;) {
                const bool before = heard();
                said_.append(part, static_cast<std::size_t>(size));
                if (!before && heard())
                    told_.set();
            }
            close(from);
        });
    }
    ~listener() {
        CHECK(dup2(real_, STDERR_FILENO) == STDERR_FILENO);
        reader_.join();
        CHECK(contains(said_, "HF218"));
    }

private:
    [[nodiscard]] bool heard() const { return said_.find(wanted_) != std::string::npos; }

    int real_;
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
        int ends[2];
        CHECK(pipe(ends) == 0);
        {
            const holdfast::attach_guard attached(*python);
            run_python(("import os, threading\n"
                        "threading.Thread(target=os.read, args=(" +
                        std::to_string(ends[0]) + ", 1), name='patience').start()")
                           .c_str());
        }
        std::thread helper([&] {
            told.wait();  // it ends only once it has been named
            CHECK(write(ends[1], "x", 1) == 1);
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
