"""The file that holds an embedded model: its weights as eight-bit numbers, and its tokenizer.

The format, `HMSEMB01`: 8 bytes of magic, the header's length as u64, the header as JSON, the tokenizer's JSON, then the
tensors one after the other, little-endian. An `i8` tensor is its numbers row by row, then one f32 for each `group` of
them, with which they are multiplied.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

_MAGIC = b"HMSEMB01"
_PREFIX = struct.Struct("<8sQ")


@dataclass(frozen=True, kw_only=True)
class Pack:
    tokenizer: str
    """As the tokenizers library reads it."""
    tensors: dict[str, NDArray[np.float32]]


class _Tensor(BaseModel):
    model_config = ConfigDict(frozen=True)
    name: str
    dtype: str
    shape: tuple[int, ...]
    len: int
    group: int

    def read(self, content: memoryview) -> NDArray[np.float32]:
        if self.dtype == "f32":
            return np.frombuffer(content, "<f4").reshape(self.shape)
        numbers = np.frombuffer(content[: np.prod(self.shape)], np.int8).reshape(-1, self.group)
        scales = np.frombuffer(content[numbers.size :], "<f4")
        return np.multiply(numbers, scales[:, np.newaxis], dtype=np.float32).reshape(self.shape)


class _Header(BaseModel):
    format: int
    tokenizer_len: int
    tensors: tuple[_Tensor, ...]


def unpack(content: bytes) -> Pack:
    """Raises ValueError where it is no pack of format 1, or ends too soon."""
    if len(content) < _PREFIX.size or not content.startswith(_MAGIC):
        raise ValueError("it is no model pack")
    view = memoryview(content)
    length = _PREFIX.unpack_from(content)[1]
    try:
        header = _Header.model_validate_json(bytes(view[_PREFIX.size : (at := _PREFIX.size + length)]))
    except ValidationError as error:
        raise ValueError("its header can't be read") from error
    if header.format != 1:
        raise ValueError(f"it has format {header.format}")
    tokenizer = str(view[at : (at := at + header.tokenizer_len)], "utf-8")
    if len(content) != at + sum(tensor.len for tensor in header.tensors):
        raise ValueError("it does not end where it says")
    tensors: dict[str, NDArray[np.float32]] = {}
    for tensor in header.tensors:
        tensors[tensor.name] = tensor.read(view[at : (at := at + tensor.len)])
    return Pack(tokenizer=tokenizer, tensors=tensors)
