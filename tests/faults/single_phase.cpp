// An extension module as before multi-phase initialisation: static data, no word about sub-interpreters or the GIL.
#include <holdfast/python.hpp>

namespace {

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "single_phase",
                          nullptr,
                          -1,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_single_phase() { return PyModule_Create(&definition); }
