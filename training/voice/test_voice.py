"""Tests of the parts that don't need training: python -m unittest test_voice (those of networks want PyTorch)."""

import importlib.util
import tempfile
import unittest

import numpy as np

import measures
import phones


class Alignment(unittest.TestCase):
    def test_segments_meet_their_phones(self):
        segments = "pau hh ax l ow pau w er l d pau".split()
        places, cost = phones.align_segments(segments, "HH AH0 L OW1 , W ER1 L D .".split())
        self.assertEqual(places, [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        self.assertLess(cost, 0.05)

    def test_other_reading_costs(self):
        same = phones.align_segments("r eh d".split(), "R EH1 D".split())[1]
        other = phones.align_segments("r iy d".split(), "R EH1 D".split())[1]
        self.assertEqual(same, 0)
        self.assertGreater(other, 0.1)

    def test_missing_pause_leaves_the_comma_without_time(self):
        places, _ = phones.align_segments("ay g ow".split(), "AY1 , G OW1".split())
        self.assertEqual(places, [0, 2, 3])


class Pinyin(unittest.TestCase):
    def setUp(self):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".txt")
        self.file.write("ni\tn i\nhao\th ao\nlv\tl v\n")
        self.file.flush()

    def test_phones_to_pinyin(self):
        text, places = phones.pinyin(["n", "i2", "h", "ao3", ",", "l", "v4", "."], self.file.name)
        self.assertEqual(text, "ni2 hao3, lv4.")
        self.assertEqual(places, [0, 2, 5])

    def test_no_syllable(self):
        self.assertIsNone(phones.pinyin(["n", "ao9"], self.file.name))
        self.assertIsNone(phones.pinyin(["HH", "AH0"], self.file.name))


class Measures(unittest.TestCase):
    def test_word_errors(self):
        self.assertEqual(measures.word_errors("The cat sat.", "the cat sat"), (0, 3))
        self.assertEqual(measures.word_errors("The cat sat.", "the bat sat down"), (2, 3))
        self.assertEqual(measures.word_errors("The cat sat.", ""), (3, 3))

    def test_pitch(self):
        time = np.arange(16000) / 16000
        sound = sum(np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 9)) * 0.2
        self.assertAlmostEqual(np.median(measures.pitch(sound)[10:-10]), 120, delta=2)
        self.assertEqual(np.median(measures.pitch(np.zeros(16000))), 0)

    def test_alignment_finds_a_delay(self):
        rng = np.random.default_rng(1)
        a = rng.normal(size=(30, 4))
        pairs = measures.aligned(a, np.concatenate([np.repeat(a[:1], 5, 0), a]))
        self.assertIn((20, 25), {tuple(p) for p in pairs.tolist()})

    def test_comparison_of_a_sound_with_itself(self):
        time = np.arange(16000) / 16000
        sweep = np.cumsum(100 + 60 * time) / 16000
        sound = sum(np.sin(2 * np.pi * sweep * k) / k for k in range(1, 9)) * 0.2
        pitch, distance = measures.compare(sound, sound)
        self.assertGreater(pitch, 0.99)
        self.assertLess(distance, 1e-6)


@unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not installed")
class Texts(unittest.TestCase):
    def test_senseless_texts_have_the_words_and_marks_of_their_source(self):
        import texts

        source = ["One two, three!", "Four's five?"]
        made = texts.senseless(source, "en", 60, seed="a")
        self.assertEqual(len(set(made)), 60)
        for text in made:
            self.assertRegex(text, r"^[A-Za-z0-9' .,!?]+$")
            self.assertNotRegex(text, r" [.,!?]")
        self.assertEqual(made, texts.senseless(source, "en", 60, seed="a"))
        self.assertNotEqual(made, texts.senseless(source, "en", 60, seed="b"))
        signs = texts.senseless(["天地，", "玄黄。"], "zh", 20, seed="a")
        self.assertEqual(set("".join(signs)), set("天地，玄黄。"))


class Networks(unittest.TestCase):
    def test_half_precision_keeps_codes(self):
        import torch

        import encoder
        import export

        torch.manual_seed(0)
        book = encoder.Codebook()
        torch.nn.init.normal_(book.table.weight)
        frames = torch.randn(1, 400, encoder.WIDTH)
        codes = book.nearest(book.latent(frames))
        weights = export.half(export.quantizer(book))
        projected = torch.nn.functional.conv1d(
            frames.transpose(1, 2), weights["ssl_proj.weight"].float(), weights["ssl_proj.bias"].float(), stride=2)[0].T
        entries = weights["quantizer.vq.layers.0._codebook.embed"].float()
        exported = torch.cdist(projected, entries).argmin(1)
        self.assertGreater((exported == codes[0]).float().mean(), 0.98)
        reading = weights["enc_p.ssl_proj.weight"].float()[:, :, 0]
        wanted = book.hidden(codes)[0]
        got = entries[codes[0]] @ reading.T + weights["enc_p.ssl_proj.bias"].float()
        self.assertLess((got - wanted).abs().max(), 0.02)

    def test_exported_voice_is_opened_again(self):
        import torch

        import encoder
        import export
        import gpt
        import reopen
        import sovits

        torch.manual_seed(1)
        parts = {"speech_encoder": encoder.SpeechEncoder(), "codebook": encoder.Codebook(), "text_encoder": sovits.TextEncoder(),
                 "reference": sovits.ReferenceEncoder(), "generator": sovits.Generator(), "gpt": gpt.TextToSemantic()}
        torch.nn.init.normal_(parts["codebook"].table.weight)
        sovits_weights = export.half(export.sovits_weights(parts))
        again = {
            "speech_encoder": reopen.speech_encoder(export.half(export.hubert(parts["speech_encoder"]))),
            "codebook": reopen.codebook(sovits_weights),
            "text_encoder": reopen.part(sovits.TextEncoder(), sovits_weights, "enc_p."),
            "generator": reopen.part(sovits.Generator(), sovits_weights, "dec."),
            "gpt": reopen.semantic_model(export.half(export.gpt_weights(parts["gpt"]))),
        }
        sound, frames = torch.randn(1, 6480), torch.randn(1, 20, encoder.WIDTH)
        codes, z = torch.arange(10)[None], torch.randn(1, sovits.LATENT_CHANNELS, 6)
        phones, speaker = torch.randint(0, 700, (1, 9)), torch.randn(1, sovits.GLOBAL, 1)
        functions = {
            "speech_encoder": lambda n: n(sound), "codebook": lambda n: n.latent(frames), "generator": lambda n: n(z),
            "text_encoder": lambda n: n.eval()(torch.ones(1, 12, sovits.HIDDEN), torch.ones(1, 12), phones, torch.ones(1, 9), speaker)[0],
            "gpt": lambda n: n.eval()(phones, torch.tensor([9]), codes)[0],
        }
        for name, function in functions.items():
            with torch.no_grad():
                before, after = function(parts[name]), function(again[name])
            self.assertLess((before - after).abs().max() / before.abs().max(), 0.02, name)
        with torch.no_grad():
            before, after = (parts_["codebook"].hidden(codes) for parts_ in (parts, again))
        self.assertLess((before - after).abs().max(), 0.02)

    def test_steps_with_an_unusual_gradient_are_left_out(self):
        import torch

        import optimizers

        weight = torch.nn.Parameter(torch.ones(3))
        steady = optimizers.Steady([("weight", weight)], 1.0, weight_decay=0)
        for _ in range(60):
            steady.step((weight * torch.ones(3)).sum(), 0.0)
        steady.step((weight * 100).sum(), 0.1)
        self.assertEqual((weight.tolist(), steady.left_out), ([1, 1, 1], 1))
        steady.step((weight * float("nan")).sum(), 0.1)
        self.assertEqual((weight.tolist(), steady.left_out), ([1, 1, 1], 2))
        steady.step((weight * 1.5).sum(), 0.1)
        self.assertLess(float(weight.max()), 1)

    def test_muon_moves_every_direction_alike(self):
        import torch

        import optimizers

        torch.manual_seed(0)
        for rows, columns in ((64, 96), (96, 64)):
            weight = torch.nn.Parameter(torch.zeros(rows, columns // 2, 2))
            steady = optimizers.Steady([("weight", weight)], 1e9, weight_decay=0)
            stretched = torch.randn(rows, columns) * torch.logspace(-0.5, 0.5, columns)
            steady.step((weight * stretched.view_as(weight)).sum(), 1.0)
            sizes = torch.linalg.svdvals(weight.detach().flatten(1)) / (0.2 * max(rows, columns) ** 0.5)
            self.assertGreater(float(sizes.min()), 0.2)
            self.assertLess(float(sizes.max()), 1.3)

    def test_cepstral_distance_is_of_shapes_that_change(self):
        import torch

        import data
        import stage

        inside, known = torch.ones(1, 20), torch.zeros(1, 20, 98)
        inside[0, 15:] = 0
        batch, bands = {"mask": inside, "z": known}, torch.ones(80)

        def distance(difference):
            z = torch.zeros(1, 20, 98)
            z[..., data.MEL] = difference
            return float(stage.cepstral_distance(z, batch, bands))

        tilt, ripple = torch.linspace(-1, 1, 80), torch.tensor((1.0, -1.0)).repeat(40)
        times = torch.randn(1, 20, 1)
        self.assertLess(distance(tilt.expand(1, 20, 80)), 1e-5)  # a colour that stays
        self.assertLess(distance(times.expand(1, 20, 80)), 1e-5)  # loudness
        self.assertGreater(distance(times * tilt), 5 * distance(times * ripple))
        outside = torch.zeros(1, 20, 1)
        outside[0, 15:] = 9
        self.assertEqual(distance(outside * tilt), 0)

    def test_discriminator_tells_blurred_spectra(self):
        import torch

        import discriminator

        torch.manual_seed(0)
        network = discriminator.of_mel()
        optimizer, pitch = torch.optim.Adam(network.parameters(), 2e-3), torch.zeros(4, 24)

        def batch():
            sharp = torch.randn(4, 80, 24)
            return torch.nn.functional.avg_pool1d(sharp, 3, 1, 1), sharp

        for _ in range(30):
            blurred, sharp = batch()
            optimizer.zero_grad()
            network.loss(blurred, sharp, pitch).backward()
            optimizer.step()
        blurred, sharp = batch()
        network.requires_grad_(False)
        fooled, alike = network.generator_loss(blurred, sharp, pitch)
        self.assertGreater(float(fooled), 0.6)
        self.assertGreater(float(alike), 0.2)
        fooled, alike = network.generator_loss(sharp, sharp, pitch)
        self.assertLess(float(fooled), 0.2)
        self.assertLess(float(alike), 1e-6)

    def test_generator_makes_640_samples_a_frame(self):
        import torch

        import sovits

        self.assertEqual(sovits.Generator()(torch.zeros(1, sovits.LATENT_CHANNELS, 9)).shape, (1, 9 * 640))

    def test_generation_equals_the_training_forward(self):
        import torch

        import gpt

        torch.manual_seed(0)
        model = gpt.TextToSemantic().eval()
        letters, prompt = torch.randint(0, 700, (9,)), torch.randint(0, 1024, (20,))
        codes = model.generate(letters, prompt, most=12, top_k=1, penalty=1.0)
        self.assertEqual(len(codes), 12)
        whole = torch.cat([prompt, torch.tensor(codes)])
        padded = torch.cat([torch.zeros(3, dtype=torch.long), letters])
        logits, _ = model(padded[None], torch.tensor([9]), whole[None])
        self.assertEqual(logits[0, 20:31, : gpt.END].argmax(-1).tolist(), codes[:11])

    def test_stuttered_sequences_go_on_where_the_text_does(self):
        import gpt
        import train_gpt

        rng, left = np.random.default_rng(3), 0
        silent = np.isin(np.arange(130), (112, 113, 114, 115))
        for _ in range(60):
            codes, places = np.arange(100, 130), np.arange(30)
            read, targets, where = train_gpt.stuttered(rng, codes, codes, places, silent)
            self.assertEqual(len(read), len(targets))
            self.assertGreater(len(read), 30)
            # Without what is said again, all is as it was; where something is asked for, it is the next that was not yet said.
            self.assertEqual(read[where >= 0].tolist(), codes.tolist())
            self.assertEqual(targets[where >= 0].tolist(), codes.tolist())
            asked = np.flatnonzero((where < 0) & (targets >= 0))
            for at in asked:
                following = read[:at].max() + 1
                self.assertEqual(targets[at], following if following < 130 else gpt.END)
                self.assertEqual(read[at - 1], read[:at].max())
            left += targets[asked[0]] == 116
        self.assertGreater(left, 15)  # the end of the pause
        short = np.arange(2)
        self.assertEqual(train_gpt.stuttered(rng, short, short, short, silent)[0].tolist(), [0, 1])

    def test_silence_after_a_prompt_is_not_asked_for(self):
        import types

        import train_gpt

        sequences = object.__new__(train_gpt.Sequences)
        sequences.corpus, sequences.silent = types.SimpleNamespace(shares=[1.0]), np.zeros(1024, bool)
        sequences.choices = [{(True, kind): np.array([0]) for kind in ("text", "short", "prompt")}]
        # Codes of a text are 500 and up, of a prompt 0 to 19 and then those of its silence.
        sequences.utterance = lambda at, index, prompt: (
            (np.arange(9), np.arange(20 + train_gpt.TAIL_CODES), np.arange(20 + train_gpt.TAIL_CODES)) if prompt
            else (np.arange(20), np.arange(500, 530), np.arange(30)))
        rng, prompted = np.random.default_rng(1), 0
        for _ in range(40):
            _, codes, wanted, _ = sequences.sequence(rng, held=True)
            silence = (codes >= 20) & (codes < 500)
            self.assertEqual(wanted[silence].tolist(), [-1] * int(silence.sum()))
            self.assertEqual(wanted[~silence].tolist(), codes[~silence].tolist())
            prompted += silence.any()
        self.assertTrue(20 < prompted < 40)

    def test_doubled_sound_is_the_same_sound(self):
        import torch

        import train_generator

        tone = torch.sin(torch.arange(3200) * 2 * torch.pi * 500 / 16000)
        twice = train_generator.doubled(tone)
        self.assertLess((twice[::2] - tone).abs().max(), 1e-3)

    def test_periodicity_wants_the_period_and_not_the_phase(self):
        import torch

        import waveform_losses

        frames, time = 12, torch.arange(12 * 640) / 32000
        pulses = lambda hertz, phase: sum(torch.cos(2 * torch.pi * k * (hertz * time + phase)) for k in range(1, 8))[None]
        pitch = torch.full((1, frames), 90.0)
        real = pulses(90, 0)
        self.assertLess(float(waveform_losses.periodicity(pulses(90, 0.3), real, pitch)), 0.02)
        self.assertGreater(float(waveform_losses.periodicity(pulses(75, 0), real, pitch)), 0.5)
        broken = torch.cat([pulses(90, share)[:, :640] for share in torch.rand(frames, generator=torch.manual_seed(1))], 1)
        self.assertGreater(float(waveform_losses.periodicity(broken, real, pitch)), 0.3)
        self.assertEqual(float(waveform_losses.periodicity(broken, real, torch.zeros(1, frames))), 0.0)


if __name__ == "__main__":
    unittest.main()
