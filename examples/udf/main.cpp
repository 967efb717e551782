// User-defined functions: queries over columns in shared memory; a bad function ends only its own query.
#include <holdfast/buffer.hpp>
#include <holdfast/isolated.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <future>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using column = std::vector<double>;

namespace {

struct table {
    column price;
    column quantity;
};

holdfast::memory_view memory_of(const column &values) {
    return {reinterpret_cast<const std::byte *>(values.data()), values.size() * sizeof(double), {}};
}

class database {
public:
    explicit database(table rows) : rows_(std::move(rows)), functions_(limits()) {}

    /// SELECT SUM(function(price, quantity)) FROM rows
    std::future<column> run(const std::string &function) {
        return functions_.submit_named<column>("functions", function, memory_of(rows_.price),
                                               memory_of(rows_.quantity));
    }

    std::string sum_of(std::future<column> &result) const {
        try {
            const column values = result.get();
            if (values.size() != rows_.price.size())
                return "the function must return a value for each row";
            return std::to_string(std::accumulate(values.begin(), values.end(), 0.0));
        } catch (const holdfast::deadline_error &) {
            return "the function took too long";
        } catch (const holdfast::worker_error &) {
            return "the function ended its process";
        } catch (const holdfast::python_error &raised) {
            return raised.type() + ": " + raised.message();
        }
    }

private:
    static holdfast::isolated_config limits() {
        holdfast::isolated_config config;
        config.name = "udf";
        config.workers = 2;
        config.limit = 3s;
        config.memory = std::size_t{512} << 20;
        config.may_start_processes = false;
        config.preload = {"functions"};
        return config;
    }

    table rows_;
    holdfast::isolated_executor functions_;
};

}  // namespace

int main() {
    constexpr std::size_t rows = 100000;
    table sales{column(rows), column(rows)};
    for (std::size_t i = 0; i < rows; ++i) {
        sales.price[i] = static_cast<double>(i % 100) / 4;
        sales.quantity[i] = static_cast<double>(i % 7);
    }
    database sold(std::move(sales));

    // All at once: while one is stuck, the others go on.
    std::vector<std::pair<std::string, std::future<column>>> queries;
    for (const char *const name :
         {"revenue", "endless", "reduced", "leaves", "wrong", "missing", "revenue", "reduced"})
        queries.emplace_back(name, sold.run(name));
    for (auto &[name, result] : queries)
        std::printf("%-8s %s\n", name.c_str(), sold.sum_of(result).c_str());
}
