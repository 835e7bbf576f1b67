"""Makes the corpus: sentences, speech, phones and frame features, a folder per speaker.

    python corpus.py --work WORK --gsv GSV --share /usr/share --jieba dict.txt --syllables opencpop-strict.txt
"""

import argparse
import json
import multiprocessing
import pathlib

import numpy as np
import torch

import features
import phones as front
import speech
import texts

# Utterances per speaker, and where in its language's sentences a speaker begins: most are said by one speaker or two.
AMOUNTS = {"slt": 6500, "rms": 6000, "awb": 3000, "kal": 5500, "cmn": 4000, "cmf": 4000}
FIRST = {"slt": 0, "rms": 6500, "awb": 9000, "kal": 11000, "cmn": 0, "cmf": 4000}
SENSELESS = 1 / 12  # of its amount, a speaker says besides: words and signs in no order, after the sentences
LANGUAGE = {"slt": "en", "rms": "en", "awb": "en", "kal": "en", "cmn": "zh", "cmf": "zh"}


def frames_of(samples):
    """The utterance cut to whole pairs of frames of 20 ms; HuBERT sees 25 ms, so 80 samples more than they hop over."""
    frames = 2 * (((len(samples) - 400) // 320 + 1) // 2)
    return frames, samples[: frames * 320 + 80]


def frame_phones(spans, frames):
    """Which phone each frame is in (-1: none), by the frame's middle."""
    result = np.full(frames, -1, np.int16)
    middles = (np.arange(frames) + 0.5) * 0.02
    for index, (start, end) in enumerate(spans):
        if end > start:
            result[(middles >= start) & (middles < end)] = index
    return result


def make(folder, jobs, pool):
    """Speaks all jobs and writes one speaker's folder."""
    audio, ids, where, sentences, offsets = [], [], [], [], [(0, 0, 0)]
    sound = frame = phone = 0
    for job, made in zip(jobs, pool.imap(speech.say, jobs, chunksize=16)):
        if made is None:
            continue
        frames, samples = frames_of(made[0])
        audio.append(samples)
        ids.append(made[1])
        where.append(frame_phones(made[2], frames))
        sentences.append(job[1])
        sound, frame, phone = sound + len(samples), frame + frames, phone + len(made[1])
        offsets.append((sound, frame, phone))
    mel = np.zeros((frame, features.BANDS), np.float16)
    pitch = np.zeros(frame, np.float16)
    for index, samples in enumerate(audio):
        a, b = offsets[index][1], offsets[index + 1][1]
        wave = torch.from_numpy(samples.astype(np.float32) / 32768)
        mel[a:b] = features.mel(wave, b - a).numpy()
        pitch[a:b] = features.pitch(wave, b - a).numpy()
    np.save(folder / "audio.npy", np.concatenate(audio))
    np.save(folder / "phones.npy", np.concatenate(ids))
    np.save(folder / "places.npy", np.concatenate(where))
    np.save(folder / "mel.npy", mel)
    np.save(folder / "pitch.npy", pitch)
    np.save(folder / "offsets.npy", np.array(offsets, np.int64))
    (folder / "texts.json").write_text(json.dumps(sentences, ensure_ascii=False, indent=0))
    print(f"{folder.name}: {len(sentences)} utterances of {len(jobs)}, {frame / 50 / 3600:.2f} h", flush=True)


def main():
    parser = argparse.ArgumentParser()
    for name in ("work", "gsv", "share", "jieba", "syllables"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--part", type=float, default=1.0, help="how much of the amounts")
    parser.add_argument("--only", nargs="*", default=list(AMOUNTS))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--tag")
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    english, english_tests = texts.english(pathlib.Path(options.share))
    mandarin, mandarin_tests = texts.mandarin(options.jieba)
    work.mkdir(parents=True, exist_ok=True)
    (work / "held-out.json").write_text(json.dumps({"en": english_tests, "zh": mandarin_tests}, ensure_ascii=False, indent=1))
    torch.set_num_threads(1)
    with multiprocessing.Pool(options.processes) as pool:
        for speaker in options.only:
            folder = work / "corpus" / speaker
            if (folder / "texts.json").exists():
                continue
            count = int(AMOUNTS[speaker] * options.part)
            source = english if LANGUAGE[speaker] == "en" else mandarin
            first = FIRST[speaker] % len(source)
            chosen = (source + source)[first : first + count]
            chosen += texts.senseless(source, LANGUAGE[speaker], int(count * SENSELESS), seed=speaker)
            answers = front.phones_of(chosen, LANGUAGE[speaker], options.gsv)
            jobs = [(speaker, text, answer, options.syllables) for text, answer in zip(chosen, answers) if answer]
            folder.mkdir(parents=True, exist_ok=True)
            names = {int(number): name for answer in answers if answer for name, number in zip(*answer)}
            (folder / "symbols.json").write_text(json.dumps(names, ensure_ascii=False))
            make(folder, jobs, pool)


if __name__ == "__main__":
    main()
