// A parameter that Python has no default for is not left out.
#include <holdfast/holdfast.hpp>

#include <string_view>

const holdfast::function<double(std::string_view, std::string_view)> ratio{"difflib", "ratio"};

double alike() {
#ifdef FIXED
    return ratio("this", "that");
#else
    return ratio("this");  // expect: no match for call|no matching function
#endif
}
