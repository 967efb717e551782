// own_child.hpp: runs functions of the program in processes of their own.
//
// By fork(); a system without that starts the program again, with the function's number.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#if defined(_WIN32)
#include <process.h>
#endif

#include "check.hpp"
#include "descriptors.hpp"
#if !defined(_WIN32)
#include "child.hpp"
#endif

/// Made first in main(): before Python starts, and without threads.
class own_children {
public:
    using body = void (*)();

    /// \param bodies  one that returns ends its process with status 0.
    own_children(int argc, char **argv, std::vector<body> bodies) : bodies_(std::move(bodies)) {
#if defined(_WIN32)
        program_ = argv[0];
        if (argc > 1) {
            bodies_.at(std::stoul(argv[1]))();
            std::_Exit(0);
        }
#else
        static_cast<void>(argc);
        static_cast<void>(argv);
#endif
    }

    /// The exit status of the process that ran the body with that number.
    [[nodiscard]] int status_of_body(std::size_t number) const {
#if defined(_WIN32)
        const std::string quoted = '"' + program_ + '"';
        return static_cast<int>(_spawnl(_P_WAIT, program_.c_str(), quoted.c_str(),
                                        std::to_string(number).c_str(), nullptr));
#else
        const pid_t child = fork();
        if (child == 0) {
            bodies_.at(number)();
            std::_Exit(0);
        }
        return status_of(child);
#endif
    }

    /// What it wrote to stderr, and its exit status. \param status  must be that.
    [[nodiscard]] std::string said_by_body(std::size_t number, int status) const {
        captured_stderr said;
        const int found = status_of_body(number);
        const std::string text = said.all();
        if (found != status)
            check::fail(__FILE__, __LINE__,
                        "a child ended with status " + std::to_string(found) + ": " + text);
        return text;
    }

private:
    std::vector<body> bodies_;
#if defined(_WIN32)
    std::string program_;
#endif
};

/// The status of a process that called abort().
#if defined(_WIN32)
inline constexpr int aborted = 3;
#else
inline constexpr int aborted = -SIGABRT;
#endif
