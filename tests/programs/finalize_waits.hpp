// finalize_waits.hpp: a function for Python that tells whether finalize() waits for Python's threads.
#pragma once

#include "run_python.hpp"

/// Adds finalize_waits() to __main__. It imports nothing that Python has not imported at its start. Attached.
inline void add_finalize_waits() {
    run_python(
        "import sys\n"
        "def finalize_waits():\n"
        "    for frame in sys._current_frames().values():\n"
        "        while frame is not None:\n"
        "            if frame.f_code.co_name == 'wait_for_threads':\n"
        "                return True\n"
        "            frame = frame.f_back\n");
}
