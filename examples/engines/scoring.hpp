// The work for all engines: a Python function of texts, which counts vowels.
#pragma once

#include <holdfast/holdfast.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

inline const holdfast::function<std::int64_t(std::string_view)> score{"__main__", "score"};

inline void define_score() {
    holdfast::exec("def score(text): return sum(text.count(vowel) for vowel in 'aeiou')");
}

inline std::vector<std::string> make_texts() {
    std::vector<std::string> texts;
    for (int i = 0; i < 1000; ++i)
        texts.push_back("a line of text, number " + std::to_string(i));
    return texts;
}
