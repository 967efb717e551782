// holdfast/pools/remote_error.ipp: the bodies of remote_error.hpp.
#pragma once

#include <holdfast/pools/remote_error.hpp>

#include <string>
#include <utility>

namespace holdfast {

HOLDFAST_DETAIL_BODY remote_error::remote_error(const char *code, const std::string &problem,
                                                const std::string &remedy, std::string traceback)
    : pool_error(code, problem, remedy), traceback_(std::move(traceback)) {}

namespace detail {

HOLDFAST_DETAIL_COLD_BODY remote_error no_value(const std::string &kind, const std::string &called,
                                                const std::string &message,
                                                const std::string &traceback) {
    if (kind == "unsendable")
        return {"HF322", "the result of " + called + " cannot be sent back: " + message,
                "return what pickle can write, e.g. numbers, text, lists of them", traceback};
    if (kind == "foreign")
        return {"HF323", "the result of " + called + " cannot be read here: " + message,
                "make the module that defines its type importable in the host as well, or return "
                "plain values",
                traceback};
    if (kind == "missing")
        return {"HF324", "a worker cannot find " + called + ": " + message,
                "install the module where the workers run, or put it on their PYTHONPATH",
                traceback};
    if (kind == "unreadable")
        return {"HF325", "a worker cannot read the arguments of " + called + ": " + message,
                "make the modules of their types importable where the workers run", traceback};
    return {"HF320", "the engine gave up " + called + ": " + message,
            "look into the workers' own logs and submit it again; if the engine is broken, make a "
            "new one",
            traceback};
}

HOLDFAST_DETAIL_COLD_BODY remote_error took_too_long(const std::string &called,
                                                     std::chrono::milliseconds limit) {
    return {"HF321", called + " had no result within " + std::to_string(limit.count()) + " ms",
            "raise remote_config::limit if it may take that long; else see whether the engine "
            "still works"};
}

HOLDFAST_DETAIL_COLD_BODY usage_error no_engine(const std::string &type) {
    return {"HF326",
            "remote_executor was given an object of type '" + type + "', which has no submit()",
            "give an object with the interface of concurrent.futures.Executor, e.g. "
            "Client(...).get_executor()"};
}

}  // namespace detail

}  // namespace holdfast
