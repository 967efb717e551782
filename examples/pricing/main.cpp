// Native threads call a Python function with its own dataclasses, and pass the results to another.
#include "pricing.hpp"

#include <holdfast/interpreter.hpp>

#include <cstddef>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

std::vector<pricing::Book> books() {
    using pricing::Side;
    return {
        {"NORTH", Side::SELLERS, {{10.0, 100}, {10.5, 200}}},
        {"SOUTH", Side::SELLERS, {{9.5, 50}, {11.0, 500}}},
        {"EAST", Side::SELLERS, {{9.0, 20}}},
    };
}

}  // namespace

int main() {
    holdfast::interpreter python;
    const std::vector<pricing::Book> asked = books();

    std::vector<pricing::Quote> quotes(asked.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < asked.size(); ++i)
        threads.emplace_back([&, i] { quotes[i] = pricing::quote(asked[i], 150); });
    for (std::thread &thread : threads)
        thread.join();

    for (const pricing::Quote &quote : quotes)
        std::printf("%-6s %8.2f, %d missing\n", quote.symbol.c_str(), quote.total,
                    static_cast<int>(quote.missing));
    if (const auto best = pricing::best(quotes))
        std::printf("best: %s\n", best->symbol.c_str());

    try {
        pricing::quote(asked.front(), 0);
    } catch (const holdfast::python_error &error) {
        std::printf("%s: %s\n", error.type().c_str(), error.message().c_str());
    }
}
