"""Chooses the clip of each speaker that makes an exported voice best: the one behind which other held-out utterances of the
speaker are understood best, or in Mandarin follow the synthesizer's pitch best. None of the sentences that `check.py` says is
among them.

    python choose_clips.py --work WORK --gsv GSV --voice voices/default
    python choose_clips.py --work WORK --gsv GSV --voice voices/default --speakers kal cmf
"""

import argparse
import json
import pathlib
import tempfile

import numpy as np
import soundfile

import data
import export
import measures
import server

RATE = 16000


class Choice:
    """Candidates of one speaker and what is said behind each."""

    def __init__(self, options, speaker, folder):
        self.speaker, self.language = speaker, export.language(speaker.name)
        own = json.loads((pathlib.Path(options.voice) / "clips.json").read_text())[speaker.name]["text"]
        fitting = [int(i) for i in speaker.held if 150 <= speaker.frames[i] <= 250]
        # The voice's own clip is one of them.
        first = [i for i in fitting if speaker.texts[i] == own]
        others = sorted((i for i in fitting if i not in first), key=lambda i: abs(int(speaker.frames[i]) - 190))
        self.candidates = (first + others)[: options.candidates]
        rest = [int(i) for i in speaker.held if i not in self.candidates and 100 <= speaker.frames[i] <= 300]
        self.sentences = rest[:: max(1, len(rest) // options.sentences)][: options.sentences]
        self.clips = []
        for index in self.candidates:
            path = pathlib.Path(folder) / f"{speaker.name}-{index}.wav"
            soundfile.write(path, speaker.sound(index).numpy(), RATE, "PCM_16")
            self.clips.append((path, speaker.texts[index]))

    def loss(self, voice, recogniser, clip):
        """Share of the words that are not understood, or what the pitch's correlation lacks."""
        wrong, words, likeness = 0, 0, []
        for index in self.sentences:
            text = self.speaker.texts[index]
            said = voice.say(text, self.speaker.name, self.language, clip=clip)
            if self.language == "zh":
                likeness.append(measures.compare(self.speaker.sound(index).numpy(), said)[0])
            else:
                errors, count = measures.word_errors(text, recogniser(said))
                wrong, words = wrong + errors, words + count
        return 1 - np.nanmean(likeness) if likeness else wrong / words


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--gsv", required=True)
    parser.add_argument("--voice", required=True)
    parser.add_argument("--speakers", nargs="*", help="all unless named")
    parser.add_argument("--candidates", type=int, default=8)
    parser.add_argument("--sentences", type=int, default=50)
    options = parser.parse_args()
    corpus, recogniser = data.Corpus(options.work), measures.Recogniser()
    chosen = {}
    with tempfile.TemporaryDirectory() as folder, server.Voice(options, folder) as voice:
        for speaker in corpus.speakers:
            if options.speakers and speaker.name not in options.speakers:
                continue
            choice = Choice(options, speaker, folder)
            losses = []
            for clip in choice.clips:
                losses.append(choice.loss(voice, recogniser, clip))
                print(f"{speaker.name} {100 * losses[-1]:5.1f} %  {clip[1]}", flush=True)
            chosen[speaker.name] = choice.candidates[int(np.argmin(losses))]
    export.clips(corpus, pathlib.Path(options.voice), chosen)


if __name__ == "__main__":
    main()
