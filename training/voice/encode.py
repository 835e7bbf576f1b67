"""Writes the codes of the whole corpus: `codes.npy`, and `prompts.npy` for every second utterance followed by 0.6 s of silence, as
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


def is_prompt(index):
    """Whether an utterance also serves as a prompt."""
    return index % 2 == 0


@torch.no_grad()
def codes_of(speech_encoder, codebook, waves):
    """Codes of equally long waves [B, N]."""
    return codebook.nearest(codebook.latent(speech_encoder(waves).float()))


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--most", type=int, default=10**9, help="utterances of a speaker")
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
        starts = speaker.offsets[:, 1] // 2
        codes = np.full(int(starts[-1]), -1, np.int16)
        prompts = np.full(len(codes) + TAIL_CODES * len(speaker.texts), -1, np.int16)
        # Utterances of one length go together, without padding: the encoder's first norm is over the whole utterance.
        for frames in np.unique(speaker.frames):
            alike = np.flatnonzero(speaker.frames == frames)
            alike = alike[alike < options.most]
            for first in range(0, len(alike), 16):
                rows = alike[first : first + 16]
                sounds = torch.stack([speaker.sound(int(i)) for i in rows])
                for i, row in zip(rows, codes_of(*parts.values(), sounds).numpy()):
                    codes[starts[i] : starts[i + 1]] = row[: frames // 2]
                chosen = [k for k, i in enumerate(rows) if is_prompt(i)]
                if not chosen:
                    continue
                tailed = codes_of(*parts.values(), torch.nn.functional.pad(sounds[chosen], (0, TAIL))).numpy()
                for k, row in zip(chosen, tailed):
                    start = starts[rows[k]] + TAIL_CODES * rows[k]
                    prompts[start : start + frames // 2 + TAIL_CODES] = row[: frames // 2 + TAIL_CODES]
        np.save(folder / "codes.npy", codes)
        np.save(folder / "prompts.npy", prompts)
        share = np.bincount(codes[codes >= 0], minlength=1024) / (codes >= 0).sum()
        print(f"{speaker.name}: {(codes >= 0).sum()} codes, perplexity {np.exp(-(share * np.log(share + 1e-12)).sum()):.0f}", flush=True)


if __name__ == "__main__":
    main()
