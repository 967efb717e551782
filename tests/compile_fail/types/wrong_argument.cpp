// What a function takes stands in its signature.
#include <holdfast/holdfast.hpp>

#include <string_view>

const holdfast::function<double(std::string_view)> score{"scoring", "score"};

double total() {
#ifdef FIXED
    return score("five");
#else
    return score(5);  // expect: no match for call|no matching function
#endif
}
