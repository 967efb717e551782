// forks.hpp: twins of the faults about forks.
#pragma once

#include "calls.hpp"

#include <csignal>

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../programs/fork_while_threading_is_locked.hpp"

namespace twin {

/// The outcome of a child, as the twin's own verdict.
[[noreturn]] inline void judge_child(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {}
    if (WIFSIGNALED(status))
        say(WTERMSIG(status) == SIGALRM ? "hang" : "crash", "the child");
    if (WEXITSTATUS(status) != 9)
        lost("the child ended with status " + std::to_string(WEXITSTATUS(status)));
    say("ok");
}

inline void fork_on_main() {
    peer::start();
    peer::come_back();
    run("import os, warnings\nwarnings.simplefilter('ignore')");
    const pid_t child = static_cast<pid_t>(number("os.fork()"));
    if (child == 0) {
        alarm(3);
        peer::finalize();
        _exit(9);
    }
    judge_child(child);
}

inline void fork_raw() {
    peer::start();
    begin_to_hold();
    const pid_t child = fork();
    if (child == 0) {
        alarm(2);
        attach_and_use();
        _exit(9);
    }
    judge_child(child);
}

inline void fork_on_a_worker() {
    peer::start();
    std::thread([] {
        pid_t child = -1;
        {
            const peer::attach attached;
            run("import os, warnings\nwarnings.simplefilter('ignore')");
            child = static_cast<pid_t>(number("os.fork()"));
            if (child == 0) {
                alarm(3);
                peer::finalize();
                _exit(9);
            }
        }
        judge_child(child);
    }).join();
}

/// The child may hang within os.fork() itself.
inline void fork_within_threading() {
    peer::start();
    pthread_atfork(nullptr, nullptr, [] { alarm(3); });
    event held;
    std::thread([&] {
        const peer::attach attached;
        run(hold_the_locks);
        const peer::detach detached;
        held.set();
        std::this_thread::sleep_for(100s);
    }).detach();
    held.wait();
    std::thread([] {
        pid_t child = -1;
        {
            const peer::attach attached;
            child = static_cast<pid_t>(number("os.fork()"));
            if (child == 0) {
                run(use_threading);
                _exit(9);
            }
        }
        judge_child(child);
    }).join();
}

}  // namespace twin
