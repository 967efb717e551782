// "Take the lock, finalize", with the class itself: an object that outlives Python ends without harm.
// precompiled: no
#include <holdfast/PyThreadStateLock.h>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    for (int round = 0; round < 2; ++round) {
        Py_Initialize();
        PyEval_SaveThread();
        std::thread([] {
            PyThreadStateLock lock;
            run_python("x = 1");
        }).join();
        {
            PyThreadStateLock lock;
            PyThreadStateLock nested;
            CHECK(Py_FinalizeEx() == 0);
        }
        CHECK(thrown_code<holdfast::closed_error>([] { PyThreadStateLock late; }) == "HF203");
    }
}
