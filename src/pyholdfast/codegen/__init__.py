"""C++ headers from what `hints` read.

`types` holds the table of types, `layout` the order in which C++ needs them, `records`, `classes` and
`functions` write their part, `emit` the whole header, `output` the file.
"""
