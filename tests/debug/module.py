"""What the threads of host.cpp call."""


def stop_here(number: int) -> int:
    """Return twice the number."""
    return number * 2
