#include <holdfast/holdfast.hpp>

int main() {
    holdfast::interpreter python;
    holdfast::exec("print('hello', flush=True)");
}
