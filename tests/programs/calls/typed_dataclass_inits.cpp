// A struct becomes an instance as a call of its dataclass would make it, whatever the class's __init__ does.
#include <holdfast/calls/record.hpp>
#include <holdfast/holdfast.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

constexpr const char *source = R"(
import abc, dataclasses, functools, typing

calls = []
def seen(x, y):
    calls.append((x, y))

@dataclasses.dataclass
class Plain:
    x: int
    y: int = 3

@dataclasses.dataclass
class Turned:  # in another order, so not by place
    y: int
    x: int

@dataclasses.dataclass(frozen=True)
class Frozen:
    x: int
    y: int

@dataclasses.dataclass(slots=True, frozen=True)
class Slots:
    x: int
    y: int

@dataclasses.dataclass(kw_only=True)
class KeywordOnly:
    x: int
    y: int

@dataclasses.dataclass
class Factory:
    x: int
    y: int = dataclasses.field(default_factory=lambda: seen(0, 0))

class Derived(Plain):
    pass

T = typing.TypeVar("T")

@dataclasses.dataclass
class General(typing.Generic[T]):
    x: T
    y: T

@dataclasses.dataclass
class PostInit:
    x: int
    y: int
    def __post_init__(self):
        seen(self.x, self.y)

@dataclasses.dataclass
class OwnInit:  # dataclass() leaves it alone
    x: int
    y: int
    def __init__(self, x, y):
        self.x = y
        self.y = x

@dataclasses.dataclass
class SameInit:
    x: int
    y: int
    def __init__(self, x, y):
        self.x = x
        self.y = y

@dataclasses.dataclass
class Wrapped:
    x: int
    y: int
made_init = Wrapped.__init__
@functools.wraps(made_init)
def wrapped(self, *given, **named):
    made_init(self, *given, **named)
    seen(self.x, self.y)
Wrapped.__init__ = wrapped

class Forwarding:  # has the code of a function, and is none
    def __init__(self, made):
        self.made = made
        self.__code__ = made.__code__
    def __get__(self, owner, cls):
        return self if owner is None else functools.partial(self, owner)
    def __call__(self, made, *given, **named):
        self.made(made, *given, **named)
        seen(made.x, made.y)

@dataclasses.dataclass
class Forwarded:
    x: int
    y: int
Forwarded.__init__ = Forwarding(Forwarded.__init__)

@dataclasses.dataclass
class OwnNew:
    x: int
    y: int
    def __new__(cls, *given, **named):
        seen(*named.values())
        return object.__new__(cls)

@dataclasses.dataclass
class OwnSet:
    x: int
    y: int
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        seen(name, value)

class Counting(type):
    def __call__(cls, *given, **named):
        seen(*named.values())
        return super().__call__(*given, **named)

@dataclasses.dataclass
class OwnCall(metaclass=Counting):
    x: int
    y: int

@dataclasses.dataclass
class Property:
    x: int
    y: int
Property.y = property(lambda self: self.__dict__["_y"],
                      lambda self, value: self.__dict__.update(_y=value + 1))

@dataclasses.dataclass
class Abstract(abc.ABC):
    x: int
    y: int
    @abc.abstractmethod
    def f(self): ...

@dataclasses.dataclass
class ReadOnly:
    x: int
    y: int
ReadOnly.y = property(lambda self: 1)

@dataclasses.dataclass
class Changed:
    x: int
    y: int

@dataclasses.dataclass
class Recoded:
    x: int
    y: int

class Owned:
    def __set_name__(self, owner, name):
        seen(owner.__name__, name)

@dataclasses.dataclass
class OwnedDefault:
    x: int
    y: object = Owned()

class NoDataclass:
    def __init__(self, x, y):
        self.x = x
        self.y = y

def made_by_function(x, y):
    return Plain(x, y)

calls.clear()

def kind(value):
    return f"{type(value).__name__} {value.x} {value.y} {list(vars(value)) if hasattr(value, '__dict__') else 'slots'}"

inits = []
def profile(frame, event, argument):
    if event == "call" and frame.f_code.co_name == "__init__":
        inits.append(type(frame.f_locals["self"]).__name__)

def change(way):
    def init(self, x, y):
        self.y = x
        self.x = y
    if way == "init":
        Changed.__init__ = init
    elif way == "code":  # as a module that is loaded again
        Recoded.__init__.__code__ = init.__code__
    elif way == "no init":
        del Changed.__init__
    elif way == "set":
        Plain.__setattr__ = OwnSet.__setattr__
    elif way == "new":
        Plain.__new__ = OwnNew.__new__
)";

enum class of {
    plain,
    turned,
    frozen,
    slots,
    keyword_only,
    factory,
    derived,
    general,
    post_init,
    own_init,
    same_init,
    wrapped,
    forwarded,
    own_new,
    own_set,
    own_call,
    property,
    abstract,
    read_only,
    changed,
    recoded,
    owned_default,
    no_dataclass,
    function,
};
constexpr const char *names[] = {
    "Plain",     "Turned",  "Frozen",   "Slots",        "KeywordOnly", "Factory",
    "Derived",   "General", "PostInit", "OwnInit",      "SameInit",    "Wrapped",
    "Forwarded", "OwnNew",  "OwnSet",   "OwnCall",      "Property",    "Abstract",
    "ReadOnly",  "Changed", "Recoded",  "OwnedDefault", "NoDataclass", "made_by_function",
};

template <of Which>
struct pair {
    std::int64_t x = 0;
    std::int64_t y = 0;
};

}  // namespace

template <of Which>
struct holdfast::record<pair<Which>> : holdfast::dataclass {
    static constexpr const char *module = "__main__";
    static constexpr const char *name = names[static_cast<std::size_t>(Which)];
    static constexpr const char *fields[2] = {"x", "y"};  // clang asks for the 2 in a template
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.x);
        each(value.y);
    }
};

namespace {

template <of Which>
std::string made() {
    static const holdfast::function<std::string(pair<Which>)> kind{"__main__", "kind"};
    return kind({1, 2});
}

std::string calls_of_python() {
    std::string text = holdfast::eval<std::string>("str(calls)");
    holdfast::exec("calls.clear()");
    return text;
}

template <of Which>
bool is(const char *expected, const char *calls = "[]") {
    const std::string text = made<Which>();
    const std::string called = calls_of_python();
    if (text == expected && called == calls)
        return true;
    std::printf("%s, calls %s\n", text.c_str(), called.c_str());
    return false;
}

void all_kinds() {
    CHECK(is<of::plain>("Plain 1 2 ['x', 'y']"));
    CHECK(is<of::turned>("Turned 1 2 ['y', 'x']"));
    CHECK(is<of::frozen>("Frozen 1 2 ['x', 'y']"));
    CHECK(is<of::slots>("Slots 1 2 slots"));
    CHECK(is<of::keyword_only>("KeywordOnly 1 2 ['x', 'y']"));
    CHECK(is<of::factory>("Factory 1 2 ['x', 'y']"));
    CHECK(is<of::derived>("Derived 1 2 ['x', 'y']"));
    CHECK(is<of::general>("General 1 2 ['x', 'y']"));
    CHECK(is<of::post_init>("PostInit 1 2 ['x', 'y']", "[(1, 2)]"));
    CHECK(is<of::own_init>("OwnInit 2 1 ['x', 'y']"));
    CHECK(is<of::same_init>("SameInit 1 2 ['x', 'y']"));
    CHECK(is<of::wrapped>("Wrapped 1 2 ['x', 'y']", "[(1, 2)]"));
    CHECK(is<of::forwarded>("Forwarded 1 2 ['x', 'y']", "[(1, 2)]"));
    CHECK(is<of::own_new>("OwnNew 1 2 ['x', 'y']", "[(1, 2)]"));
    CHECK(is<of::own_set>("OwnSet 1 2 ['x', 'y']", "[('x', 1), ('y', 2)]"));
    CHECK(is<of::own_call>("OwnCall 1 2 ['x', 'y']", "[(1, 2)]"));
    CHECK(is<of::property>("Property 1 3 ['x', '_y']"));
    CHECK(is<of::owned_default>("OwnedDefault 1 2 ['x', 'y']"));
    CHECK(is<of::no_dataclass>("NoDataclass 1 2 ['x', 'y']"));
    CHECK(is<of::function>("Plain 1 2 ['x', 'y']"));
    CHECK(thrown_text<holdfast::python_error>([] {
              (void)made<of::abstract>();
          }).find("abstract") != std::string::npos);
    CHECK(thrown_text<holdfast::python_error>([] {
              (void)made<of::read_only>();
          }).find("AttributeError") != std::string::npos);
}

/// The call is left out where nothing can be seen of it but by a tool like this.
void calls_left_out() {
    holdfast::exec("import sys; sys.setprofile(profile)");
    (void)made<of::plain>();
    (void)made<of::frozen>();
    (void)made<of::slots>();
    (void)made<of::keyword_only>();
    (void)made<of::factory>();
    (void)made<of::derived>();
    (void)made<of::post_init>();
    (void)made<of::own_init>();
    holdfast::exec("sys.setprofile(None); calls.clear()");
    CHECK(holdfast::eval<std::string>("' '.join(inits)") == "PostInit OwnInit");
}

void change(const char *way) {
    const holdfast::function<void(std::string_view)> changes{"__main__", "change"};
    changes(way);
}

/// A class may be changed after its first instance.
void changed_later() {
    CHECK(is<of::changed>("Changed 1 2 ['x', 'y']"));
    change("init");
    CHECK(is<of::changed>("Changed 2 1 ['y', 'x']"));
    CHECK(is<of::recoded>("Recoded 1 2 ['x', 'y']"));
    change("code");
    CHECK(is<of::recoded>("Recoded 2 1 ['y', 'x']"));
    change("no init");
    CHECK(thrown_text<holdfast::python_error>([] {
              (void)made<of::changed>();
          }).find("TypeError") != std::string::npos);
    change("set");
    CHECK(is<of::plain>("Plain 1 2 ['x', 'y']", "[('x', 1), ('y', 2)]"));
    change("new");
    CHECK(is<of::derived>("Derived 1 2 ['x', 'y']", "[(1, 2), ('x', 1), ('y', 2)]"));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    for (int round = 0; round < 2; ++round)
        all_kinds();
    {
        holdfast::subinterpreter other(python.view(), {});
        const holdfast::attach_guard attached(other.view());
        holdfast::exec(source);
        all_kinds();
    }
    calls_left_out();
    changed_later();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
