"""Proves at compile time that every Python call is made attached and every pair is closed.

`clang-tidy` reads the sources and reports facts (`queries`, `engine`, `facts`). This package
derives the findings from them (`flow` within a function, `program` across functions). What each
function of CPython requires is data (`api`).
"""
