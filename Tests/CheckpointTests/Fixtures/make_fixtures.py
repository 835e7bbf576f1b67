"""Writes the torch-made fixtures beside this script. Needs torch and safetensors; the tests need neither.

Every value follows a formula that the tests repeat.
"""

import io
import os
import pathlib
import sys
import types

import torch
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))


class HParams:
    """Stands in for upstream's class of this name: only the pickled name matters."""


HParams.__module__ = "utils"
sys.modules["utils"] = types.ModuleType("utils")
sys.modules["utils"].HParams = HParams


def hparams(**attributes):
    result = HParams()
    result.__dict__.update(attributes)
    return result


def ramp(*shape, dtype=torch.float32):
    """0, 0.25, 0.5 … exact in every float type used here."""
    count = 1
    for size in shape:
        count *= size
    return (torch.arange(count) * 0.25).to(dtype).reshape(shape)


shared = ramp(8)
weight = {
    "enc_p.text_embedding.weight": ramp(322, 1, dtype=torch.half),
    "enc_p.ssl_proj.weight": torch.nn.Parameter(ramp(2, 3)),
    "ref_enc.half": ramp(3, 5, dtype=torch.half),
    "ref_enc.bfloat": ramp(4, dtype=torch.bfloat16),
    "ref_enc.double": ramp(3, dtype=torch.double),
    "ref_enc.scalar": torch.tensor(3.5),
    "ref_enc.empty": torch.zeros(0, 3),
    "ref_enc.repeated": ramp(1, 5).expand(6, 5),
    "ref_enc.constant": torch.tensor(2.5).expand(3, 4),
    "ref_enc.transposed": ramp(4, 6).t(),
    "ref_enc.permuted": ramp(2, 3, 4).permute(2, 0, 1),
    "ref_enc.window": ramp(6, 6)[1:5:2, 1:6:3],
    "ref_enc.shared": shared,
    "ref_enc.tail": shared[3:],
    "ref_enc.i64": torch.arange(-2, 3),
    "ref_enc.i32": torch.arange(-2, 3, dtype=torch.int32),
    "ref_enc.i16": torch.arange(-2, 3, dtype=torch.int16),
    "ref_enc.i8": torch.arange(-2, 3, dtype=torch.int8),
    "ref_enc.u8": torch.arange(251, 256, dtype=torch.uint8),
    "ref_enc.bool": torch.tensor([True, False, True]),
}
config = {
    "model": {"version": "v1", "rates": [10, 8], "dropout": 0.1, "flag": True, "nothing": None},
    "text": "ü 漢字",
    "pair": (1, 2),
    "set": {3},
    "path": pathlib.PurePosixPath("/a/b/c.txt"),
    "large": 2**40,
    "negative": -(2**40),
    "bytes": b"\xff\x00ab",
    "device": torch.device("cpu"),
    "dtype": torch.float16,
    "size": torch.Size([1, 2]),
}
plain = {"weight": weight, "config": config, "info": "8epoch"}
for protocol in (2, 4):
    torch.save(plain, f"{here}/zip-protocol{protocol}.pth", pickle_protocol=protocol)
    torch.save(
        plain, f"{here}/legacy-protocol{protocol}.pth", pickle_protocol=protocol, _use_new_zipfile_serialization=False
    )

nested = hparams(model=hparams(version="v2Pro", rates=[10, 8]), train=hparams(lora_rank="32"), name="x")
buffer = io.BytesIO()
torch.save({"weight": weight, "config": nested, "info": "8epoch", "lora_rank": "32"}, buffer)
with open(f"{here}/head05.pth", "wb") as file:
    file.write(b"05" + buffer.getvalue()[2:])

module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
with torch.no_grad():
    module[0].weight.copy_(ramp(2, 2))
torch.save(module.state_dict(), f"{here}/state-dict.bin")
torch.save(module, f"{here}/whole-module.pth")

save_file({k: v.detach().contiguous().clone() for k, v in weight.items()}, f"{here}/plain.safetensors", {"a": "b"})


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hostile-was-run",)


for protocol in (2, 4):
    torch.save({"weight": weight, "config": Hostile()}, f"{here}/hostile-protocol{protocol}.pth", pickle_protocol=protocol)
