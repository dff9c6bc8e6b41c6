# What a number says about whom it reaches: country, network, province and city, from the tables of the
# package phonenumbers.
#
# Chinese mobile numbers are 86 1xxxxxx yyyy, and 1xxxxxx, the block, tells both network and city. A million
# blocks are an array of a million small integers (2 MB), each the place of its facts in a short list: four
# networks times four hundred cities. A look-up is one int() and two subscripts.
#
# Everything else costs a walk over the prefixes, and is remembered by its first digits, boundedly.
#
# The package's tables are read file by file and dropped, for they take 95 MB in memory at once. They are
# facts of the numbering plan: who moved to another network with the number is in a Portability.
"""Facts of telephone numbers: country, network, province, city."""

import re
from array import array
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path
from typing import Final, cast

import attrs
from phonenumbers import PhoneMetadata, PhoneNumber, region_code_for_number
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

from smpp_router.routing.rules import international

CHINA: Final = "CN"
_CHINESE_MOBILE: Final = b"861"
BLOCK_DIGITS: Final = 9
"""Digits of an international Chinese mobile number that say all that the plan knows: 86 and seven."""

_BLOCKS: Final = 1_000_000
HEAD_DIGITS: Final = 7
"""Digits by which other numbers are remembered: a country code of three, and an area code."""

HEADS_MAX: Final = 65_536
"""Heads remembered, about 8 MB: more than a day's traffic abroad has. At the limit all are forgotten."""


@attrs.frozen
class Facts:
    """What is known of a number; "" where nothing is. All numbers of one block share one object.

    `country` is an ISO 3166 code, `network` the network that the block was given to (plain names such as
    china-mobile), `province` and `city` plain names such as guangdong, shenzhen.
    """

    country: str
    network: str = ""
    province: str = ""
    city: str = ""
    region: str = attrs.field(init=False)
    """Where health is measured: CN/guangdong for Chinese mobile numbers, else the country."""
    place: str = attrs.field(init=False)
    """The most that is known: CN/guangdong/shenzhen."""

    def __attrs_post_init__(self) -> None:
        """Spell region and place."""
        parts = [part for part in (self.country, self.province, self.city) if part]
        object.__setattr__(self, "region", "/".join(parts[:2]))
        object.__setattr__(self, "place", "/".join(parts))


NOTHING: Final = Facts("")
_NO_COUNTRY: Final = "001"
"""What phonenumbers calls the world: calling codes of satellites and freephone numbers."""


def plain(name: str) -> str:
    """A name as configuration and cells spell it: China Mobile is china-mobile."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class NumberPlan:
    """Facts by number. Made by number_plan(); one serves the whole process."""

    def __init__(self, networks: Iterable[tuple[str, str]], cities: Iterable[tuple[str, str]]) -> None:
        """Take names by prefix of Chinese numbers, 86 included, each prefix before longer ones."""
        self._landlines: dict[bytes, Facts] = {}
        self._heads: dict[bytes, Facts] = {}
        self._countries = _countries()
        self._facts: list[Facts] = [Facts(CHINA)]
        self._blocks = array("H", bytes(2 * _BLOCKS))
        self._spread_networks(networks)
        self._spread_cities(cities)

    def facts(self, number: bytes) -> Facts:
        """Return what is known of a number in international form; + or 00 may stand before it."""
        if number[:3] == _CHINESE_MOBILE and len(number) >= BLOCK_DIGITS:
            try:
                return self._facts[self._blocks[int(number[3:BLOCK_DIGITS])]]
            except ValueError:
                return NOTHING
        return self._heads.get(number[:HEAD_DIGITS]) or self._look_up(number)

    @property
    def places(self) -> frozenset[str]:
        """Every place that a number can have, provinces and countries among them."""
        places = {region for regions in COUNTRY_CODE_TO_REGION_CODE.values() for region in regions}
        for facts in (*self._facts, *self._landlines.values()):
            places |= {facts.country, facts.region, facts.place}
        return frozenset(places - {_NO_COUNTRY})

    @property
    def networks(self) -> frozenset[str]:
        """Every network that a number can have."""
        return frozenset(facts.network for facts in self._facts if facts.network)

    @property
    def heads(self) -> int:
        """How many heads of other numbers are remembered now."""
        return len(self._heads)

    @property
    def bytes_held(self) -> int:
        """About how much memory the tables take; the heads remembered come on top."""
        return self._blocks.itemsize * len(self._blocks) + 400 * (len(self._facts) + len(self._landlines))

    def _spread_networks(self, networks: Iterable[tuple[str, str]]) -> None:
        places: dict[str, int] = {}
        for prefix, name in networks:
            place = places.get(name)
            if place is None:
                place = places[name] = len(self._facts)
                self._facts.append(Facts(CHINA, plain(name)))
            first, count = _span(prefix)
            self._blocks[first : first + count] = array("H", [place]) * count

    def _spread_cities(self, cities: Iterable[tuple[str, str]]) -> None:
        """Add cities to the blocks, whose networks are there."""
        blocks, facts = self._blocks, self._facts
        places: dict[tuple[str, str], int] = {}
        for prefix, city in cities:
            if not prefix.startswith("861"):
                self._landlines[prefix.encode()] = Facts(CHINA, "", *_place(city))
                continue
            first, count = _span(prefix)
            for block in range(first, first + count):
                network = facts[blocks[block]].network
                place = places.get((network, city))
                if place is None:
                    place = places[network, city] = len(facts)
                    facts.append(Facts(CHINA, network, *_place(city)))
                blocks[block] = place

    def _look_up(self, number: bytes) -> Facts:
        plain_number = international(number)
        if plain_number != number:
            return self.facts(plain_number)
        facts = self._elsewhere(number)
        if len(self._heads) >= HEADS_MAX:
            self._heads.clear()
        # Short of its head a number may be one of many, so that no longer one may be told the same.
        if len(number) >= HEAD_DIGITS and number[:3] != _CHINESE_MOBILE:
            self._heads[number[:HEAD_DIGITS]] = facts
        return facts

    def _elsewhere(self, number: bytes) -> Facts:
        if not number.isdigit():
            return NOTHING
        for length in range(HEAD_DIGITS, 2, -1):
            landline = self._landlines.get(number[:length])
            if landline is not None:
                return landline
        for length in (1, 2, 3):
            country = self._countries.get(number[:length])
            if country is not None:
                return _country(_shared(number[:length], number[length:]) or country)
        return NOTHING


@cache
def _country(code: str) -> Facts:
    return Facts(code)


def _countries() -> dict[bytes, str]:
    """The country of each calling code; the first of those that share one is its main country."""
    return {
        str(code).encode(): regions[0]
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
        if regions[0] != _NO_COUNTRY
    }


def _shared(code: bytes, national: bytes) -> str | None:
    """Tell which of the countries that share a calling code a number belongs to, as far as digits tell."""
    regions = COUNTRY_CODE_TO_REGION_CODE[int(code)]
    if len(regions) == 1:
        return None
    if code == b"1":
        # Canada and the United States are told apart by area code only, which is the first three digits.
        number = PhoneNumber(country_code=1, national_number=int(national[:3].ljust(3, b"2") + b"2345678"))
        return region_code_for_number(number)
    for region in regions:
        metadata = PhoneMetadata.metadata_for_region(region)
        digits = metadata.leading_digits if metadata is not None else None
        if digits is not None and re.match(digits, national.decode()):
            return region
    return None


@cache
def _place(city: str) -> tuple[str, str]:
    """Province and city of a name as the tables write it: `Shenzhen, Guangdong`, or `Beijing` for both."""
    town, _, province = city.rpartition(", ")
    return (plain(province), plain(town)) if town else (plain(city), plain(city))


def _span(prefix: str) -> tuple[int, int]:
    """The first of the blocks that begin with a prefix of Chinese mobile numbers, and how many they are."""
    digits = prefix[3:BLOCK_DIGITS]
    count = 10 ** (BLOCK_DIGITS - 3 - len(digits))
    return int(digits or "0") * count, count


# --- the package's tables


@cache
def number_plan() -> NumberPlan:
    """The facts that phonenumbers knows, read once, in about half a second."""
    return NumberPlan(_names("carrierdata", "861"), _names("geodata", "86"))


def _names(package: str, beginning: str) -> Iterator[tuple[str, str]]:
    """The English names of one of the package's tables by prefix, each prefix before longer ones.

    Each data file is read by itself: the package would hold them all, and for good.
    """
    spec = find_spec(f"phonenumbers.{package}")
    assert spec is not None and spec.submodule_search_locations is not None
    paths = [path for folder in spec.submodule_search_locations for path in Path(folder).glob("data*.py")]
    for path in sorted(paths, key=lambda path: (len(path.stem), path.stem)):
        name = f"phonenumbers.{package}.{path.stem}"
        part = spec_from_loader(name, SourceFileLoader(name, str(path)))
        assert part is not None and part.loader is not None
        module = module_from_spec(part)
        part.loader.exec_module(module)
        table = cast("dict[str, dict[str, str]]", module.data)
        for prefix in sorted(key for key in table if key.startswith(beginning)):
            if "en" in table[prefix]:
                yield prefix, table[prefix]["en"]
