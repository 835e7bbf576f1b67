"""A gsv server that speaks with the voice under test."""

import io
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.parse
import urllib.request
import wave

import numpy as np
import soxr

class Voice:
    """Starts a server on a free port, and asks it."""

    def __init__(self, options, folder):
        self.folder = pathlib.Path(options.voice).resolve()
        self.clips = json.loads((self.folder / "clips.json").read_text())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [str(pathlib.Path(options.gsv).resolve()), "serve", "-p", str(self.port)]
        self.server = subprocess.Popen(  # in a folder without a configuration, which would come first
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "GSV_VOICE": str(self.folder)})
        self.speaking, self.spoken = 0.0, 0.0

    def __enter__(self):
        for _ in range(300):
            if self.server.poll() is not None:
                raise RuntimeError("gsv serve ended at once; is the voice complete?")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("gsv serve does not answer")

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    def say(self, text, speaker, language, seed=1, top_k=5):
        """The speech at 16 kHz, -1 to 1."""
        clip = self.clips[speaker]
        query = {
            "text": text, "text_lang": language, "ref_audio_path": str(self.folder / f"{speaker}.wav"), "prompt_text": clip["text"],
            "prompt_lang": clip["language"], "top_k": top_k, "seed": seed, "text_split_method": "cut0", "fragment_interval": 0.01,
        }
        began = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/tts?" + urllib.parse.urlencode(query), timeout=120) as answer:
            data = answer.read()
        self.speaking += time.monotonic() - began
        with wave.open(io.BytesIO(data)) as sound:
            rate, samples = sound.getframerate(), np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
        self.spoken += len(samples) / rate
        return soxr.resample(samples.astype(np.float32) / 32768, rate, 16000)

    def summary(self):
        status = pathlib.Path(f"/proc/{self.server.pid}/status").read_text()
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        return f"real-time factor {self.speaking / max(self.spoken, 1e-9):.3f} over {self.spoken:.0f} s of speech, peak memory {peak / 1024:.0f} MB"
