// A child of os.fork() works even if another thread was within `threading`: no lost thread's lock stops it.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "event.hpp"
#include "fork_while_threading_is_locked.hpp"

int main() {
    holdfast::interpreter python;
    event held;
    event done;
    std::thread known(
        [&] {  // to `threading`: from 3.13 on, its end in the child takes a lock there
            {
                const holdfast::attach_guard attached(python.view());
                run_python(hold_the_locks);
            }
            held.set();
            done.wait();
        });
    held.wait();
    std::thread(
        [&] {  // unknown to `threading`: up to 3.12, that is mended in the child, with another lock
            const holdfast::attach_guard attached(python.view());
            CHECK(child_is_well());
            run_python(let_go_of_the_locks);
            CHECK(child_is_well());
            run_python(define_fork_within);
            CHECK(child_is_well("fork_within()"));
        })
        .join();
    done.set();
    known.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
