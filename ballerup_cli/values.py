"""The mark of a value: written by names, never changed, equal to another that says the same.

The standard library compiles the methods of each data class anew at every start, over a millisecond a class, where a
start has fifty of them and is done forty times a day. Here all values share the same methods. In all else they are data
classes: ``field``, ``replace`` and ``fields`` of ``dataclasses`` work on them.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field, Field))
def value(cls: type[T]) -> type[T]:
    """Make ``cls`` a value: its annotations are its fields, which are given by name when one is made.

    Raises (the methods it gains):
        TypeError: a field is missing, or there is none of that name.
        FrozenInstanceError: somebody tries to change it.
    """
    for method in (__init__, __setattr__, __delattr__, __eq__, __hash__, __repr__, __getstate__, __setstate__):
        if method.__name__ not in vars(cls) or method.__name__ == "__hash__":
            setattr(cls, method.__name__, method)
    return dataclass(init=False, repr=False, eq=False, kw_only=True, slots=True)(cls)


def __init__(self: Any, **given: Any) -> None:  # noqa: N807
    kept = object.__setattr__
    for name, one in self.__dataclass_fields__.items():
        if name in given:
            kept(self, name, given.pop(name))
        elif one.default is not MISSING:
            kept(self, name, one.default)
        elif one.default_factory is not MISSING:
            kept(self, name, one.default_factory())
        else:
            raise TypeError(f"{type(self).__name__} lacks {name}")
    if given:
        raise TypeError(f"{type(self).__name__} has no field {', '.join(given)}")
    after: Callable[[], None] | None = getattr(self, "__post_init__", None)
    if after:
        after()


def __setattr__(_self: Any, name: str, _new: object) -> None:  # noqa: N807
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def __delattr__(_self: Any, name: str) -> None:  # noqa: N807
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def __eq__(self: Any, other: object) -> Any:  # noqa: N807
    return _compared(self) == _compared(other) if other.__class__ is self.__class__ else NotImplemented


def __hash__(self: Any) -> int:  # noqa: N807
    return hash(_compared(self))


def __repr__(self: Any) -> str:  # noqa: N807
    shown = (f"{name}={getattr(self, name)!r}" for name, one in self.__dataclass_fields__.items() if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def __getstate__(self: Any) -> list[Any]:  # noqa: N807
    return [getattr(self, name) for name in self.__dataclass_fields__]


def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: N807
    for name, kept in zip(self.__dataclass_fields__, state, strict=True):
        object.__setattr__(self, name, kept)


def _compared(made: Any) -> tuple[Any, ...]:
    return tuple(getattr(made, name) for name, one in made.__dataclass_fields__.items() if one.compare)
