"""The speech encoder's phone head, taught what the generator sounds like.

The head has heard synthesizers only; of speech through the generator it takes half of the frames for other phones, mostly of
another language. Here it learns further, on training utterances as they are and through the generator (from their own features,
not from text), with everything before it left as it is. Nothing of it is part of the voice.
"""

import numpy as np
import soxr
import torch
from torch.nn import functional as F

import data
import encoder
import export
import sovits
import train_encoder

UTTERANCES, LONGEST, ROUNDS, BATCH, RATE = 160, 300, 12, 512, 2e-3


@torch.no_grad()
def frames(corpus, speech_encoder, generator, rng):
    """Features and phones of utterances' frames, of the recordings and of what the generator makes of their spectra."""
    features, phones = [], []
    for speaker in corpus.speakers:
        usable = speaker.train[speaker.frames[speaker.train] < LONGEST]
        for index in rng.choice(usable, min(UTTERANCES, len(usable)), replace=False):
            at, _ = speaker.slices(index)
            target, _ = corpus.known(speaker, at)
            z = F.pad(target, (0, sovits.LATENT_CHANNELS - target.shape[1])).T[None]
            made = soxr.resample(generator(z)[0].numpy(), 32000, 16000)
            for sound in (torch.from_numpy(made), speaker.sound(index)):
                found, named = speech_encoder(F.pad(sound, (40, 40))[None])[0], speaker.classes(index)
                count = min(len(found), len(named))
                features.append(found[:count])
                phones.append(named[:count])
    return torch.cat(features), torch.cat(phones)


def taught(work, speakers):
    """The speech encoder, and its phone head for these speakers."""
    torch.manual_seed(6)
    encoder_, heads = encoder.SpeechEncoder(), train_encoder.Heads()
    data.resume(f"{work}/encoder.pt", {"speech_encoder": encoder_, "heads": heads})
    features, phones = frames(data.Corpus(work, speakers), encoder_.eval(), export.load(work)["generator"], np.random.default_rng(6))
    optimizer = torch.optim.AdamW(heads.phone.parameters(), RATE)
    for _ in range(ROUNDS):
        for chosen in torch.randperm(len(features)).split(BATCH):
            loss = F.cross_entropy(heads.phone(features[chosen]), phones[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        optimizer.param_groups[0]["lr"] *= 0.75
    return encoder_, heads.phone
