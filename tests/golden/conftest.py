"""The corpus is read and called from C++, and holds no tests."""

collect_ignore = ["corpus"]
