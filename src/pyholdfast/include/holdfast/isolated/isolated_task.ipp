// holdfast/isolated/isolated_task.ipp: the bodies of isolated_task.hpp.
#pragma once

#include <holdfast/isolated/isolated_task.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY std::exception_ptr reported_exception(const worker_answer &answer) {
    using kind = plain_value::kind;
    const plain_value all = read_plain(answer.pickle, {}, 16);
    // (type, message, traceback, exit status or -1)
    if (all.what != kind::tuple || all.items.size() != 4 || all.items[0].what != kind::text ||
        all.items[1].what != kind::text || all.items[2].what != kind::text ||
        all.items[3].what != kind::integer)
        throw malformed_answer("it describes no exception");
    raised texts;
    texts.type = all.items[0].text;
    texts.message = all.items[1].text;
    texts.traceback = all.items[2].text;
    if (texts.type == "SystemExit")
        texts.exit_code = static_cast<int>(all.items[3].integer);
    return std::make_exception_ptr(worker_python_error(std::move(texts)));
}

}  // namespace holdfast::detail
