"""Posters as SVG that needs nothing else: letters are outlines, so it looks the same everywhere."""

from html import escape

from pos.posters.lettering import face
from pos.posters.page import Box, Item, Matrix, Page, Text


def write(page: Page) -> bytes:
    """One page, in its real size."""
    body = "".join(map(_draw, page.items))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{page.width:g}mm" height="{page.height:g}mm" '
        f'viewBox="0 0 {page.width:g} {page.height:g}" role="img" xml:lang="{page.language}">'
    )
    paper = f'<path fill="#ffffff" d="M0 0h{page.width:g}v{page.height:g}H0z"/>'
    return f"{head}<title>{escape(page.title)}</title>{paper}{body}</svg>".encode()


def _draw(item: Item) -> str:
    match item:
        case Box():
            return (
                f'<rect x="{item.x:.3f}" y="{item.y:.3f}" width="{item.width:.3f}" height="{item.height:.3f}" '
                f'rx="{item.radius:.3f}" fill="{item.color}"/>'
            )
        case Text():
            return _letters(item)
        case Matrix():
            runs = "".join(f"M{x:.4f} {y:.4f}h{w:.4f}v{item.module:.4f}h{-w:.4f}z" for x, y, w in item.runs())
            return f'<path fill="#000000" shape-rendering="crispEdges" d="{runs}"/>'


def _letters(text: Text) -> str:
    font, x, drawn = face(bold=text.bold), text.x, []
    scale = text.size / font.units
    for letter in text.text:
        if outline := font.letters[letter].outline:
            place = f"matrix({scale:.6f} 0 0 {-scale:.6f} {x:.4f} {text.y:.4f})"
            drawn.append(f'<path transform="{place}" d="{outline}"/>')
        x += text.size * font.letters[letter].advance
    return f'<g fill="{text.color}" aria-label="{escape(text.text)}">{"".join(drawn)}</g>'
