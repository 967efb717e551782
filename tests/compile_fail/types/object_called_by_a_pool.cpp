// An object stays in its interpreter: what the threads of others are to call is named, not held.
#include <holdfast/subinterpreter_pool.hpp>

const holdfast::function<double()> weight{"models", "weight"};

void call(holdfast::subinterpreter_pool &pool, const holdfast::object &held) {
#ifdef FIXED
    static_cast<void>(held);
    pool.submit(weight);
#else
    pool.submit(held);  // expect: an object belongs to one interpreter
#endif
}
