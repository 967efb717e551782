from shop.book import Level


def price(levels: list[Level]) -> float:
    return sum(level.price * level.size for level in levels)
