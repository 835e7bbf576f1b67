"""Writes the codes of the whole corpus: `codes.npy`, and `prompts.npy` for each utterance followed by 0.6 s of silence, as
the engine prepares a prompt.

    python encode.py --work WORK
"""

import argparse
import pathlib

import numpy as np
import torch

import data
import encoder

TAIL = 9600  # samples
TAIL_CODES = 15


@torch.no_grad()
def codes_of(speech_encoder, codebook, waves):
    """Codes of equally long waves [B, N]."""
    return codebook.nearest(codebook.latent(speech_encoder(waves).float()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tag")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    corpus = data.Corpus(options.work)
    parts = {"speech_encoder": encoder.SpeechEncoder(), "codebook": encoder.Codebook()}
    data.resume(f"{options.work}/codes.pt", parts)
    for part in parts.values():
        part.eval()
    for speaker in corpus.speakers:
        folder = pathlib.Path(options.work) / "corpus" / speaker.name
        codes = np.zeros(int(speaker.offsets[-1, 1]) // 2, np.int16)
        prompts = np.zeros((len(codes) + TAIL_CODES * len(speaker.texts)), np.int16)
        for index in range(len(speaker.texts)):
            at, _ = speaker.slices(index)
            sound = speaker.sound(index)
            a, b = at.start // 2, at.stop // 2
            codes[a:b] = codes_of(*parts.values(), sound[None])[0][: b - a].numpy()
            tailed = codes_of(*parts.values(), torch.nn.functional.pad(sound, (0, TAIL))[None])[0].numpy()
            start = a + TAIL_CODES * index
            prompts[start : start + b - a + TAIL_CODES] = tailed[: b - a + TAIL_CODES]
        np.save(folder / "codes.npy", codes)
        np.save(folder / "prompts.npy", prompts)
        share = np.bincount(codes, minlength=1024) / len(codes)
        print(f"{speaker.name}: {len(codes)} codes, perplexity {np.exp(-(share * np.log(share + 1e-12)).sum()):.0f}", flush=True)


if __name__ == "__main__":
    main()
