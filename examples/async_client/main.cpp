// Python coroutines as C++ tasks: six requests run at once, and one thread waits for all of them.
#include "client.hpp"

#include <holdfast/interpreter.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

int main() {
    holdfast::interpreter python;
    const std::vector<std::string> names = {"Ada", "Grace", "Barbara", "Frances", "Jean", ""};
    const std::int64_t port = client::serve(static_cast<std::int64_t>(names.size())).get();

    // Each call begins a coroutine and returns at once; the server answers when all have asked.
    std::vector<holdfast::task<std::string>> answers;
    for (const std::string &name : names)
        answers.push_back(client::greet(port, name));
    for (holdfast::task<std::string> &answer : answers)
        try {
            std::printf("%s\n", answer.get().c_str());
        } catch (const holdfast::python_error &error) {
            std::printf("%s: %s\n", error.type().c_str(), error.message().c_str());
        }

    // finalize() cancels the tasks that still wait, and ends the loop and its thread.
    holdfast::task<std::string> never = client::patience();
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(10));
    std::printf("%s", report.text().c_str());
    try {
        never.get();
    } catch (const holdfast::python_error &error) {
        std::printf("%s\n", error.type().c_str());
    }
}
