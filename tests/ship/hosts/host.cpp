// Says which Python it runs on, and from where each of its parts was loaded.
#include <holdfast/holdfast.hpp>

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

int main() {
    try {
        holdfast::interpreter python;
        const holdfast::function<std::string()> facts{"facts", "facts"};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] { facts(); });
        for (std::thread &thread : threads)
            thread.join();
        std::puts(facts().c_str());
        return 0;
    } catch (const std::exception &problem) {
        std::puts(problem.what());
        return 1;
    }
}
