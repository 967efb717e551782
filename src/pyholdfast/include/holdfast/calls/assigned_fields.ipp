// holdfast/calls/assigned_fields.ipp: the bodies of assigned_fields.hpp.
#pragma once

#include <holdfast/calls/assigned_fields.hpp>

#include <utility>

#include <holdfast/objects/python_source.hpp>

namespace holdfast::detail {

// Two functions with the same code do the same. So Python makes another dataclass with these fields
// and no more, and its __init__ is compared with that of the class, which may be the class's own.
inline constexpr const char *assigning_init_source = R"(
import dataclasses

parts = ("co_code", "co_consts", "co_names", "co_varnames", "co_freevars", "co_argcount",
         "co_kwonlyargcount")

def assigning_init(cls, names):
    if not (isinstance(cls, type) and dataclasses.is_dataclass(cls)):
        return None
    fields = dataclasses.fields(cls)
    code = getattr(cls.__init__, "__code__", None)
    parameters = getattr(cls, "__dataclass_params__", None)
    # In the order in which they are assigned; and what a default's class does with its owner stays so.
    if (code is None or parameters is None or names != tuple(field.name for field in fields)
            or any(hasattr(type(field.default), "__set_name__") for field in fields)):
        return None
    try:
        twin = dataclasses.make_dataclass(
            "twin",
            [(field.name, object,
              dataclasses.field(default=field.default, default_factory=field.default_factory,
                                kw_only=field.kw_only))
             for field in fields],
            namespace={"__doc__": "Has these fields."}, repr=False, eq=False,
            frozen=parameters.frozen)
    except (TypeError, ValueError):  # a default that is no longer allowed
        return None
    other = twin.__init__.__code__
    if any(getattr(code, part) != getattr(other, part) for part in parts):
        return None
    return cls.__init__, "__init__", parameters.frozen, code
)";

HOLDFAST_DETAIL_COLD_BODY findings find_dataclass(const callee &type, std::size_t count) {
    findings found = find_function(type, count);
    const owned find = demand(
        defined_by(assigning_init_source, "<holdfast dataclass>", "assigning_init").release());
    PyObject *const names = PyTuple_GET_ITEM(found.keywords.get(), static_cast<Py_ssize_t>(count));
    owned init =
        demand(PyObject_CallFunctionObjArgs(find.get(), found.callable.get(), names, nullptr));
    if (init.get() != Py_None)
        found.init = std::move(init);
    return found;
}

}  // namespace holdfast::detail
