"""The kernels' alphabet: compiling, xxHash64 and UTF-8 on buffers of bytes."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import config, njit

from tasks.match import signature

Bytes = npt.NDArray[np.uint8]

U64: Final = np.uint64
P1: Final = np.uint64(0x9E3779B185EBCA87)
P2: Final = np.uint64(0xC2B2AE3D27D4EB4F)
P3: Final = np.uint64(0x165667B19E3779F9)
P4: Final = np.uint64(0x85EBCA77C2B2AE63)
P5: Final = np.uint64(0x27D4EB2F165667C5)
"""The primes of xxHash64 (Collet, xxHash specification 0.2)."""
MIX_1: Final = np.uint64(signature.MIX_1)
MIX_2: Final = np.uint64(signature.MIX_2)
SHIFT_32: Final = np.uint64(32)
SHIFT_33: Final = np.uint64(33)


_CALLED_BY_KERNELS: Final[dict[str, Any]] = {
    "nogil": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
_COUNTED: Final[dict[str, Any]] = {"_nrt": True}
_UNCOUNTED: Final[dict[str, Any]] = {"_nrt": False}
"""Whether the runtime of numba counts who holds an array, at every call and turn of a loop. What makes no array can do
without, as its caller holds those that it is given: that made deciding four times as fast (measured)."""
Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile, and keep the machine code beside the source.

    Numba takes stored code for good as long as the file of the kernel itself is what it was, though the steps that
    are compiled into it lie in other files: so code is stored under a digest of them all.
    """
    settings = cast("Any", config)
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(Path(before or Path(__file__).parent / "__pycache__") / _digest_sources())
    try:
        return cast("Function", njit(cache=True, nogil=True)(function))
    finally:
        settings.CACHE_DIR = before


@cache
def _digest_sources() -> str:
    """What the machine code depends on: every module of this folder."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return f"kernels-{digest.hexdigest()[:16]}"


def step(function: Function) -> Function:
    """The same for what only kernels call: without the way in from Python, which takes longest to compile."""
    return cast("Function", njit(**_CALLED_BY_KERNELS, **_UNCOUNTED)(function))


def making_step(function: Function) -> Function:
    """The same for a step that makes arrays, or is given them by one that does."""
    return cast("Function", njit(**_CALLED_BY_KERNELS, **_COUNTED)(function))


def inner(function: Function) -> Function:
    """The same for a step of a loop: put in place, since a call with arrays costs more than the step."""
    return cast("Function", njit(forceinline=True, **_CALLED_BY_KERNELS, **_UNCOUNTED)(function))


@inner
def signed(value: np.unsignedinteger[Any]) -> int:
    """As a signed number: unsigned and signed ones together would become floating point."""
    return np.int64(value)  # type: ignore[return-value]  # an int to the compiler


@inner
def read_u64(buffer: Bytes, place: int) -> np.uint64:
    """Eight bytes, little endian."""
    value = U64(0)
    for n in range(8):
        value |= U64(buffer[place + n]) << U64(8 * n)
    return value


@inner
def read_u32(buffer: Bytes, place: int) -> np.uint64:
    """Four bytes, little endian."""
    value = U64(0)
    for n in range(4):
        value |= U64(buffer[place + n]) << U64(8 * n)
    return value


@inner
def rotate(value: np.uint64, bits: int) -> np.uint64:
    """Turn the bits to the left."""
    return (value << U64(bits)) | (value >> U64(64 - bits))


@inner
def xxh_round(state: np.uint64, lane: np.uint64) -> np.uint64:
    """Take one lane into a state of xxHash64."""
    return rotate(state + lane * P2, 31) * P1


@inner
def xxh64(buffer: Bytes, start: int, end: int, seed: np.uint64) -> np.uint64:
    """xxHash64 of a stretch of bytes."""
    place = start
    if end - start >= 32:
        one, two, three, four = seed + P1 + P2, seed + P2, seed, seed - P1
        while place + 32 <= end:
            one = xxh_round(one, read_u64(buffer, place))
            two = xxh_round(two, read_u64(buffer, place + 8))
            three = xxh_round(three, read_u64(buffer, place + 16))
            four = xxh_round(four, read_u64(buffer, place + 24))
            place += 32
        state = rotate(one, 1) + rotate(two, 7) + rotate(three, 12) + rotate(four, 18)
        for lane in (one, two, three, four):
            state = (state ^ xxh_round(U64(0), lane)) * P1 + P4
    else:
        state = seed + P5
    state += U64(end - start)
    while place + 8 <= end:
        state = rotate(state ^ xxh_round(U64(0), read_u64(buffer, place)), 27) * P1 + P4
        place += 8
    if place + 4 <= end:
        state = rotate(state ^ (read_u32(buffer, place) * P1), 23) * P2 + P3
        place += 4
    while place < end:
        state = rotate(state ^ (U64(buffer[place]) * P5), 11) * P1
        place += 1
    state = (state ^ (state >> SHIFT_33)) * P2
    state = (state ^ (state >> U64(29))) * P3
    return state ^ (state >> SHIFT_32)


@inner
def mix(value: np.uint64) -> np.uint64:
    """`tasks.match.signature.mix` of one number."""
    value = (value ^ (value >> SHIFT_33)) * MIX_1
    value = (value ^ (value >> SHIFT_33)) * MIX_2
    return value ^ (value >> SHIFT_33)


@inner
def decode(buffer: Bytes, place: int) -> tuple[int, int]:
    """The code point at a place of valid UTF-8, and the place after it."""
    first = signed(buffer[place])
    if first < 0x80:
        return first, place + 1
    second = signed(buffer[place + 1]) & 0x3F
    if first < 0xE0:
        return ((first & 0x1F) << 6) | second, place + 2
    third = signed(buffer[place + 2]) & 0x3F
    if first < 0xF0:
        return ((first & 0x0F) << 12) | (second << 6) | third, place + 3
    fourth = signed(buffer[place + 3]) & 0x3F
    return ((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth, place + 4


@inner
def encode(code: int, out: Bytes, place: int) -> int:
    """Write a code point as UTF-8; returns the place after it."""
    if code < 0x80:
        out[place] = code
        return place + 1
    if code < 0x800:
        out[place] = 0xC0 | (code >> 6)
        out[place + 1] = 0x80 | (code & 0x3F)
        return place + 2
    if code < 0x10000:
        out[place] = 0xE0 | (code >> 12)
        out[place + 1] = 0x80 | ((code >> 6) & 0x3F)
        out[place + 2] = 0x80 | (code & 0x3F)
        return place + 3
    out[place] = 0xF0 | (code >> 18)
    out[place + 1] = 0x80 | ((code >> 12) & 0x3F)
    out[place + 2] = 0x80 | ((code >> 6) & 0x3F)
    out[place + 3] = 0x80 | (code & 0x3F)
    return place + 4
