// If a child fails to end with its interpreter, the report has a row for it; finalize() does not throw.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "check.hpp"
#include "said_on_stderr.hpp"

namespace hf = holdfast;
using namespace std::chrono_literals;

namespace {

struct failing : hf::detail::child {
    failing() {
        end = [](child &self, std::chrono::steady_clock::time_point, hf::detail::obstacles &) {
            ++static_cast<failing &>(self).asked;
            throw std::runtime_error("no way out");
        };
    }
    int asked = 0;
};

hf::detail::interpreter_record &main_record() { return *hf::main_view().ref().record; }

std::size_t linked(const hf::detail::gate &door) {
    std::size_t count = 0;
    door.for_each_entry([&](const hf::detail::gate_entry &) { ++count; });
    return count;
}

void in_finalize() {
    hf::interpreter python;
    hf::detail::interpreter_record &record = main_record();
    const std::size_t before = linked(record.door);
    failing first, second;
    record.children.add(first);
    record.children.add(second);
    const hf::finalize_report report = python.finalize(5s);
    CHECK(!report.finalized);
    CHECK(report.still_inside.size() == 2);
    for (const hf::attached_thread &row : report.still_inside)
        CHECK(row.where.find("could not be ended: no way out") != std::string::npos);
    CHECK(first.asked == 1 && second.asked == 1);
    CHECK(linked(record.door) == before);
    CHECK(record.door.count() == 0);
    record.children.remove(first);
    record.children.remove(second);
    CHECK(python.finalize(5s).finalized);
}

void at_the_exit_of_a_python_that_is_not_ours() {
    Py_InitializeEx(0);
    failing one;
    { const hf::attach_guard first_contact(hf::main_view()); }
    hf::detail::interpreter_record &record = main_record();
    record.children.add(one);
    int status = -1;
    const std::string said = said_on_stderr([&] { status = Py_FinalizeEx(); });
    CHECK(status == 0);
    CHECK(one.asked == 1);
    CHECK(said.find("HF219") != std::string::npos);
    CHECK(said.find("could not be ended: no way out") != std::string::npos);
    CHECK(record.door.count() == 0);
    record.children.remove(one);
}

}  // namespace

int main() {
    in_finalize();
    at_the_exit_of_a_python_that_is_not_ours();
}
