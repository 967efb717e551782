// A generator's return value may be gone before it is used.
#include <holdfast/calls/range.hpp>
#include <holdfast/holdfast.hpp>

#ifdef FIXED
using any = holdfast::object;
#else
using any = PyObject *;
#endif

any last(const holdfast::generator<int, int, any> &numbers) {
    return numbers.result();  // expect: take what owns its data, e\.g\. std::string
}
