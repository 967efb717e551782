// Eight native threads let numpy work on their samples. Nothing is copied in either direction.
// needs: numpy
#include "filters.hpp"

#include <holdfast/interpreter.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t length = 4096;
constexpr int channels = 8;

/// A tone with the given number of waves.
std::vector<double> tone(int waves) {
    constexpr double whole = 6.283185307179586;
    std::vector<double> samples(length);
    for (std::size_t i = 0; i < length; ++i)
        samples[i] = std::sin(whole * waves * static_cast<double>(i) / length);
    return samples;
}

struct result {
    bool in_place = false;
    std::ptrdiff_t strongest = 0;
};

/// One thread's work on one channel.
result process(int waves) {
    const auto samples = std::make_shared<std::vector<double>>(tone(waves));
    const double before = (*samples)[length / 3];
    // Python uses the vector's own memory, and keeps the vector alive as long as it does.
    const holdfast::array_view<double> view(samples->data(), {length}, samples);
    filters::smooth(view, 5);

    const auto strengths = filters::spectrum(view).contiguous();  // or HF410
    result found;
    found.in_place = (*samples)[length / 3] != before;
    found.strongest = std::max_element(strengths.begin(), strengths.end()) - strengths.begin();
    return found;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    std::vector<result> results(channels);
    std::vector<std::thread> threads;
    for (int channel = 0; channel < channels; ++channel)
        threads.emplace_back([&results, channel] {
            results[static_cast<std::size_t>(channel)] = process(100 * (channel + 1) + 7);
        });
    for (std::thread &thread : threads)
        thread.join();
    for (const result &one : results)
        std::printf("%s, strongest at %td\n", one.in_place ? "smoothed in place" : "unchanged",
                    one.strongest);
}
