// An object stays in its interpreter: what comes out of a pool of interpreters is a value.
#include <holdfast/subinterpreter_pool.hpp>

const holdfast::function<holdfast::object()> load{"models", "load"};
const holdfast::function<double()> weight{"models", "weight"};

void fetch(holdfast::subinterpreter_pool &pool) {
#ifdef FIXED
    pool.submit(weight);
#else
    pool.submit(load);  // expect: the object would belong to the interpreter of the thread that ran the task
#endif
}
