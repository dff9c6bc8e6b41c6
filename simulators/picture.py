# What all our pictures share: drawn by hand in SVG, they refer to nothing outside, so that a file can be kept
# and passed on. A PNG is the same picture through a library.
"""Pictures as files, and the hand that they are drawn by."""

import html
import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

INK, FAINT, GRID, RED = "#1c2733", "#5b6b7b", "#dfe5ea", "#c8382d"

_FONT: Final = "font-family='system-ui,-apple-system,Segoe UI,Roboto,sans-serif'"


def check_plot(path: Path) -> None:
    """Raise ValueError if a picture can't be written there: asked before the work, not after it."""
    if path.suffix.lower() not in (".html", ".svg", ".png"):
        raise ValueError(f"--plot {path}: must end in .html, .svg or .png")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"--plot {path}: there is no such folder")
    if path.suffix.lower() == ".png":
        _cairosvg(path)


def write_picture(path: Path, picture: str, title: str) -> None:
    """Write an SVG as what the file's name ends in. Raises OSError, and ValueError as check_plot() does."""
    suffix = path.suffix.lower()
    if suffix == ".png":
        path.write_bytes(_cairosvg(path).svg2png(bytestring=picture.encode(), scale=2.0))
    elif suffix == ".svg":
        path.write_text(picture, "utf-8")
    else:
        path.write_text(page(picture, title), "utf-8")


def _cairosvg(path: Path) -> Any:
    try:
        return importlib.import_module("cairosvg")
    except (ImportError, OSError) as error:
        raise ValueError(
            f"--plot {path}: PNG needs the package cairosvg; .html and .svg need none"
        ) from error


def page(picture: str, title: str) -> str:
    """Return a page that holds everything it shows."""
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        f"<title>{html.escape(title)}</title>"
        "<style>body{margin:0;background:#f4f6f8}svg{display:block;margin:24px auto;max-width:96vw;"
        "height:auto;background:#fff;box-shadow:0 1px 4px #0002}</style></head>\n"
        f"<body>{picture}</body></html>\n"
    )


def sheet(width: int, height: float, parts: Iterable[str]) -> str:
    """Return an SVG of these parts, on white."""
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height:.0f}' width='{width}' "
        f"height='{height:.0f}' {_FONT} font-size='13' fill='{INK}'>"
        f"<rect width='{width}' height='{height:.0f}' fill='#fff'/>" + "".join(parts) + "</svg>"
    )


def words(x: float, y: float, text: str, more: str = "") -> str:
    """Return a text at a place; `more` are attributes."""
    return f"<text x='{x:.1f}' y='{y:.1f}' {more}>{html.escape(text)}</text>"
