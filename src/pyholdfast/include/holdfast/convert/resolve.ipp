// holdfast/convert/resolve.ipp: the bodies of resolve.hpp.
#pragma once

#include <holdfast/convert/resolve.hpp>

#include <holdfast/error.hpp>
#include <holdfast/platform/rethrow.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY PyObject *make_keyword_tuples(const char *const *names,
                                                        std::size_t count) noexcept {
    owned all(PyTuple_New(static_cast<Py_ssize_t>(count)));
    for (std::size_t i = 0; all && i < count; ++i) {
        PyObject *const name = PyUnicode_InternFromString(names[i]);
        if (name == nullptr)
            return nullptr;
        PyTuple_SET_ITEM(all.get(), static_cast<Py_ssize_t>(i), name);
    }
    owned prefixes(all ? PyTuple_New(static_cast<Py_ssize_t>(count) + 1) : nullptr);
    for (std::size_t i = 0; prefixes && i <= count; ++i) {
        PyObject *const prefix = PyTuple_GetSlice(all.get(), 0, static_cast<Py_ssize_t>(i));
        if (prefix == nullptr)
            return nullptr;
        PyTuple_SET_ITEM(prefixes.get(), static_cast<Py_ssize_t>(i), prefix);
    }
    return prefixes.release();
}

/// Whether the exception says that `module`, or a package that contains it, cannot be found.
HOLDFAST_DETAIL_COLD inline bool is_not_found(PyObject *exception, const std::string &module) {
    if (PyErr_GivenExceptionMatches(exception, PyExc_ModuleNotFoundError) == 0)
        return false;
    const std::string missing = utf8_of_attribute(exception, "name");
    return module == missing || module.compare(0, missing.size() + 1, missing + '.') == 0;
}

HOLDFAST_DETAIL_COLD_BODY owned import_module(const char *name) {
    owned module(PyImport_ImportModule(name));
    if (module)
        return module;
    owned problem(take_exception());
    const bool is_missing = problem && is_not_found(problem.get(), name);
    if (problem)
        set_exception(problem.release());
    if (is_missing)
        throw lookup_error(
            "HF404", std::string("there is no module '") + name + '\'',
            "check the spelling and sys.path: interpreter_config::module_search_paths "
            "puts folders in front of it");
    throw_python_error();
}

/// The callable at a dotted path in a module.
/// \throws lookup_error, python_error
HOLDFAST_DETAIL_COLD inline owned find_callable(const char *module_name, const char *path) {
    owned found = import_module(module_name);
    std::string reached = module_name;
    for (std::string_view rest = path; !rest.empty();) {
        const std::string part(rest.substr(0, rest.find('.')));
        rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : rest.size());
        owned next(PyObject_GetAttrString(found.get(), part.c_str()));
        if (!next) {
            if (PyErr_ExceptionMatches(PyExc_AttributeError) == 0)
                throw_python_error();
            throw lookup_error("HF404",
                               "module '" + std::string(module_name) + "' has no function '" +
                                   path + "': '" + reached + "' has no '" + part + '\'',
                               "check the spelling, and that the right module was found: '" +
                                   std::string(module_name) + ".__file__' says which");
        }
        found = std::move(next);
        reached += '.' + part;
    }
    if (PyCallable_Check(found.get()) == 0) {
        const std::string type = name_of_type(Py_TYPE(found.get()));
        // The message that a call would give
        PyErr_Format(PyExc_TypeError, "'%s' object is not callable", type.c_str());
        throw lookup_error("HF405", '\'' + reached + "' is not callable: it is " + type,
                           "name a function or a class; read a plain value with eval<T>()");
    }
    return found;
}

HOLDFAST_DETAIL_COLD_BODY findings find_function(const callee &call, std::size_t keyword_count) {
    findings made;
    try {
        made.callable = find_callable(call.module, call.name);
    } catch (const lookup_error &) {
        if (call.expected != nullptr)
            call.expected->check(nullptr, call);
        rethrow();
    }
    if (call.expected != nullptr)
        call.expected->check(made.callable.get(), call);
    if (keyword_count > 0)
        made.keywords = demand(make_keyword_tuples(call.keywords, keyword_count));
    return made;
}

HOLDFAST_DETAIL_COLD_BODY const resolved &lookup_cache::find_further(
    interpreter_ref here, const callee &call, std::size_t keyword_count,
    findings (*make)(const callee &, std::size_t)) {
    for (resolved *entry = first_.next.load(std::memory_order_acquire); entry != nullptr;
         entry = entry->next.load(std::memory_order_acquire))
        if (entry->generation.load(std::memory_order_acquire) == here.generation)
            return *entry;
    if (here.record == nullptr)
        throw closed_error(closed_reason::finalizing);
    // This runs Python, and other threads run meanwhile: no lock is held, and they may do the same.
    findings made = make(call, keyword_count);
    return publish(here, made);
}

HOLDFAST_DETAIL_BODY const resolved &lookup_cache::publish(interpreter_ref here, findings &made) {
    const std::lock_guard<std::mutex> hold(publishing);
    resolved &entry = entry_for(*here.record);
    if (entry.generation.load(std::memory_order_relaxed) != here.generation) {
        entry.callable = made.callable.release();
        entry.keywords = made.keywords.release();
        entry.init = made.init.release();
        entry.generation.store(here.generation, std::memory_order_release);
    }
    return entry;
}

HOLDFAST_DETAIL_BODY resolved &lookup_cache::entry_for(interpreter_record &record) {
    resolved *last = nullptr;
    for (resolved *entry = &first_; entry != nullptr;
         entry = entry->next.load(std::memory_order_relaxed)) {
        interpreter_record *const its = entry->record.load(std::memory_order_relaxed);
        if (its == nullptr || its == &record) {
            entry->record.store(&record, std::memory_order_relaxed);
            return *entry;
        }
        last = entry;
    }
    auto *const fresh = new resolved;
    fresh->record.store(&record, std::memory_order_relaxed);
    last->next.store(fresh, std::memory_order_release);
    return *fresh;
}

HOLDFAST_DETAIL_BODY void lookup_cache::drop(const resolved &entry) noexcept {
    const interpreter_ref home{entry.record.load(std::memory_order_acquire),
                               entry.generation.load(std::memory_order_acquire)};
    if (entry.callable != nullptr)
        drop_reference(home, entry.callable);
    if (entry.keywords != nullptr)
        drop_reference(home, entry.keywords);
    if (entry.init != nullptr)
        drop_reference(home, entry.init);
}

}  // namespace holdfast::detail
