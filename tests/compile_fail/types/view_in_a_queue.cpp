// A task runs later: an object that is only borrowed may be gone by then.
#include <holdfast/pools/executor.hpp>

void look(holdfast::executor &threads, const holdfast::object &model) {
#ifdef FIXED
    threads.submit([](const holdfast::object &kept) { return kept.get() != nullptr; }, model);
#else
    threads.submit([](PyObject *borrowed) { return borrowed != nullptr; }, model.get());  // expect: a borrowed PyObject \* may be gone when the task runs
#endif
}
