"""Brings the Danish catalogue up to date with the texts of the sources and compiles it: what ``make messages`` runs.

Babel's own search does not look into f-strings, so the sources are read as Python reads them. New texts come in empty:
write their Danish into the .po file and run it once more.
"""

import ast
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "ballerup_cli"
PO = SOURCES / "locale" / "da" / "LC_MESSAGES" / "ballerup.po"
TEXTS_OF = {"N_": 1, "_": 1, "plural": 2}  # how many of the first arguments are texts

Text = str | tuple[str, ...]


def texts() -> Iterator[tuple[Text, str]]:
    """Give every text of the sources, in their order, and the file it stands in."""
    for path in sorted(SOURCES.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        yield from ((words, str(path.relative_to(ROOT))) for words in _of_rules(nodes))
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
            wanted = TEXTS_OF.get(call.func.id, 0) if isinstance(call.func, ast.Name) else 0
            found = [arg.value for arg in call.args[:wanted] if isinstance(arg, ast.Constant) and arg.value]
            if found:
                yield found[0] if wanted == 1 else tuple(found), str(path.relative_to(ROOT))


def _of_rules(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Give what people are told of each function that is marked as a rule: the first paragraph of its docstring."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and any(_is_rule(mark) for mark in node.decorator_list):
            yield " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())


def _is_rule(mark: ast.expr) -> bool:
    return isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "rule"


def read() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="da")


def updated(old: Catalog) -> Catalog:
    """Give the catalogue of the texts there are now, with the Danish that ``old`` knows."""
    comment = "# Danish texts of ballerup. 'make messages' collects them; the Danish is written here by hand."
    dates = {"creation_date": old.creation_date, "revision_date": old.revision_date}
    new = Catalog(locale="da", project="ballerup", version="0", header_comment=comment, fuzzy=False, **dates)
    new.msgid_bugs_address = new.last_translator = new.language_team = ""
    for text, file in texts():
        known = old.get(text)
        new.add(text, known.string if known else None, locations=[(file, None)])
    return new


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """Give the catalogue as people read it and as gettext reads it."""
    readable, compiled = io.BytesIO(), io.BytesIO()
    write_po(readable, catalogue, width=120, include_lineno=False)
    write_mo(compiled, catalogue)
    return readable.getvalue(), compiled.getvalue()


if __name__ == "__main__":
    readable, compiled = written(updated(read()))
    PO.write_bytes(readable)
    PO.with_suffix(".mo").write_bytes(compiled)
