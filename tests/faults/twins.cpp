// What becomes of a fault with plain CPython (-DPEER=0) or with pybind11's guards (-DPEER=1).
//
// The argument is the fault's name in faults.toml. Prints one line, "verdict: WORD: WHY": ok, hang, unwind,
// lost, n/a; or crashes, or ends the process in another way, which is a verdict, too. Ends itself after a limit.

#include "forks.hpp"

namespace {

struct scenario {
    const char *fault;
    void (*run)();
    int limit_s = 3;
};

using namespace twin;

const scenario all[] = {
    {"F01", before_start},
    {"F02", after_end},
    {"F03", after_end_again},
    {"F04", waits_when_the_end_begins},
    {"F05", from_allow_threads},
    {"F06", from_allow_threads_in_noexcept},
    {"F07", from_allow_threads_in_catch_all},
    {"F08", with_a_mutex},
    {"F09", storm},
    {"F10", storm_through_guards},
    {"F11", somebody_never_leaves},
    {"F12", holder_ends_python},
    {"F13", waits_attached},
    {"F14", nests_during_the_end},
    {"F15", hands_over_during_the_end},
    {"F16", ends_on_another_thread},
    {"F17", ends_detached},
    {"F18", ends_twice},
    {"F19", ends_inside_python},
    {"F20", ends_again_from_atexit},
    {"F21", starts_here_ends_there},
    {"F22", four_start_at_once},
    {"F23", attaches_during_the_start},
    {"F24", starts_after_a_bad_home},
    {"F25", fifty_restarts, 30},
    {"F26", threads_over_restarts, 10},
    {"F27", object_of_an_earlier_python},
    {"F28", python_thread_never_ends},
    {"F29", daemon_threads},
    {"F30", thread_started_by_atexit},
    {"F31", threading_imported_elsewhere},
    {"F32", hook_after_the_runtime},
    {"F33", library_inside},
    {"F34", inside_a_library},
    {"F35", leave_no_states, 20},
    {"F36", storm_of_short_threads},
    {"F37", thread_ends_after_python},
    {"F38", thread_local_attaches},
    {"F39", state_deleted_by_another},
    {"F40", released_twice},
    {"F41", nested_ten_thousand},
    {"F42", no_memory},
    {"F43", keeps_errno},
    {"F44", exception_left_in_a_guard},
    {"F45", async_exception_for_an_idle_thread},
    {"F46", thread_local_data},
    {"F47", dummy_threads},
    {"F48", alternate_between_interpreters},
    {"F49", pygilstate_in_a_subinterpreter},
    {"F50", subinterpreter_ends_with_a_worker_inside},
    {"F51", subinterpreter_ends_on_another_thread},
    {"F52", subinterpreters_left_behind},
    {"F53", module_refuses_subinterpreters},
    {"F54", module_enables_the_gil},
    {"F55", fork_on_main, 6},
    {"F56", fork_raw, 6},
    {"F57", fork_on_a_worker, 6},
    {"F58", interrupt},
    {"F59", dispositions},
    {"F60", system_exit},
    {"F61", throws_under_python},
    {"F62", pthread_exit_inside},
    {"F63", small_stack},
    {"F64", on_a_fiber},
    {"F65", a_static_against_the_gil},
    {"F66", mutex_against_attach},
    {"F67", finalizer_takes_a_lock},
    {"F68", dropped_detached},
    {"F69", capsule_at_the_end},
    {"F70", slow_holder},
    {"F72", static_destructor},
    {"F73", exit_with_workers},
    {"F75", short_threads, 20},
    {"F76", late_callbacks},
    {"F77", flush_fails},
    {"F78", exception_left_at_the_end},
    {"F79", fork_within_threading, 6},
};

}  // namespace

int main(int count, char **arguments) {
    for (const scenario &one : all) {
        if (count < 2 || std::strcmp(one.fault, arguments[1]) != 0)
            continue;
        std::thread([limit = one.limit_s] {
            std::this_thread::sleep_for(std::chrono::seconds(limit));
            say("hang", "not over after " + std::to_string(limit) + " s");
        }).detach();
        one.run();
        say("ok");
    }
    std::fputs("no such fault\n", stderr);
    return 2;
}
