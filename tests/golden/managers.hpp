// managers.hpp: the context managers of the corpus, entered and left.
#pragma once

#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "check.hpp"
#include "headers/managers.hpp"
#include "thrown.hpp"

inline void blocks_of_coroutines() {
    using namespace corpus::managers;
    const Session session("s");
    {
        const auto open = session.enter_async().get();
        CHECK(open->send("x").get() == "s open: x" && *open == session);
    }
    CHECK(session.state() == "s closed");

    auto open = session.enter_async().get();
    open.close();
    CHECK(session.state() == "s closed");
    session.set_state("left once");
    open.close();
    CHECK(session.state() == "left once" && !open.close_async().valid());

    auto again = session.enter_async().get();
    holdfast::task<> leaving = again.close_async();
    leaving.get();
    CHECK(session.state() == "s closed");

    try {
        const auto failing = session.enter_async().get();
        throw std::runtime_error("native");
    } catch (const std::runtime_error &) {
        CHECK(session.state() == "s failed");
    }
    CHECK(thrown_code<holdfast::python_error>([] { (void)Session("").enter_async().get(); }) == "HF400");
    const Session stubborn("t", true);
    auto kept = stubborn.enter_async().get();
    CHECK(thrown_code<holdfast::python_error>([&] { kept.close(); }) == "HF400");
}

/// On the loop's thread, which must not wait for itself, a block is left later.
inline void block_within_the_loop() {
    using namespace corpus::managers;
    const Session session("l");
    std::promise<void> seen;
    session.enter_async().then([&seen](std::future<holdfast::async_entered<Session>> ready) {
        const auto open = ready.get();
        CHECK(open->state() == "l open");
        seen.set_value();
    });
    std::future<void> done = seen.get_future();
    done.wait();
    while (session.state() != "l closed")
        CHECK(session.send("").get().front() == 'l');  // a turn of the loop each
    const Wrong wrong("w");
    CHECK(thrown_code<holdfast::conversion_error>([&] { (void)wrong.enter_async().get(); }) == "HF403");
    while (wrong.state() != "w failed")
        CHECK(wrong.send("").get().front() == 'w');
}

inline void managers() {
    using namespace corpus::managers;
    blocks_of_coroutines();
    block_within_the_loop();
    const Either either = Either::create();
    {
        const auto number = either.enter();
        const auto text = either.enter_async().get();
        CHECK(*number == 5 && *text == "five");
    }
    CHECK(either.steps() == std::vector<std::string>({"enter", "aenter", "aexit", "exit"}));

    const Session log("log");
    {
        const auto in = section(log, "a").enter();
        CHECK(*in == "in a" && log.state() == "a");
    }
    CHECK(log.state() == "log new, a");
    CHECK(enter_all(nested(log, {"b", "c"})) == std::vector<std::string>({"in b", "in c"}));
    {
        const auto open = connection(log, "host").enter_async().get();
        CHECK(open->state() == "connecting host");
    }
    CHECK(log.state() == "left host");
}
