"""The proof: every Python call attached, every pair closed, at compile time.

`clang-tidy` reads the sources and says what is there (`queries`, `engine`, `facts`); what follows
from it is worked out here (`flow` within a function, `program` across functions). Which function
of CPython asks for what is data (`api`).
"""
