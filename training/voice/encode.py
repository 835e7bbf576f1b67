"""Writes `prompts.npy`: the codes that the speech encoder hears in every second utterance followed by 0.6 s of silence, as the
engine prepares a prompt.

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
    data.resume(f"{options.work}/encoder.pt", parts)
    for part in parts.values():
        part.eval()
    for speaker in corpus.speakers:
        folder = pathlib.Path(options.work) / "corpus" / speaker.name
        starts = speaker.offsets[:, 1] // 2
        prompts = np.full(int(starts[-1]) + TAIL_CODES * len(speaker.texts), -1, np.int16)
        right = total = 0
        # Utterances of one length go together, without padding: the encoder's first norm is over the whole utterance.
        for frames in np.unique(speaker.frames):
            alike = np.flatnonzero((speaker.frames == frames) & is_prompt(np.arange(len(speaker.frames))))
            alike = alike[alike < options.most]
            for first in range(0, len(alike), 16):
                rows = alike[first : first + 16]
                sounds = torch.stack([speaker.sound(int(i)) for i in rows])
                heard = codes_of(*parts.values(), torch.nn.functional.pad(sounds, (0, TAIL))).numpy()
                for i, row in zip(rows, heard):
                    start = starts[i] + TAIL_CODES * i
                    prompts[start : start + frames // 2 + TAIL_CODES] = row[: frames // 2 + TAIL_CODES]
                    right += (row[: frames // 2] == speaker.codes[starts[i] : starts[i + 1]]).sum()
                    total += frames // 2
        np.save(folder / "prompts.npy", prompts)
        print(f"{speaker.name}: {total} codes, {100 * right / total:.1f} % as they should be", flush=True)


if __name__ == "__main__":
    main()
