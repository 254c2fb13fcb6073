"""The recovery key in three parts of which any two are enough: Shamir's sharing as words, by the standard SLIP-39.

What the parts look like on paper belongs to ``paper``.
"""

import re
from collections.abc import Sequence
from itertools import combinations

from ballerup_cli.errors import BadPartsError, NoPaperError
from ballerup_cli.storage.crypto.age import HybridIdentity

NEEDED, COUNT = 2, 3


def split(identity: HybridIdentity) -> list[str]:
    """Return the parts, each a line of words; every pair of them was tried.

    Raises:
        NoPaperError: the library that splits is not installed.
    """
    try:
        from shamir_mnemonic import generate_mnemonics
    except ImportError:
        raise NoPaperError from None
    # No passphrase, so nothing to be slowed down for whoever guesses one.
    (parts,) = generate_mnemonics(1, [(NEEDED, COUNT)], identity.secret, iteration_exponent=0)
    if any(combine(pair).secret != identity.secret for pair in combinations(parts, NEEDED)):
        raise RuntimeError("parts do not make up the key")
    return list(parts)


def combine(parts: Sequence[str]) -> HybridIdentity:
    """Return the identity that parts make up, as somebody typed them: numbers, lines and capitals do not matter.

    Raises:
        NoPaperError: the library that splits is not installed.
        BadPartsError: a word is mistyped, or they are not different parts of one and the same key.
    """
    try:
        from shamir_mnemonic import MnemonicError, combine_mnemonics
    except ImportError:
        raise NoPaperError from None
    try:
        secret = combine_mnemonics([" ".join(re.findall("[a-z]+", part.lower())) for part in parts])
        return HybridIdentity(secret)
    except (MnemonicError, ValueError):
        raise BadPartsError from None
