#!/usr/bin/env python3
"""Real clients against a real server: the openai and wyoming packages of PyPI, curl, ffmpeg and sox.

usage: check_clients.py GSV MODELS REFERENCE [--promtool PATH]

Starts GSV serve on free ports with the models folder MODELS and two voices made of the clip REFERENCE, lets each
client do what its users do, and ends with a line per check. The exit status is the number of checks that failed.
"""
import argparse
import asyncio
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

TEXT = "今天天气真不错，我们一起去公园散步吧。你好，世界！"
failures = 0


def check(name, body):
    """Runs a check and prints how it went."""
    global failures
    start = time.monotonic()
    try:
        told = body() or ""
        verdict = "ok  "
    except Exception as error:  # every failure of a check is a result
        failures += 1
        told, verdict = f"{type(error).__name__}: {error}", "BAD "
    print(f"{verdict} {time.monotonic() - start:6.2f} s  {name}  {told}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def probe(data):
    """Seconds of sound in a file, as ffmpeg decodes it to the end without an error."""
    with tempfile.NamedTemporaryFile(suffix=".audio") as file:
        file.write(data)
        file.flush()
        run = subprocess.run(
            ["ffmpeg", "-v", "error", "-i", file.name, "-f", "s16le", "-ar", "16000", "-ac", "1", "pipe:1"],
            capture_output=True, check=True)
    complaints = [line for line in run.stderr.decode().splitlines() if line.strip()]
    assert not complaints, complaints[:2]
    return len(run.stdout) / 32000


def ogg_files(data):
    """The files of a chain: each begins with a page that says so."""
    starts, place = [], 0
    while place < len(data):
        assert data[place:place + 4] == b"OggS", place
        if data[place + 5] & 2:
            starts.append(place)
        segments = data[place + 26]
        place += 27 + segments + sum(data[place + 27:place + 27 + segments])
    return [data[start:end] for start, end in zip(starts, starts[1:] + [len(data)])]


def longer_than(seconds, data):
    found = probe(data)
    assert found > seconds, f"{found} s of sound in {len(data)} bytes"
    return f"{found:.2f} s of sound, {len(data)} bytes"


ADMIN_KEY = "check-clients-admin"


class Server:
    """A server with two voices."""

    def __init__(self, program, models, reference, *more):
        self.port, self.wyoming = free_port(), free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp())
        for name in ["default", "anna"]:
            (self.folder / name).mkdir()
            shutil.copy(reference, self.folder / name / "ref.wav")
            (self.folder / name / "ref.txt").write_text("夜来风雨声，花落知多少？\n")
            (self.folder / name / "voice.yaml").write_text("language: zh\n")
        self.process = subprocess.Popen(
            [program, "serve", "--models", models, "-p", str(self.port), "--voices", str(self.folder),
             "--wyoming-port", str(self.wyoming), "--log-format", "json", "--admin-key", ADMIN_KEY, *more],
            stderr=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{self.port}"
        for _ in range(600):
            try:
                urllib.request.urlopen(self.url + "/ready").close()
                return
            except OSError:
                assert self.process.poll() is None, self.process.stderr.read().decode()
                time.sleep(0.1)
        raise RuntimeError("the server does not start")

    def get(self, path, **query):
        return urllib.request.urlopen(f"{self.url}{path}?{urllib.parse.urlencode(query)}", timeout=120)

    def stop(self):
        self.process.terminate()
        log = self.process.stderr.read().decode()
        status = self.process.wait(30)
        shutil.rmtree(self.folder)
        assert status == 0, status
        lines = [line for line in log.splitlines() if line.startswith("{")]
        for line in lines:
            json.loads(line)
        assert TEXT[:4] not in log, "the log repeats the text"
        return f"{len(lines)} lines of JSON"


def upstream(server):
    """api_v2's endpoint in every container and mode."""
    for media in ["wav", "ogg", "aac", "mp3", "opus", "flac"]:
        for mode in [0, 1, 2, 3]:
            def speak(media=media, mode=mode):
                with server.get("/tts", text=TEXT, text_lang="zh", ref_audio_path="default", prompt_lang="zh",
                                media_type=media, streaming_mode=mode, text_split_method="cut5", seed=1) as answer:
                    data = answer.read()
                    if media == "ogg":
                        files = ogg_files(data)
                        assert (len(files) > 1) == (mode > 0), len(files)
                        return f"{sum(probe(file) for file in files):.2f} s of sound in {len(files)} files"
                    return longer_than(0.5, data)
            check(f"/tts {media} mode {mode}", speak)

    def curl():
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            subprocess.run(
                ["curl", "-sSf", "-o", file.name, "-G", server.url + "/tts", "--data-urlencode", "text=" + TEXT, "-d",
                 "text_lang=zh", "-d", "voice=anna"], check=True)
            run = subprocess.run(["sox", file.name, "-n", "stat"], capture_output=True, check=True, text=True)
            return run.stderr.splitlines()[1].strip()
    check("curl and sox", curl)


def openai_package(server):
    import openai
    client = openai.OpenAI(base_url=server.url + "/v1", api_key="unused", max_retries=0)
    for form in ["mp3", "opus", "aac", "flac", "wav"]:
        check(f"openai {openai.__version__}: {form}", lambda form=form: longer_than(0.5, client.audio.speech.create(
            model="tts-1", voice="anna", input=TEXT, response_format=form).content))

    def pcm():
        data = client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format="pcm").content
        assert len(data) > 24_000 and len(data) % 2 == 0, len(data)
        return f"{len(data) / 48000:.2f} s"
    check("openai: pcm", pcm)

    def streaming():
        start = time.monotonic()
        first, size = None, 0
        with client.audio.speech.with_streaming_response.create(
                model="tts-1", voice="anna", input=TEXT * 5, response_format="wav", speed=1.1) as answer:
            for part in answer.iter_bytes(1024):
                first = first or time.monotonic() - start
                size += len(part)
        whole = time.monotonic() - start
        assert first < whole, (first, whole)
        return f"first sound after {first:.2f} s of {whole:.2f} s, {size} bytes"
    check("openai: streaming", streaming)

    def events():
        kinds = []
        with client.audio.speech.with_streaming_response.create(
                model="gpt-4o-mini-tts", voice={"id": "anna"}, input=TEXT, response_format="mp3",
                stream_format="sse") as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    kinds.append(json.loads(line[6:])["type"])
        assert set(kinds[:-1]) == {"speech.audio.delta"} and kinds[-1] == "speech.audio.done", kinds
        return f"{len(kinds)} events"
    check("openai: sse", events)

    def refusals():
        told = []
        for arguments, kind in [({"voice": "nobody"}, openai.BadRequestError), ({"input": ""}, openai.BadRequestError),
                                ({"response_format": "gif"}, openai.BadRequestError)]:
            try:
                client.audio.speech.create(**({"model": "tts-1", "voice": "anna", "input": "a"} | arguments))
                raise AssertionError(arguments)
            except kind as error:
                told.append(error.code)
        return " ".join(told)
    check("openai: errors", refusals)
    check("openai: models", lambda: " ".join(model.id for model in client.models.list()))


def wyoming_package(server):
    from wyoming.audio import AudioChunk, AudioStart, AudioStop
    from wyoming.client import AsyncTcpClient
    from wyoming.info import Describe, Info
    from wyoming.tts import (Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped,
                             SynthesizeVoice)

    async def describe():
        async with AsyncTcpClient("127.0.0.1", server.wyoming) as client:
            await client.write_event(Describe().event())
            info = Info.from_event(await asyncio.wait_for(client.read_event(), 10))
            return " ".join(f"{p.name}: " + ", ".join(v.name for v in p.voices) for p in info.tts)

    async def sound(client, last):
        size, rate = 0, 0
        while True:
            event = await asyncio.wait_for(client.read_event(), 60)
            assert event is not None, "the connection ended"
            assert event.type != "error", event.data
            if AudioStart.is_type(event.type):
                rate = AudioStart.from_event(event).rate
            elif AudioChunk.is_type(event.type):
                size += len(AudioChunk.from_event(event).audio)
            elif event.type == last:
                assert size > 16_000, size
                return f"{size / 2 / rate:.2f} s at {rate} Hz"

    async def synthesize():
        async with AsyncTcpClient("127.0.0.1", server.wyoming) as client:
            await client.write_event(Synthesize(text=TEXT, voice=SynthesizeVoice(name="anna")).event())
            return await sound(client, AudioStop(timestamp=None).event().type)

    async def pieces():
        async with AsyncTcpClient("127.0.0.1", server.wyoming) as client:
            await client.write_event(SynthesizeStart(voice=SynthesizeVoice(name="anna")).event())
            for part in [TEXT[:7], TEXT[7:20], TEXT[20:]]:
                await client.write_event(SynthesizeChunk(text=part).event())
            await client.write_event(Synthesize(text=TEXT, voice=SynthesizeVoice(name="anna")).event())
            await client.write_event(SynthesizeStop().event())
            return await sound(client, SynthesizeStopped().event().type)

    check("wyoming: describe", lambda: asyncio.run(describe()))
    check("wyoming: synthesize", lambda: asyncio.run(synthesize()))
    check("wyoming: text in pieces", lambda: asyncio.run(pieces()))


def operation(server, reference, promtool):
    def upload():
        request = urllib.request.Request(
            server.url + "/v1/audio/voices/new?language=zh&text=" + urllib.parse.quote("一二三。"),
            data=pathlib.Path(reference).read_bytes(), method="PUT")
        try:
            urllib.request.urlopen(request)
            raise AssertionError("a voice was added without a key")
        except urllib.error.HTTPError as error:
            assert error.code == 401, error.code
        request.add_header("X-Api-Key", ADMIN_KEY)
        assert urllib.request.urlopen(request).status == 201
        with server.get("/tts", text="你好，世界。", text_lang="zh", voice="new") as answer:
            told = longer_than(0.1, answer.read())
        urllib.request.urlopen(urllib.request.Request(
            server.url + "/v1/audio/voices/new", method="DELETE", headers={"X-Api-Key": ADMIN_KEY}))
        return told
    check("a voice comes and goes", upload)

    def metrics():
        text = server.get("/metrics").read()
        if promtool:
            run = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)
            assert run.returncode == 0, run.stdout + run.stderr
        return f"{len(text.splitlines())} lines" + (", checked by promtool" if promtool else "")
    check("metrics", metrics)

    def timestamps():
        with server.get("/tts", text=TEXT, text_lang="zh", voice="anna", return_timestamps="true",
                        text_split_method="cut5") as answer:
            value = json.load(answer)
        return " ".join(f"{s['start']}-{s['end']}" for s in value["sentences"])
    check("timestamps", timestamps)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gsv")
    parser.add_argument("models")
    parser.add_argument("reference")
    parser.add_argument("--promtool")
    arguments = parser.parse_args()
    server = Server(arguments.gsv, arguments.models, arguments.reference)
    upstream(server)
    openai_package(server)
    wyoming_package(server)
    operation(server, arguments.reference, arguments.promtool)
    check("SIGTERM ends it", server.stop)
    print(f"{failures} failed")
    return failures


if __name__ == "__main__":
    sys.exit(main())
