// host.cpp: every module of the corpus, called from several threads at once.
#include <holdfast/interpreter.hpp>

#include "aliases.hpp"
#include "arguments.hpp"
#include "arrays.hpp"
#include "callables.hpp"
#include "classes.hpp"
#include "containers.hpp"
#include "coroutines.hpp"
#include "enums.hpp"
#include "iterators.hpp"
#include "managers.hpp"
#include "overloads.hpp"
#include "records.hpp"
#include "recursive.hpp"
#include "reserved.hpp"
#include "scalars.hpp"
#include "text.hpp"
#include "tuples_and_dicts.hpp"
#include "unions.hpp"
#include "unmapped.hpp"
#include "values.hpp"
#include "variadic.hpp"
#include "views.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"

using holdfast::use_default;

namespace {

void simple_values() {
    using namespace corpus;
    static_assert(scalars::LIMIT == 1000 && scalars::ENABLED && scalars::NAME == "corpus");
    CHECK(scalars::add(2, 3) == 5);
    CHECK(scalars::halve(1) == 0.5);
    CHECK(!scalars::negate(true));
    CHECK(scalars::conjugate({1, 2}) == std::complex<double>(1, -2));
    scalars::nothing();
    CHECK(scalars::is_nothing(nullptr));
    CHECK(scalars::byte_and_word(255, 1) == 256);
    CHECK(thrown_code<holdfast::error>([] { scalars::byte_and_word(256, 1); }) == "HF402");
    CHECK(scalars::single(0.5F) == 0.5F);
    CHECK(thrown_code<holdfast::error>([] { scalars::too_large(); }) == "HF402");
    CHECK(text::join("a", "ö") == "aö");
    CHECK(text::decode(text::encode("ß")) == "ß");
    CHECK(text::grow({"a"}).data == "a!");
    CHECK(text::quoted() == "päth\\name");
    CHECK(thrown_code<holdfast::error>([] { text::not_text(); }) == "HF403");
    CHECK(reserved::switch_(false) && reserved::größe(2) == 4);
    CHECK(reserved::delete_({1, "x", 2}, reserved::namespace_::EOF_).int_ == 2);
}

void containers() {
    using namespace corpus::containers;
    CHECK(doubled({1, 2.5}) == std::vector<double>{2, 5});
    CHECK(part({1, 2, 3, 4}, 1, 3) == std::vector<std::int64_t>{2, 3});
    CHECK(total({1, 2, 3}) == 6 && count({"a", "b"}) == 2);
    CHECK(inverted({{"a", 1}}) == std::map<std::int64_t, std::string>{{1, "a"}});
    CHECK(longest({{"a", {1, 2}}}).at("a") == 2);
    CHECK(nested({{"a", {{"b", 1}}}}).at(0).at("b") == 1);
    CHECK(unique({1, 1, 2}) == std::set<std::int64_t>{1, 2});
    CHECK(common(std::set<std::string>{"a", "b"}, {"b"}) == std::set<std::string>{"b"});
    CHECK(swap({1, "x"}) == std::tuple<std::string, std::int64_t>("x", 1));
    CHECK(empty() == std::tuple<>());
    CHECK(row(std::vector<std::int64_t>{1, 2}) == std::vector<double>{0.5, 1});
    CHECK(rows({{{1, 2}, "a"}}).size() == 1);
    CHECK(matrix(2) == std::vector<std::vector<std::int64_t>>{{1, 0}, {0, 1}});
    CHECK(old_names({1}, {{"a", {2}}}, std::vector<std::int64_t>{3}) == std::set<std::int64_t>{1, 2, 3});
}

void records() {
    using namespace corpus::records;
    const Book book{"EUR", {{1.5, 2}, {2, 1, Side::SELL, "x"}}, Level{1.5, 2}, true, 0};
    CHECK(price(book) == 5);
    CHECK(Book_value(book) == 5);
    CHECK(Book_scaled(book, 2).levels.front().price == 3);
    CHECK(Book_empty("CHF").symbol == "CHF" && Book_name_of(Side::SELL) == "sell");
    const Book made = make_book("USD", 3);
    CHECK(made.count == 3 && made.levels == levels(3) && made.best == made.levels[0]);
    const auto list = chain(3);
    CHECK(list && list->value == 1 && list->children.at(0).value == -1 && length(*list) == 3);
    CHECK(cross({Right{"r", {}}}).name == "r" && cross({}).name == "none");
    Named named;
    named.price = 2;
    named.name = "n";
    CHECK(name_of(named) == "n 2");
    CHECK(extent({3, 4}) == Pair_float{1.5, 2});
    CHECK(by_level({{1, 1}, {2, 2}}).at({2, 2}) == 1);
    CHECK(nothing({}) == Empty{});
    CHECK(reserved({}).default_ == 5);
    const Stamped filled = stamped({"a", {}, {}});
    CHECK(filled.stamp == 7.0 && filled.limits->size() == 2 && filled.ratio == 0.5);
    CHECK(stamped({"a", 1.0, {}}).stamp == 1.0);
    std::string message;
    try {
        broken();
    } catch (const holdfast::conversion_error &problem) {
        message = problem.what();
    }
    CHECK(message.find(".levels[1].price: wanted float, found str") != std::string::npos);
}

void views() {
    using namespace corpus::views;
    const auto mode = literal_grid_view_context_manager::grid_view;
    const Visit first{page_view{2, mode}, list_view::NARROW};
    const Visit second{page_view{1, mode}, list_view::WIDE};
    CHECK(distinct({first, second, first}) == std::set<Visit>({second, first}));
    CHECK(second < first && first != second && first == first);
    CHECK(count({{list_view::WIDE, 1}, {list_view::NARROW, 2}}, {literal_grid_view_list::list}) == 3);
}

void other_records() {
    using namespace corpus::tuples_and_dicts;
    CHECK(moved({1, 2}, 3) == Point{4, 2});
    CHECK(middle({{0, 0}, {2, 4}}) == Point{1, 2});
    CHECK(describe({"u", {std::nullopt, "n"}, 3}) == "u ['name'] 3");
    CHECK(describe({"u", {}, {}}) == "u [] None");
    CHECK(!options(std::nullopt).depth && options(5).depth == 5);
    CHECK(header("text").content_type == "text");
}

void enumerations() {
    using namespace corpus::enums;
    CHECK(invert(Color::RED) == Color::GREEN && invert(Color::GREEN) == Color::RED);
    CHECK(raised(Level::LOW) == Level::MIDDLE && static_cast<int>(raised(Level::MIDDLE)) == 6);
    CHECK(merged(Access::READ, Access::WRITE) == Access::ALL);
    CHECK(bits(Bits::A | Bits::C) == std::vector<Bits>{Bits::A, Bits::C});
    CHECK(shape("SQUARE") == Shape::SQUARE);
    CHECK(run(Mode::slow) == Mode::slow && run(Mode::slow, literal_0_1_2::value_2) == Mode::fast);
    CHECK(answer(true) == literal_yes_no_None::yes && answer(false) == literal_yes_no_None::none);
    CHECK(table().at(Color::RED) == Level::LOW);
}

void unions() {
    using namespace corpus::unions;
    CHECK(kind(std::int64_t(1)) == "int" && kind(std::string("a")) == "str" && kind(holdfast::bytes{"a"}) == "bytes");
    CHECK(std::get<double>(number("1.5")) == 1.5 && std::get<std::int64_t>(number("2")) == 2);
    CHECK(maybe(5) == 5 && !maybe(std::nullopt));
    CHECK(!either(std::nullopt) && std::get<std::vector<std::string>>(*either(std::vector<std::string>{"a"}))[0] == "a");
    CHECK(record(corpus::records::Node{}) && !record(corpus::records::Level{}));
    CHECK(inside({std::int64_t(1), std::string("a")}).at("1") == 1);
    CHECK(std::get<std::string>(same(std::string("a"))) == "a");
}

void arguments() {
    using namespace corpus::arguments;
    CHECK(plain(5, 3) == 2);
    CHECK(with_defaults("a") == "a 10 False" && with_defaults("a", use_default, true) == "a 10 True");
    CHECK(keyword_only(1, 2) == 123 && keyword_only(1, 2, 4) == 124);
    CHECK(required_after_default(use_default, 2) == 123 && required_after_default(4, 2, 5) == 425);
    CHECK(position_only(1) == 12 && position_only_defaults() == 12 && position_only_defaults(3) == 32);
    CHECK(optional() == "None x" && optional(5, std::nullopt) == "5 None");
    CHECK(computed(1.0) == 4);
    CHECK(reserved(1, 1, 1, 1) == 4);
    CHECK(corpus::aliases::user("abc") == 3 && corpus::aliases::prices({0.5}).at("0.5") == 0.5);
    CHECK(corpus::aliases::port(80) == 80);
    CHECK(thrown_code<holdfast::error>([] { corpus::aliases::port(65536); }) == "HF402");
    CHECK(corpus::aliases::neighbours(corpus::records::make_book("E", 2), corpus::enums::Color::RED).size() == 2);
    CHECK(corpus::unmapped::still_bound(1) == 2);
}

void values() {
    using namespace corpus::values;
    using std::chrono::hours;
    CHECK(tomorrow({2024, 2, 28}) == holdfast::date{2024, 2, 29});
    const holdfast::date_time moment{{2024, 1, 1}, {23, 0, 0, 0, hours(2), false}};
    CHECK(later(moment, hours(2)) == holdfast::date_time{{2024, 1, 2}, {1, 0, 0, 0, hours(2), false}});
    CHECK(noon().minute == 30);
    CHECK(between({2024, 1, 1}, {2024, 1, 3}) == hours(48));
    CHECK(exact({"1.10"}, {"3"}).text == "3.30");
    CHECK(same_id({{1, 2}}) == holdfast::uuid{{1, 2}});
    CHECK(parent("/a/b") == "/a");
    CHECK(calendar({{2024, 1, 1}}).begin()->second == "2024-01-01");
    CHECK(timetable({{{2024, 1, 2}, {}}, {{2024, 1, 1}, {}}}).begin()->first.day.day == 1);
}

void callables() {
    using namespace corpus::callables;
    CHECK(apply([](std::int64_t value, const std::string &text) { return double(value) + double(text.size()); }, 1) == 5);
    CHECK(multiplier(3)(4) == 12);
    CHECK(walk({"a", "b", "c"}, [](const std::string &name, std::int64_t) { return name != "b"; }) == 1);
    std::int64_t sum = 0;
    each({1, 2}, [&] { sum *= 10; }, [&](std::int64_t value) { sum += value; });
    CHECK(sum == 30);
    const auto plus = [](std::int64_t value) { return value + 1; };
    CHECK(compose(plus, plus)({1, 2}) == std::vector<std::int64_t>{3, 4});
    CHECK(corpus::overloads::parse("7") == 7);
    CHECK(corpus::overloads::parse(holdfast::bytes{"11"}, 2) == 3);
    CHECK(corpus::overloads::parse(std::vector<std::string>{"1"}) == std::vector<std::int64_t>{1});
    CHECK(corpus::overloads::twice(5) == 10 && corpus::overloads::twice("5", "-") == "5-5");
    using corpus::overloads::kind;
    CHECK(kind(true) == "bool 0" && kind(5) == "int 0" && kind(5U) == "int 0");
    CHECK(kind(1.5) == "float 0" && kind(1.5F, 2) == "float 2");
    using corpus::overloads::Meter;
    CHECK(Meter(5).put(true) == "int 0, bool 0" && Meter(0.5).put(7L) == "float 0, int 0");
}

void iterators() {
    using namespace corpus::iterators;
    std::int64_t sum = 0;
    for (const std::int64_t value : squares(1000))
        sum += value;
    CHECK(sum == 332833500);
    std::string all;
    for (const std::string &word : words("a b c"))
        all += word;
    CHECK(all == "abc");
    for (const std::int64_t value : countdown(3))
        sum -= value;
    CHECK(sum == 332833494);
    double last = 0;
    for (const double value : running(holdfast::range<double>(std::vector<double>{1, 2, 3})))
        last = value;
    CHECK(last == 6);
    double prices = 0;
    for (const corpus::records::Level &level : levels(3))
        prices += level.price;
    CHECK(prices == 3 && first({"x"}) == "x" && !first({}));
    std::int64_t seen = 0;
    CHECK(thrown_code<holdfast::python_error>([&] {
              for (const std::int64_t value : fails(2))
                  seen += value + 1;
          }) == "HF400");
    CHECK(seen == 3);
}

void variadic() {
    using namespace corpus::variadic;
    CHECK(total({1, 2.5}) == 3.5 && total() == 0);
    CHECK(table({{"a", 1}}).at("a") == 1);
    CHECK(both(1, {"a"}, true, ".", {{"k", 2}}) == "1.a.True.k=2");
}

void classes() {
    using namespace corpus::classes;
    Counter counter(5, 2);
    CHECK(counter.add().add(2).value() == 11 && counter.step() == 2);
    counter.set_step(1);
    CHECK(counter.step() == 1 && counter.name() == "counter 11" && counter.size() == 11);
    CHECK(counter("x") == "x 11" && Counter::parse("7").value() == 7 && Counter::zero().value() == 0);
    std::int64_t sum = 0;
    for (const std::int64_t value : counter.each(3))
        sum += value;
    CHECK(sum == 36);
    CHECK(counter.owner() && !Counter::zero().owner());
    const std::optional<Counter> fast = make(true);
    CHECK(fast && fast->add().value() == 3 && !make(false));
    CHECK(Fast(1).add().value() == 3);
    CHECK(total({counter, Counter(1)}) == 12);
    const Owner owner = Owner::create(std::vector<Counter>{counter});
    {
        const auto inside = owner.enter();
        CHECK(inside->total() == 11);
    }
    CHECK(owner.total() == 0 && Owner::create().total() == 0);
    CHECK(Owner_Inner::create().hello() == "hello" && Seeded(4).value() == 8);
    try {
        counter.add(-100);
        CHECK(false);
    } catch (const holdfast::python_error &problem) {
        CHECK(CounterError.matches(problem) && !DeepError.matches(problem));
    }
}

void coroutines() {
    using namespace corpus::coroutines;
    CHECK(double_(4).get() == 8);
    nothing().get();
    CHECK(later("x").get() == "X" && corpus::classes::Counter(3).wait().get() == 3);
    std::int64_t sum = 0;
    for (const std::int64_t value : ticks(4))
        sum += value;
    CHECK(sum == 6);
    CHECK(thrown_code<holdfast::python_error>([] { fails().get(); }) == "HF400");
}

void arrays() {
    using namespace corpus::arrays;
    std::vector<double> values{1, 2, 3};
    scale({values.data(), {3}, nullptr}, 2);
    CHECK(values == std::vector<double>({2, 4, 6}));
    CHECK(ramp(5).data()[4] == 4);
    CHECK(matrix(2, 3)(1, 2) == 5);
    CHECK(size(holdfast::memory_view(std::string("abc"))) == 3);
}

void everything(bool has_numpy) {
    simple_values();
    containers();
    records();
    views();
    other_records();
    enumerations();
    unions();
    arguments();
    values();
    callables();
    iterators();
    variadic();
    classes();
    coroutines();
    managers();
    recursive();
    if (has_numpy)
        arrays();
}

}  // namespace

int main(int argc, char **argv) {
    CHECK(argc > 1);
    holdfast::interpreter_config config;
    config.module_search_paths = {argv[1]};
    if (argc > 2)
        config.executable = argv[2];
    holdfast::interpreter python(config);
    const bool has_numpy = argc > 2;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int turn = 0; turn < 3; ++turn)
                everything(has_numpy);
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(python.finalize(std::chrono::seconds(20)));
}
