from dataclasses import dataclass


@dataclass
class Level:
    price: float
    size: int = 1
