// holdfast/isolated/isolated_counters.hpp: what the workers of an isolated_executor have done.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

/// One worker process.
struct isolated_worker_counters {
    std::string name;  ///< "name-0"
    int pid = 0;
    std::string task;                      ///< "scoring.score()"; empty: it is idle
    std::chrono::nanoseconds running{0};   ///< how long it has run that task
    std::size_t tasks = 0;                 ///< that this process was sent
    std::size_t memory = 0;                ///< bytes that are resident
    std::chrono::nanoseconds cpu_time{0};  ///< processor time that it has used
};

/// One moment of a pool. Totals are since its start.
struct isolated_counters {
    std::uint64_t tasks = 0;                        ///< that have ended, with a result or an error
    std::size_t waiting = 0;                        ///< tasks in the queue
    std::uint64_t deadlines = 0;                    ///< tasks that reached `limit`
    std::uint64_t workers_ended = 0;                ///< processes, also those that ended as planned
    std::vector<isolated_worker_counters> workers;  ///< those that take tasks: no spares
};

}  // namespace holdfast
