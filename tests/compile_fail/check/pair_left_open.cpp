// A guard has no way out that forgets it; a pair has.
#include <holdfast/thread_state.hpp>

int wrong(bool ready) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (!ready)
        return -1;  // expect: HF603 wrong\(\) ends here without PyGILState_Release\(\) for the PyGILState_Ensure\(\) of line 5
    const int status = PyRun_SimpleString("pass");
    PyGILState_Release(state);
    return status;
}

int right(bool ready) {
    const holdfast::attach_guard attached;
    return ready ? PyRun_SimpleString("pass") : -1;
}
