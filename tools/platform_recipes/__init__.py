"""Provides what the tests of other systems, processors and C libraries need.

`catalog` has the names and folders. Each platform has a module with a function `build`; `wine` runs
programs for Windows, `emulated` those for other processors, and `index_file` fetches a file from the index of pip.
"""
