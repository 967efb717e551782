// Plug-ins: runs Python functions that nobody has checked, with limits; none of them ends the host.
#include <holdfast/isolated.hpp>

#include <chrono>
#include <cstdio>
#include <future>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// The outcome of one plug-in, in a few words.
std::string outcome_of(std::future<double> &result) {
    try {
        return "returned " + std::to_string(result.get()).substr(0, 5);
    } catch (const holdfast::deadline_error &) {
        return "took too long, and was stopped";
    } catch (const holdfast::worker_error &ended) {
        return ended.how() == holdfast::worker_end::memory   ? "wanted too much memory"
               : ended.how() == holdfast::worker_end::signal ? "crashed"
                                                             : "ended its process";
    } catch (const holdfast::python_error &raised) {
        return "raised " + raised.type() + ": " + raised.message();
    } catch (const holdfast::error &other) {
        return std::string("failed with ") + other.code();
    }
}

}  // namespace

int main() {
    holdfast::isolated_config config;
    config.name = "plugin";
    config.workers = 2;
    config.limit = 2s;
    config.memory = std::size_t{256} << 20;
    holdfast::isolated_executor pool(config);

    // All at once: no plug-in affects the others.
    const std::vector<double> values{3, 1, 4, 1, 5};
    std::vector<std::pair<std::string, std::future<double>>> runs;
    for (const char *const name :
         {"mean", "forever", "greedy", "crasher", "leaver", "broken", "liar", "missing", "median"})
        runs.emplace_back(name, pool.submit_named<double>(name, "run", values));
    for (auto &[name, result] : runs)
        std::printf("%-8s %s\n", name.c_str(), outcome_of(result).c_str());
}
