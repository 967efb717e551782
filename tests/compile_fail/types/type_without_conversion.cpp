// A type that holdfast does not know crosses as an object, or by a converter of its own.
#include <holdfast/holdfast.hpp>

struct point {
    double x, y;
};

#ifdef FIXED
const holdfast::function<double(const holdfast::object &)> norm{"shapes", "norm"};
double length(const holdfast::object &of) {
#else
const holdfast::function<double(point)> norm{"shapes", "norm"};
double length(const point &of) {
#endif
    return norm(of);  // expect: holdfast has no conversion for this type .*convert/sets_and_arrays.hpp
}
