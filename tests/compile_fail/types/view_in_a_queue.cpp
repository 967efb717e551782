// A task runs later: an argument that only points may point to nothing by then.
#include <holdfast/executor.hpp>

void add(holdfast::executor &threads) {
#ifdef FIXED
    threads.submit([](int number) { return number + 1; }, 1);
#else
    static int number = 1;
    threads.submit([](int *shared) { return ++*shared; }, &number);  // expect: a view would point to what may be gone
#endif
}
