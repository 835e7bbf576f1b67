"""Writes the trained voice in upstream's file formats, half precision, with a clip of each speaker.

    python export.py --work WORK --output voices/default

Parts that do nothing (HuBERT's attention, the flow, BERT's projection) are written with strides of 0: the formats ask for
them, one number stands for all.
"""

import argparse
import collections
import json
import pathlib
import shutil

import numpy as np
import soundfile
import torch

import corpus as making
import data
import discriminator
import encoder
import gpt
import sovits
import train_encoder
import train_text

SHARPER = 2.0  # logits are multiplied by this: half the temperature that codes were learnt at
PREDICTION = "ar_predict_layer.weight"
TABLE_SCALE = 1 / 256  # of a code's own vector beside its latent: too small to count in the search for the nearest


def nothing(*shape):
    return constant(0, *shape)


def constant(value, *shape):
    return torch.full((1,), value, dtype=torch.half).as_strided(shape, (0,) * len(shape))


def normalised(name, weight, axes):
    """A weight as direction and size over `axes`."""
    size = weight.norm(dim=axes, keepdim=True)
    return {f"{name}_g": size, f"{name}_v": weight}


def hubert(network):
    """`pytorch_model.bin` of a HuBERT with one layer."""
    out = collections.OrderedDict(masked_spec_embed=nothing(encoder.WIDTH))
    for i, layer in enumerate(network.convolutions):
        out[f"feature_extractor.conv_layers.{i}.conv.weight"] = layer.weight

    def both(name, layer):
        out[f"{name}.weight"], out[f"{name}.bias"] = layer.weight, layer.bias

    both("feature_extractor.conv_layers.0.layer_norm", network.group_norm)
    both("feature_projection.layer_norm", network.projection_norm)
    both("feature_projection.projection", network.projection)
    out.update(normalised("encoder.pos_conv_embed.conv.weight", network.position.weight, (0, 1)))
    out["encoder.pos_conv_embed.conv.bias"] = network.position.bias
    both("encoder.layer_norm", network.norm)
    layer = "encoder.layers.0."
    for part in "qkv":
        out[f"{layer}attention.{part}_proj.weight"] = nothing(encoder.WIDTH, encoder.WIDTH)
        out[f"{layer}attention.{part}_proj.bias"] = nothing(encoder.WIDTH)
    out[f"{layer}attention.out_proj.weight"] = nothing(encoder.WIDTH, encoder.WIDTH)
    out[f"{layer}attention.out_proj.bias"] = nothing(encoder.WIDTH)
    both(layer + "layer_norm", network.attention_norm)
    both(layer + "feed_forward.intermediate_dense", network.inner)
    both(layer + "feed_forward.output_dense", network.outer)
    both(layer + "final_layer_norm", network.final_norm)
    return out


def hubert_config():
    return {
        "architectures": ["HubertModel"], "model_type": "hubert", "conv_bias": False, "do_stable_layer_norm": False,
        "feat_extract_norm": "group", "feat_extract_activation": "gelu", "hidden_act": "gelu", "hidden_size": encoder.WIDTH,
        "num_attention_heads": 12, "num_hidden_layers": 1, "intermediate_size": encoder.INNER,
        "conv_dim": [encoder.CHANNELS] * 7, "conv_kernel": list(encoder.KERNELS), "conv_stride": list(encoder.STRIDES),
        "num_feat_extract_layers": 7, "num_conv_pos_embeddings": encoder.POSITION_KERNEL,
        "num_conv_pos_embedding_groups": encoder.POSITION_GROUPS, "feat_proj_layer_norm": True, "layer_norm_eps": 1e-5,
        "vocab_size": 32, "torch_dtype": "float16", "transformers_version": "4.30.2",
    }


def flow(channels):
    """Four couplings whose last convolution is 0: the identity. Only shapes matter."""
    out = {}
    hidden, layers, half = sovits.HIDDEN, 4, channels // 2
    for i in (0, 2, 4, 6):
        name = f"flow.flows.{i}."
        out[name + "pre.weight"], out[name + "pre.bias"] = nothing(hidden, half, 1), nothing(hidden)
        for j in range(layers):
            rest = 2 * hidden if j < layers - 1 else hidden
            for part, rows, size in (("in_layers", 2 * hidden, 5), ("res_skip_layers", rest, 1)):
                out[f"{name}enc.{part}.{j}.bias"] = nothing(rows)
                out[f"{name}enc.{part}.{j}.weight_g"] = constant(1, rows, 1, 1)
                out[f"{name}enc.{part}.{j}.weight_v"] = constant(1, rows, hidden, size)
        rows = 2 * hidden * layers
        out[name + "enc.cond_layer.bias"] = nothing(rows)
        out[name + "enc.cond_layer.weight_g"] = constant(1, rows, 1, 1)
        out[name + "enc.cond_layer.weight_v"] = constant(1, rows, sovits.GLOBAL, 1)
        out[name + "post.weight"], out[name + "post.bias"] = nothing(half, hidden, 1), nothing(half)
    return out


def quantizer(codebook):
    """The projection to codes, the codebook, and the text encoder's reading of it."""
    width, latent, hidden = encoder.WIDTH, encoder.LATENT, sovits.HIDDEN
    projection, bias = torch.zeros(width, width, 2), torch.zeros(width)
    projection[:latent], bias[:latent] = codebook.projection.weight, codebook.projection.bias
    entries = torch.zeros(encoder.CODES, width)
    entries[:, :latent] = codebook.entries
    # The table's vectors differ in length; a last number makes all entries' extra parts equally long.
    table = codebook.table.weight * TABLE_SCALE
    entries[:, latent : latent + hidden] = table
    length = table.square().sum(1)
    entries[:, latent + hidden] = torch.sqrt(length.max() - length)
    reading = torch.zeros(hidden, width, 1)
    reading[:, :latent, 0] = codebook.to_hidden.weight
    reading[:, latent : latent + hidden, 0] = torch.eye(hidden) / TABLE_SCALE
    name = "quantizer.vq.layers.0._codebook."
    return {
        "ssl_proj.weight": projection, "ssl_proj.bias": bias,
        name + "inited": torch.ones(1), name + "cluster_size": constant(1, encoder.CODES), name + "embed": entries,
        name + "embed_avg": nothing(encoder.CODES, width),
        "enc_p.ssl_proj.weight": reading, "enc_p.ssl_proj.bias": codebook.to_hidden.bias,
    }


def sovits_weights(parts):
    out = collections.OrderedDict(quantizer(parts["codebook"]))
    for name, value in parts["text_encoder"].state_dict().items():
        if not name.startswith("proj."):
            out["enc_p." + name] = value
    proj = parts["text_encoder"].proj
    count = sovits.LATENT_CHANNELS
    out["enc_p.proj.weight"] = torch.cat([proj.weight, torch.zeros_like(proj.weight)])
    out["enc_p.proj.bias"] = torch.cat([proj.bias, torch.full((count,), -20.0)])  # no noise
    for name, value in parts["generator"].state_dict().items():
        if name.endswith(".weight") and (name.startswith("ups.") or name.startswith("resblocks.")):
            out.update(normalised("dec." + name, value, (1, 2)))
        else:
            out["dec." + name] = value
    out.update(flow(count))
    for name, value in parts["reference"].state_dict().items():
        out["ref_enc." + name] = value * sovits.LOUDNESS if name == "spectral.0.fc.weight" else value
    return out


def sovits_config():
    return {
        "train": {"segment_size": 20480, "seed": 1234, "epochs": 100, "learning_rate": 1e-4, "batch_size": 32, "fp16_run": True},
        "data": {"max_wav_value": 32768.0, "sampling_rate": 32000, "filter_length": 2048, "hop_length": 640, "win_length": 2048,
                 "n_mel_channels": 128, "mel_fmin": 0.0, "mel_fmax": None, "add_blank": True, "n_speakers": 300, "cleaned_text": True},
        "model": {"inter_channels": sovits.LATENT_CHANNELS, "hidden_channels": sovits.HIDDEN, "filter_channels": sovits.FILTER,
                  "n_heads": sovits.HEADS, "n_layers": sovits.LAYERS, "kernel_size": sovits.KERNEL, "p_dropout": 0.1, "resblock": "2",
                  "resblock_kernel_sizes": list(sovits.BLOCK_KERNELS), "resblock_dilation_sizes": [list(d) for d in sovits.DILATIONS],
                  "upsample_rates": list(sovits.RATES), "upsample_initial_channel": sovits.CHANNELS,
                  "upsample_kernel_sizes": list(sovits.KERNELS), "n_layers_q": 3, "use_spectral_norm": False,
                  "gin_channels": sovits.GLOBAL, "semantic_frame_rate": "25hz", "freeze_quantizer": True, "version": "v2"},
    }


def gpt_weights(model):
    out = collections.OrderedDict()
    out["model.bert_proj.weight"], out["model.bert_proj.bias"] = nothing(gpt.WIDTH, 1024), nothing(gpt.WIDTH)
    for name, value in model.state_dict().items():
        out["model." + name.replace("layers.", "h.layers.")] = value * SHARPER if name == PREDICTION else value
    return out


def gpt_config():
    return {
        "train": {"seed": 1234, "epochs": 20, "batch_size": 8, "save_every_n_epoch": 1, "precision": "16-mixed", "gradient_clip": 1.0},
        "optimizer": {"lr": 0.01, "lr_init": 1e-5, "lr_end": 1e-4, "warmup_steps": 2000, "decay_steps": 40000},
        "data": {"max_eval_sample": 8, "max_sec": 54, "num_workers": 4, "pad_val": gpt.END},
        "model": {"vocab_size": gpt.CODES, "phoneme_vocab_size": gpt.SYMBOLS, "embedding_dim": gpt.WIDTH, "hidden_dim": gpt.WIDTH,
                  "head": gpt.HEADS, "linear_units": 4 * gpt.WIDTH, "n_layer": gpt.LAYERS, "dropout": 0, "EOS": gpt.END, "random_bert": 0},
        "inference": {"top_k": 5},
    }


def half(weights):
    """Every tensor in half precision, in storage of its own; those with strides of 0 as they are."""
    out = collections.OrderedDict()
    for name, value in weights.items():
        value = value.detach()
        out[name] = value if value.dtype == torch.half else value.half().contiguous().clone()
    return out


def load(work):
    """The trained parts; those of later stages where there are some."""
    parts = {"speech_encoder": encoder.SpeechEncoder(), "codebook": encoder.Codebook(), "text_encoder": sovits.TextEncoder(),
             "reference": sovits.ReferenceEncoder(), "generator": sovits.Generator(), "gpt": gpt.TextToSemantic()}
    work, codes = pathlib.Path(work), data.codes_digest(work)
    recognising = encoder.Codebook()
    data.resume(work / "generator.pt", {"generator": parts["generator"]})
    if data.saved_values(work / "text.pt").get("codes") == codes:
        data.resume(work / "text.pt", {name: parts[name] for name in ("codebook", "text_encoder", "reference")})
    data.resume(work / "encoder.pt", {"speech_encoder": parts["speech_encoder"], "codebook": recognising})
    parts["codebook"].projection = recognising.projection
    data.resume(work / "gpt.pt", {"gpt": parts["gpt"]})
    for part in parts.values():
        part.eval()
    return parts


def further(work):
    """What only training needs, for `reopen.py`: heads and discriminators, and what the codes mean."""
    modules = {"encoder": {"heads": train_encoder.Heads()},
               "text": {"heads": train_text.Heads(), "discriminator": discriminator.of_mel()},
               "generator": {"discriminator": discriminator.of_sound()}}
    out = {}
    for stage, parts in modules.items():
        data.resume(f"{work}/{stage}.pt", parts)
        out.update({f"{stage}_{name}": half(part.state_dict()) for name, part in parts.items()})
    with np.load(f"{work}/codes.npz") as codes:
        out["codes"] = {name: codes[name].tolist() if name == "names" else torch.from_numpy(codes[name]) for name in codes.files}
    return out


def clips(corpus, folder):
    """One held-out utterance of 3 to 5 s of each speaker, and what it says; the last ones say nothing that makes sense."""
    said = {}
    for speaker in corpus.speakers:
        held = speaker.held[speaker.held * (1 + making.SENSELESS) < len(speaker.texts)]
        fitting = [i for i in held if 160 <= speaker.frames[i] <= 240]
        index = min(fitting or speaker.held, key=lambda i: abs(int(speaker.frames[i]) - 190))
        soundfile.write(folder / f"{speaker.name}.wav", speaker.sound(index).numpy(), 16000, "PCM_16")
        said[speaker.name] = {"text": speaker.texts[index], "language": "zh" if speaker.name.startswith("cm") else "en"}
    (folder / "clips.json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    # What gsv takes when nobody names a clip, and what makes the folder a voice of a server's registry.
    shutil.copyfile(folder / "slt.wav", folder / "ref.wav")
    (folder / "ref.txt").write_text(said["slt"]["text"] + "\n")
    (folder / "voice.yaml").write_text(
        "language: en\ngpt_weights: default.ckpt\nsovits_weights: default.pth\nhubert: chinese-hubert-base\n"
        "consent: the clip was made by a synthesizer\ndescription: the voice that comes with gsv\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    folder = pathlib.Path(options.output)
    (folder / "chinese-hubert-base").mkdir(parents=True, exist_ok=True)
    parts = load(options.work)
    torch.save(half(hubert(parts["speech_encoder"])), folder / "chinese-hubert-base" / "pytorch_model.bin")
    (folder / "chinese-hubert-base" / "config.json").write_text(json.dumps(hubert_config(), indent=1) + "\n")
    (folder / "chinese-hubert-base" / "preprocessor_config.json").write_text(json.dumps({
        "do_normalize": True, "feature_extractor_type": "Wav2Vec2FeatureExtractor", "feature_size": 1, "padding_side": "right",
        "padding_value": 0, "return_attention_mask": False, "sampling_rate": 16000}, indent=1) + "\n")
    torch.save({"weight": half(sovits_weights(parts)), "config": sovits_config(), "info": "gsv default voice"}, folder / "default.pth")
    torch.save({"weight": half(gpt_weights(parts["gpt"])), "config": gpt_config(), "info": "gsv default voice"}, folder / "default.ckpt")
    torch.save(further(options.work), folder / "training.pt")
    clips(data.Corpus(options.work), folder)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print(f"{folder}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
