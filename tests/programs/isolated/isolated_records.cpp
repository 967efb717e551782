// isolated_executor: records, enums and literals of generated headers cross, and only their own classes.
#include <holdfast/calls.hpp>
#include <holdfast/convert.hpp>
#include <holdfast/isolated.hpp>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using holdfast::function;

namespace {

const char *const app = R"(
import dataclasses, decimal, enum, typing, uuid

class Side(enum.Enum):
    BUY = "b"
    SELL = "s"
class Flags(enum.Flag):
    A = 1
    B = 2
class Level(enum.IntEnum):
    LOW = 1
class Point(typing.NamedTuple):
    x: float
    y: float
@dataclasses.dataclass
class Order:
    name: str
    sides: list
    at: Point
    options: dict
    inner: "Order | None" = None
    count: int = dataclasses.field(init=False, default=0)
    def __post_init__(self): self.count = len(self.sides)
class Better(Order): pass

def same(value): return value
def check(order):
    assert type(order) is Order and type(order.at) is Point, order
    assert all(type(one) is Side for one in order.sides)
    return Better("made", [Side.SELL], Point(1, 2), {"k": 1}, order)
def low(): return Level.LOW
def point(): return Point(1, 2)
)";

enum class side { buy, sell };
enum class flags : int {};
enum class mode { fast, slow, none };
struct point {
    double x;
    double y;
};
struct order {
    std::string name;
    std::vector<side> sides;
    point at{};
    std::map<std::string, int> options;
    holdfast::boxed<order> inner;
    std::int64_t count = 0;
};

}  // namespace

template <>
struct holdfast::enumeration<side> {
    static constexpr const char *module = "app";
    static constexpr const char *name = "Side";
    static constexpr const char *members[] = {"BUY", "SELL"};
    static constexpr side values[] = {side::buy, side::sell};
    static constexpr bool is_flag = false;
};
template <>
struct holdfast::enumeration<flags> {
    static constexpr const char *module = "app";
    static constexpr const char *name = "Flags";
    static constexpr const char *members[] = {"A", "B"};
    static constexpr flags values[] = {flags{1}, flags{2}};
    static constexpr bool is_flag = true;
};
template <>
struct holdfast::literal<mode> {
    static constexpr holdfast::literal_value texts[] = {"fast", 7, nullptr};
    static constexpr mode values[] = {mode::fast, mode::slow, mode::none};
};
template <>
struct holdfast::record<point> : holdfast::named_tuple {
    static constexpr const char *module = "app";
    static constexpr const char *name = "Point";
    static constexpr const char *fields[] = {"x", "y"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.x);
        each(value.y);
    }
};
template <>
struct holdfast::record<order> : holdfast::dataclass {
    static constexpr const char *module = "app";
    static constexpr const char *name = "Order";
    static constexpr const char *fields[] = {"name", "sides", "at", "options", "inner", "count"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.name);
        each(value.sides);
        each(value.at);
        each(value.options);
        each(value.inner);
        each.computed(value.count);
    }
};

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    holdfast::isolated_executor pool(with_workers(1, folder));

    const function<order(order)> check{"app", "check"};
    const order sent{"sent", {side::buy, side::sell}, {0.5, -1}, {{"a", 1}}, {}, 0};
    const order got = pool.call(check, sent);
    CHECK(got.name == "made" && got.sides == std::vector<side>{side::sell} && got.count == 1);
    CHECK(got.at.x == 1 && got.at.y == 2 && got.options.at("k") == 1);
    CHECK(got.inner && got.inner->name == "sent" && got.inner->count == 2 && !got.inner->inner);

    const auto same = [&](auto value) {
        return pool.submit_named<decltype(value)>("app", "same", value).get() == value;
    };
    CHECK(same(side::sell) && same(flags{3}) && same(mode::fast) && same(mode::slow));
    CHECK(same(mode::none));
    CHECK(same(holdfast::uuid{{1, 2, 3}}) && same(holdfast::decimal{"-12.50"}));
    CHECK(same(holdfast::byte_array{"abc"}));
    CHECK(pool.submit_named<int>("app", "low").get() == 1);
    CHECK(pool.submit_named<point>("app", "point").get().y == 2);
    CHECK(pool.submit_named<std::pair<double, double>>("app", "point").get().second == 2);

    CHECK_THROWS(holdfast::conversion_error, pool.submit_named<order>("app", "low").get());
    CHECK_THROWS(holdfast::conversion_error, pool.submit_named<side>("app", "low").get());
    CHECK_THROWS(holdfast::conversion_error,
                 pool.submit_named<mode>("app", "same", "slow and steady").get());
    CHECK_THROWS(holdfast::conversion_error, (void)pool.submit_named<side>("app", "same", side{9}));
}
