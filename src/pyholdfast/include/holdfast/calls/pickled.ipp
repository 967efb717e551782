// holdfast/calls/pickled.ipp: the bodies of pickled.hpp.
#pragma once

#include <holdfast/calls/pickled.hpp>

#include <memory>
#include <string>
#include <utility>

#include <holdfast/error.hpp>
#include <holdfast/platform/rethrow.hpp>

namespace holdfast {

HOLDFAST_DETAIL_BODY pickled::pickled(const object &value) {
    if (!value)
        detail::refuse_empty("holdfast::pickled");
    const attach_guard attached(value.view());
    static constexpr detail::callee here{"", "", "holdfast::pickled", "()"};
    *this = dump(value.get(), detail::value_path::argument(here, nullptr, 1));
}

HOLDFAST_DETAIL_BODY pickled pickled::from_bytes(std::string data) {
    pickled made;
    made.data_ = std::make_shared<const std::string>(std::move(data));
    return made;
}

HOLDFAST_DETAIL_BODY object pickled::load() const {
    const attach_guard attached;
    static constexpr detail::callee here{"", "", "holdfast::pickled::load", "()"};
    return object::steal(load_reference(detail::value_path::result(here, nullptr)));
}

HOLDFAST_DETAIL_BODY const std::string &pickled::data() const noexcept {
    static const std::string nothing;
    return data_ != nullptr ? *data_ : nothing;
}

HOLDFAST_DETAIL_BODY pickled pickled::dump(PyObject *value, const detail::value_path &where) {
    try {
        const detail::owned module = detail::demand(PyImport_ImportModule("pickle"));
        const detail::owned data =
            detail::demand(PyObject_CallMethod(module.get(), "dumps", "Oi", value, protocol));
        const bytes_view view = detail::converter<bytes_view>::from_python(data.get(), where);
        return from_bytes(std::string(view.data, view.size));
    } catch (const python_error &problem) {
        if (!detail::is_about_value(problem.exception().get()))
            detail::rethrow();
        throw conversion_error(
            "HF340", where.text() + ": cannot be pickled: " + headline(problem),
            "pass plain values, or objects of classes that pickle knows how to copy");
    }
}

HOLDFAST_DETAIL_BODY PyObject *pickled::load_reference(const detail::value_path &where) const {
    if (data_ == nullptr)
        throw usage_error("HF408", where.text() + ": an empty holdfast::pickled",
                          "test it, or make sure that it was given a value");
    try {
        const detail::owned module = detail::demand(PyImport_ImportModule("pickle"));
        const detail::owned view = detail::demand(PyMemoryView_FromMemory(
            const_cast<char *>(data_->data()), static_cast<Py_ssize_t>(data_->size()), PyBUF_READ));
        detail::owned value =
            detail::demand(PyObject_CallMethod(module.get(), "loads", "O", view.get()));
        // The unpickled object does not point into the bytes: protocol 5 copies what is not out of
        // band.
        return value.release();
    } catch (const python_error &problem) {
        if (!detail::is_about_value(problem.exception().get()))
            detail::rethrow();
        throw conversion_error(
            "HF341", where.text() + ": cannot be unpickled: " + headline(problem),
            "define its class in a module that the other interpreter can import, not in __main__");
    }
}

HOLDFAST_DETAIL_BODY std::string pickled::headline(const python_error &problem) {
    return problem.type() + ": " + problem.message().substr(0, problem.message().find('\n'));
}

}  // namespace holdfast
