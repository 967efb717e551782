// Threads ask Python which of the words on the command line is the longest.
#include "words.hpp"

#include <holdfast/interpreter.hpp>

#include <cstdio>
#include <future>
#include <string>
#include <vector>

int main(int count, char **texts) {
    const std::vector<std::string> all(texts + 1, texts + count);
    try {
        holdfast::interpreter python;
        std::vector<std::future<std::string>> answers;
        for (const std::string &text : all)
            answers.push_back(std::async(std::launch::async, [&] { return words::longest(text); }));
        for (std::future<std::string> &answer : answers)
            std::puts(answer.get().c_str());
        return 0;
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
