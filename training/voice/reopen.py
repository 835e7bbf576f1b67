"""Makes checkpoints of the stages from an exported voice, so that training goes on from it.

    python reopen.py --voice voices/default --work WORK

The weights come back as they were exported, in half precision; the optimizers begin anew. The codes stay as they are.
"""

import argparse
import pathlib

import numpy as np
import torch

import data
import discriminator
import encoder
import export
import gpt
import sovits
import train_encoder
import train_text


def without_norm(weights, name):
    """A weight that was stored as direction and size."""
    direction, size = weights[f"{name}_v"].float(), weights[f"{name}_g"].float()
    axes = [axis for axis in range(3) if size.shape[axis] == 1]
    return direction * (size / direction.norm(dim=axes, keepdim=True))


def speech_encoder(weights):
    network = encoder.SpeechEncoder()
    wanted = export.hubert(network)
    renamed = {id(value): name for name, value in wanted.items()}
    state = {}
    for name, value in network.named_parameters():
        if name == "position.weight":
            state[name] = without_norm(weights, "encoder.pos_conv_embed.conv.weight")
        else:
            state[name] = weights[renamed[id(value)]].float()
    network.load_state_dict(state)
    return network


def codebook(weights):
    book, latent = encoder.Codebook(), encoder.LATENT
    entries = weights["quantizer.vq.layers.0._codebook.embed"].float()
    reading = weights["enc_p.ssl_proj.weight"].float()[:, :, 0]
    book.load_state_dict({
        "projection.weight": weights["ssl_proj.weight"].float()[:latent], "projection.bias": weights["ssl_proj.bias"].float()[:latent],
        "table.weight": entries[:, latent : latent + sovits.HIDDEN] / export.TABLE_SCALE, "to_hidden.weight": reading[:, :latent],
        "to_hidden.bias": weights["enc_p.ssl_proj.bias"].float(), "entries": entries[:, :latent],
    })
    return book


def part(network, weights, prefix, change=lambda name, value: value):
    """A network whose parameters are stored under their own names."""
    state = {}
    for name, own in network.state_dict().items():
        key = prefix + name
        value = weights[key].float() if key in weights else without_norm(weights, key)
        state[name] = change(name, value)[tuple(slice(n) for n in own.shape)]
    network.load_state_dict(state)
    return network


def semantic_model(weights):
    renamed = {name.replace("model.", "", 1).replace("h.layers.", "layers."): value for name, value in weights.items()}
    return part(gpt.TextToSemantic(), renamed, "", lambda name, value: value / export.SHARPER if name == export.PREDICTION else value)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--voice", required=True)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    voice, work = pathlib.Path(options.voice), pathlib.Path(options.work)
    read = lambda name: torch.load(voice / name, weights_only=True)
    weights = read("default.pth")["weight"]
    further = read("training.pt")
    others = {"encoder_heads": train_encoder.Heads(), "text_heads": train_text.Heads(),
              "text_discriminator": discriminator.of_mel(), "generator_discriminator": discriminator.of_sound()}
    for name, module in others.items():
        module.load_state_dict({key: value.float() for key, value in further[name].items()})
    book = codebook(weights)
    plain = lambda value: value if isinstance(value, list) else value.numpy()
    np.savez(work / "codes.npz", **{name: plain(value) for name, value in further["codes"].items()})
    book.define(data.entries(work))
    codes = data.codes_digest(work)
    recogniser = speech_encoder(read("chinese-hubert-base/pytorch_model.bin"))
    data.save(work / "encoder.pt", {"speech_encoder": recogniser, "codebook": book, "heads": others["encoder_heads"]}, step=0, codes=codes)
    text = {
        "codebook": book, "heads": others["text_heads"], "discriminator": others["text_discriminator"],
        "text_encoder": part(sovits.TextEncoder(), weights, "enc_p."),
        "reference": part(sovits.ReferenceEncoder(), weights, "ref_enc.",
                          lambda name, value: value / sovits.LOUDNESS if name == "spectral.0.fc.weight" else value),
    }
    generator = part(sovits.Generator(), weights, "dec.")
    data.save(work / "text.pt", text, step=0, codes=codes)
    data.save(work / "generator.pt", {"generator": generator, "discriminator": others["generator_discriminator"]},
              step=0, codes="")
    if not (voice / "default.ckpt").exists():
        return
    language = read("default.ckpt")["weight"]
    data.save(work / "gpt.pt", {"gpt": semantic_model(language)}, step=0, codes=codes)


if __name__ == "__main__":
    main()
