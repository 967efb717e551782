// C++ passes lines to Python's generators and takes their output item by item, without a list.
#include "pipeline.hpp"

#include <holdfast/interpreter.hpp>

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

const std::vector<std::string> log_lines = {
    "info: started",   "debug: listening", "warning: slow answer",
    "  from 10.0.0.7", "error: disk full", "info: ended",
};

/// The lines as Python asks for them; a real host would read a file here.
holdfast::range<std::string> lines() {
    return holdfast::range<std::string>([at = std::size_t(0)]() mutable {
        return at < log_lines.size() ? std::optional<std::string>(log_lines[at++]) : std::nullopt;
    });
}

void filter() {
    for (const pipeline::Entry &entry : pipeline::at_least("warning", lines()))
        std::printf("%-8s %s\n", entry.level.c_str(), entry.text.c_str());
}

void talk() {
    const auto conversation = pipeline::longest();
    conversation.next();  // runs it until it waits for the first word
    std::string longest;
    for (const std::string &word : pipeline::words(log_lines))
        longest = conversation.send(word).value();
    conversation.send("");  // the end
    std::printf("longest of %d words: %s\n", static_cast<int>(conversation.result()),
                longest.c_str());
}

}  // namespace

int main() {
    holdfast::interpreter python;
    std::thread(filter).join();
    std::thread(talk).join();
}
