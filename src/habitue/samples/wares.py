"""The shop's catalogue: ten categories, four styles, twenty items of each."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from habitue.samples.dice import Bools, Dice, Floats, Ints, exp
from habitue.samples.span import DAYS, Span

PER_CELL = 20
CATEGORIES = (
    "Kitchen", "Home", "Garden", "Bath", "Stationery", "Toys", "Baby", "Fashion", "Jewellery", "Pantry",
)  # fmt: skip
STYLES = ("classic", "modern", "natural", "playful")

# What each category sells, with a usual price in pence and what it is made of (a key of `_MATERIALS`).
_NOUNS = {
    "Kitchen": (
        "mug 695 g, cake tin 895 m, chopping board 1495 w, casserole 4250 g, tea towel 495 t, storage jar 595 "
        "g, bread bin 2995 m, measuring cups 1095 g, apron 1650 t, teapot 1895 g"
    ),
    "Home": (
        "cushion 1495 t, throw 3295 t, candle holder 695 g, picture frame 950 w, table lamp 4495 m, wall "
        "clock 2450 m, vase 1295 g, door hook 425 w, rug 6995 t, lantern 895 m"
    ),
    "Garden": (
        "plant pot 795 g, watering can 1695 m, bird feeder 1250 w, hand trowel 895 m, bunting 495 t, seed tin "
        "650 m, wind chime 850 m, garden light 1195 m, hammock 4995 t"
    ),
    "Bath": (
        "soap bar 325 x, hand cream 595 x, bath salts 695 x, towel 1295 t, wash bag 1150 t, bath mat 1495 t, "
        "body scrub 895 x, hot water bottle 1195 g"
    ),
    "Stationery": (
        "notebook 495 p, greeting cards 295 p, wrapping paper 225 p, pen set 795 p, desk calendar 695 p, "
        "sticker sheet 165 p, gift tags 145 p, letter rack 1250 w"
    ),
    "Toys": (
        "puzzle 895 w, building blocks 1695 w, doll 1495 t, card game 695 p, craft kit 1195 p, night light "
        "1250 g, spinning top 350 w, play tent 4450 t, train set 3495 w"
    ),
    "Baby": (
        "muslin set 1195 t, rattle 595 w, baby blanket 2295 t, bib 425 t, nappy bag 3995 t, soft bunny 1150 "
        "t, sleep bag 2695 t, bath toy 495 g, weaning bowl 795 g"
    ),
    "Fashion": (
        "scarf 1695 t, tote bag 1295 t, socks 595 t, cardigan 3995 t, rain coat 5995 t, slippers 1895 t, "
        "gloves 1295 t, shirt 2995 t, belt 1895 l"
    ),
    "Jewellery": (
        "necklace 1895 m, earrings 1295 m, bracelet 1495 m, brooch 895 m, ring dish 650 g, hair clip 375 m, "
        "jewellery box 2250 w, watch 5995 m"
    ),
    "Pantry": (
        "marmalade 395 x, loose tea 595 x, shortbread tin 795 m, chilli oil 695 x, fudge box 495 x, coffee "
        "beans 895 x, chutney 425 x, hamper 4995 w, drinking chocolate 650 x"
    ),
}
_WORDS = {
    "classic": ("vintage", "heritage", "country", "floral", "regency", "ivory"),
    "modern": ("minimal", "graphic", "matt", "scandi", "angular", "clean-line"),
    "natural": ("woven", "organic", "linen", "bamboo", "hand-thrown", "undyed"),
    "playful": ("spotty", "rainbow", "retro", "jungle", "circus", "polka"),
}
_BRANDS = {
    "classic": ("Harrow & Daughters", "Wren House", "Old Mill", "Alder Lane", "Pemberton", "Lark Rise"),
    "modern": ("Nordholm", "Studio Form", "Linea", "Oblique", "Halfmoon", "Grid"),
    "natural": ("Fern & Finch", "Moss", "Earthen", "Tidewater", "Willowbark", "Plain Goods"),
    "playful": ("Pip & Pop", "Tutti", "Merry Go", "Jellybean", "Hullabaloo", "Zigzag"),
}
_LIKED = {
    "classic": "a timeless piece that looks as if it had always been there",
    "modern": "a pared-back design with no fuss, made to last",
    "natural": "made slowly from responsible materials, every one a little different",
    "playful": "bright, cheerful and bound to make somebody smile",
}
_USES = {
    "Kitchen": "for busy kitchens", "Home": "for every room of the house", "Garden": "for pots, paths and patios",
    "Bath": "for long, quiet baths", "Stationery": "for letters, lists and presents", "Toys": "for rainy afternoons",
    "Baby": "for the very smallest", "Fashion": "for every day", "Jewellery": "for special days and plain ones",
    "Pantry": "for a well-stocked larder",
}  # fmt: skip
_MATERIALS = {
    "t": ("cotton", "linen", "wool"), "w": ("oak", "beech", "bamboo"), "m": ("brass", "enamel", "steel"),
    "g": ("ceramic", "stoneware", "porcelain"), "p": ("paper", "card"), "l": ("leather",), "x": ("tin", "glass jar"),
}  # fmt: skip
_COLOURS = ("red", "blue", "green", "cream", "grey", "pink", "yellow", "black", "white", "teal")
_ENDINGS = (95, 25, 65, 85, 75, 50, 45, 10, 99)
_ENDING_WEIGHTS = [36.0, 16.0, 12.0, 9.0, 8.0, 8.0, 5.0, 4.0, 2.0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Every item of the shop; item `n` lies in cell `n // 20`, and a cell is a category and a style.

    Attributes:
        ids, titles, descriptions, brands, colours, sizes, materials, launched: What catalogue.csv shows.
        price: Pence. cost: Pence.
        launch_day: Shop day from which the item can be bought; negative before the sample starts.
        quality: Latent, about 0 with deviation 1; pushes ratings.
        then: Item often bought in the next order after this one; -1 for none.
    """

    ids: list[str]
    titles: list[str]
    descriptions: list[str]
    brands: list[str]
    colours: list[str]
    sizes: list[str]
    materials: list[str]
    launched: list[str]
    price: Ints
    cost: Ints
    launch_day: Ints
    quality: Floats
    then: Ints

    @property
    def category(self) -> Ints:
        """Number of each item's category in `CATEGORIES`."""
        return np.arange(len(self.ids), dtype=np.int64) // (PER_CELL * len(STYLES))

    @property
    def style(self) -> Ints:
        """Number of each item's style in `STYLES`."""
        return np.arange(len(self.ids), dtype=np.int64) // PER_CELL % len(STYLES)


THEN_SHARE = 0.35


def make_catalogue(seed: int, span: Span) -> Catalogue:
    """Draw the whole catalogue; it does not grow with the number of customers."""
    dice = Dice(seed, 1)
    cells = [(category, style) for category in CATEGORIES for style in STYLES]
    size = len(cells) * PER_CELL
    noise = dice.lognormal(size, 0.3)
    endings = dice.pick(size, _ENDING_WEIGHTS)
    margin = dice.uniform(size)
    late = dice.chance(0.2, size)
    launch_day = np.where(late, dice.integers(size, 0, DAYS - 60), -dice.integers(size, 30, 1500))
    launch_day[::PER_CELL] = -900
    draw = dice.uniform(size * 4).reshape(4, size)
    texts: list[tuple[str, ...]] = []
    price = np.zeros(size, dtype=np.int64)
    for item in range(size):
        category, style = cells[item // PER_CELL]
        kinds = _NOUNS[category].split(", ")
        noun, usual, made_of = kinds[(item * 7 + int(draw[0, item] * 2)) % len(kinds)].rsplit(" ", 2)
        texts.append(_texts(category, style, (noun, made_of), draw[1:, item], item))
        price[item] = int(int(usual) * noise[item]) // 100 * 100 + _ENDINGS[int(endings[item])]
    columns = [list(column) for column in zip(*texts, strict=True)]
    return Catalogue(
        ids=[f"P{1001 + item}" for item in range(size)],
        titles=columns[0], descriptions=columns[1], brands=columns[2],
        colours=columns[3], sizes=columns[4], materials=columns[5],
        launched=[_date(span, int(day)) for day in launch_day],
        price=price,
        cost=(price * (0.32 + 0.3 * margin)).astype(np.int64),
        launch_day=launch_day,
        quality=dice.normal(size),
        then=_follow_ups(dice, size),
    )  # fmt: skip


def _texts(category: str, style: str, kind: tuple[str, str], draw: Floats, item: int) -> tuple[str, ...]:
    noun, made_of = kind
    words, brands, materials = _WORDS[style], _BRANDS[style], _MATERIALS[made_of]
    word = words[int(draw[0] * len(words))]
    colour = _COLOURS[int(draw[1] * len(_COLOURS))]
    material = materials[int(draw[2] * len(materials))]
    brand = brands[(CATEGORIES.index(category) + (item % PER_CELL) // 14) % len(brands)]
    size = ("S", "M", "L", "XL")[item % 4] if category == "Fashion" else ("small", "medium", "large")[item % 3]
    title = f"{word.capitalize()} {colour} {noun}"
    description = (
        f"{word.capitalize()} {noun} in {colour} {material} from {brand}: {_LIKED[style]}. "
        f"Size {size}; {_USES[category]}."
    )  # fmt: skip
    return title, description, brand, colour, size, material


def _date(span: Span, day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=span.first_day + day)).isoformat()


def _follow_ups(dice: Dice, size: int) -> Ints:
    """Two favourites of every other cell lead to an item of another category with the same style."""
    then = np.full(size, -1, dtype=np.int64)
    row = PER_CELL * len(STYLES)
    for cell in range(0, size, 2 * PER_CELL):
        for rank in (0, 1):
            leap = int(dice.integers(1, 1, len(CATEGORIES))[0]) * row
            then[cell + rank] = (cell + leap) % size + int(dice.integers(1, 2, 8)[0])
    return then


def choose_items(dice: Dice, catalogue: Catalogue, cell: Ints, day: Ints, thrift: Floats) -> Ints:
    """An item of each cell: the popular ones more often, the cheaper of two more often for the thrifty.

    Args:
        dice: Chance.
        catalogue: The items.
        cell: Category and style wanted, as `category * 4 + style`.
        day: Shop day of each choice; what is not launched yet gives way to the cell's evergreen.
        thrift: Price sensitivity in [0, 1] of each chooser: how often the cheaper of two is taken.
    """
    first, second = (_ranked(dice, catalogue, cell, day) for _ in range(2))
    cheaper = np.where(catalogue.price[first] <= catalogue.price[second], first, second)
    return np.where(dice.chance(thrift), cheaper, first)


def _ranked(dice: Dice, catalogue: Catalogue, cell: Ints, day: Ints) -> Ints:
    u = dice.uniform(len(cell))
    item = cell * PER_CELL + (PER_CELL * u * u * (0.35 + 0.65 * u)).astype(np.int64)
    early: Bools = catalogue.launch_day[item] > day
    return np.where(early, cell * PER_CELL, item)


def taste_weights(dice: Dice, usual: Floats, sigma: float) -> Floats:
    """Each person's own weights: the usual ones of the persona, bent log-normally."""
    size = usual.shape[0] * usual.shape[1]
    return usual * exp(sigma * dice.normal(size)).reshape(usual.shape)
