// recursive.hpp: the aliases of the corpus that contain themselves, there and back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "check.hpp"
#include "headers/recursive.hpp"
#include "thrown.hpp"

inline void json() {
    using namespace corpus::recursive;
    using List = std::vector<Json>;
    using Dict = std::map<std::string, Json>;
    const Json value = Dict{{"price", 1.5}, {"tags", List{"a", 2, true, std::nullopt, Dict{}}}, {"empty", List{}}};
    CHECK(same(value) == value && leaves(value) == 5 && same(value) != Json(1));
    CHECK(same(true) == Json(true) && same(1) == Json(1) && same(1.0) == Json(1.0) && Json(1) != Json(1.0));
    CHECK(same(std::nullopt) == Json() && maybe() == Json() && maybe("x") == Json("x"));
    const Json back = same(value);
    const auto *const inside = back.get_if<Dict>();
    CHECK(inside != nullptr && inside->at("tags").get_if<List>()->at(1) == Json(2));
    CHECK(back.get_if<List>() == nullptr && Json().get_if<Dict>() == nullptr);
    CHECK(by_name({{"b", 2}, {"a", "x"}}) == List({"x", 2}));

    Json deep = 1;
    const auto wrap = [&deep](int times) {  // List{...} would copy all that is inside
        for (; times > 0; --times) {
            List outer;
            outer.push_back(std::move(deep));
            deep = std::move(outer);
        }
    };
    wrap(900);
    CHECK(same(deep) == deep);
    wrap(200);
    CHECK(thrown_code<holdfast::conversion_error>([&] { same(deep); }) == "HF401");
    CHECK(thrown_code<holdfast::conversion_error>([] { ring(); }) == "HF403");

    std::string message;
    try {
        wrong();
    } catch (const holdfast::conversion_error &problem) {
        message = problem.what();
    }
    CHECK(message.find("corpus.recursive.wrong()['a'][1]['b']: wanted dict or list or str or int or float or bool, "
                       "found bytes") != std::string::npos);
}

inline void recursive() {
    using namespace corpus::recursive;
    json();
    CHECK(depth(std::vector<Nested>{{}, std::vector<Nested>{Nested()}}) == 3);
    using Operation = std::tuple<std::string, holdfast::boxed<Expression>, holdfast::boxed<Expression>>;
    const Expression three = Operation("+", Expression(1), Expression(2));
    const Expression twelve = Operation("*", three, Expression(4));
    CHECK(evaluate(twelve) == 12 && evaluate(5) == 5 && flipped(flipped(twelve)) == twelve);
    CHECK(std::get<1>(*flipped(twelve).get_if<Operation>())->get_if<std::int64_t>() != nullptr);
    const Folder folder = std::map<std::string, Entry>{
        {"a", 5}, {"b", Folder(std::map<std::string, Entry>{{"c", 6}})}};
    CHECK(size(folder) == 11 && *find(folder, "a") == Entry(5) && !find(1, "a"));
    const auto outer = std::get<Section>(outline({"x", "y"}));
    CHECK(titles(outer) == std::vector<std::string>({"x", "y"}));
}
