#!/usr/bin/env python3
"""Many clients at once, some of whom leave, switch weights or send nonsense: every answer must be the right one.

usage: check_load.py GSV MODELS REFERENCE [--clients 64] [--requests 2000] [--anything for gsv serve]

Starts GSV serve with the models folder MODELS and asks it for each of a few texts alone, with both weights, to remember
the digests of the sound. Then all clients ask for them in random order and modes: first to warm up, until the server has
worked with all its slots, then --requests times more. A process of its own times /health. The exit status is not 0 if

- an answer was wrong, a request was lost, or nonsense was not refused as it should be,
- memory has grown by more than a twentieth between the end of the warm-up and the end,
- a file descriptor is still open that was not before,
- the 99th percentile of /health was above 20 ms.
"""
import argparse
import asyncio
import hashlib
import http.client
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

TEXTS = ["你好。", "今天天气真不错。", "一二三四五。", "夜来风雨声，花落知多少？", "再见。"]
HEALTH_LIMIT, MEMORY_LIMIT = 0.020, 1.05


async def request(port, path, leave_after=None):
    """The status and the body of a GET; with `leave_after`, the connection is closed after so many bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        if leave_after is not None:
            await asyncio.wait_for(reader.read(leave_after or 1), random.uniform(0, 0.2))
            return None, b""
        data = await reader.read()
    except asyncio.TimeoutError:
        return None, b""
    finally:
        writer.close()
    head, _, body = data.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head else 0
    if b"chunked" in head.lower():
        parts, rest = [], body
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            if length == 0:
                break
            parts.append(rest[:length])
            rest = rest[length + 2:]
        body = b"".join(parts)
    return status, body


def path(text, mode, reference):
    return "/tts?" + urllib.parse.urlencode(
        {"text": text, "text_lang": "zh", "ref_audio_path": reference, "prompt_lang": "zh", "seed": 7,
         "media_type": "raw", "streaming_mode": mode})


def setting(gpt):
    return "/set_gpt_weights?" + urllib.parse.urlencode({"weights_path": gpt})


def watch_health(port, stop, times):
    """Times /health until `stop`, in a process of its own: the clients' own work must not count."""
    found = []
    while not stop.is_set():
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/health")
        status = connection.getresponse().status
        connection.close()
        found.append(time.perf_counter() - began if status == 200 else 60.0)
        time.sleep(0.01)
    times.put(found)


def two_weights(gsv, source, folder):
    """Two networks made of SOURCE: untrained ones hardly ever end a sentence, so the score of the end becomes three times that of
    some token, of another one in each."""
    rows_file = folder / "rows.safetensors"
    subprocess.run([gsv, "convert", source, "-o", str(rows_file), "--layout", "rows", "-q"],
        stdout=subprocess.DEVNULL, check=True)
    data = rows_file.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    entry = next(value for name, value in json.loads(data[8:start]).items() if name.endswith("ar_predict_layer.weight"))
    (low, high), rows, code = entry["data_offsets"], entry["shape"][0], {"F16": "e", "F32": "f"}[entry["dtype"]]
    size = (high - low) // rows
    row = lambda n: start + low + size * n
    paths = []
    for token in (17, 171):
        form = f"<{size // struct.calcsize(code)}{code}"
        values = struct.unpack(form, data[row(token):row(token + 1)])
        changed = data[:row(rows - 1)] + struct.pack(form, *(3 * value for value in values)) + data[start + high:]
        paths.append(str(folder / f"{token}.safetensors"))
        pathlib.Path(paths[-1]).write_bytes(changed)
    return paths


class Server:
    def __init__(self, gsv, models, *more):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.log = open(self.folder / "log", "w+")
        self.process = subprocess.Popen(
            [gsv, "serve", "--models", models, "-p", str(self.port), *more], stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                connection.request("GET", "/ready")
                connection.getresponse().read()
                return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit((self.folder / "log").read_text())
                time.sleep(0.1)
        sys.exit("the server does not start")

    @property
    def megabytes(self):
        pages = int(open(f"/proc/{self.process.pid}/statm").read().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 2**20

    @property
    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        self.process.terminate()
        status = self.process.wait(60)
        shutil.rmtree(self.folder)
        return status


class Clients:
    def __init__(self, port, reference, weights):
        self.port, self.reference, self.weights = port, reference, weights
        self.expected = {}
        self.counts = dict.fromkeys(["right", "wrong", "left", "refused", "busy", "switched", "failed"], 0)

    async def learn(self):
        """What each request gets alone, with either weights."""
        seconds = 0.0
        for gpt in self.weights:
            status, body = await request(self.port, setting(gpt))
            assert status == 200, body
            for text in TEXTS:
                for mode in range(4):
                    status, body = await request(self.port, path(text, mode, self.reference))
                    assert status == 200, (status, body[:200])
                    seconds += len(body) / 64_000
                    self.expected.setdefault((text, mode), set()).add(hashlib.sha256(body).hexdigest())
        assert all(len(digests) == len(self.weights) for digests in self.expected.values()), "the weights are alike"
        print(f"{seconds / len(TEXTS) / 4 / len(self.weights):.2f} s of sound in an answer", flush=True)

    async def run(self, clients, requests):
        self.left = requests
        await asyncio.gather(*(self.client(random.Random(number)) for number in range(clients)))

    async def client(self, chance):
        while self.left > 0:
            self.left -= 1
            try:
                self.counts[await self.act(chance)] += 1
            except (OSError, ValueError, IndexError) as error:
                print("failed:", type(error).__name__, error)
                self.counts["failed"] += 1

    async def act(self, chance):
        kind, text, mode = chance.random(), chance.choice(TEXTS), chance.randrange(4)
        good = path(text, mode, self.reference)
        if kind < 0.1:
            await request(self.port, good, leave_after=chance.choice([0, 100, 5000]))
            return "left"
        if kind < 0.15:
            bad = chance.choice(["/tts?text=%FF", path(text, 9, self.reference), path(text, mode, "/nowhere.wav")])
            return "refused" if (await request(self.port, bad))[0] == 400 else "failed"
        if kind < 0.16:
            status, _ = await request(self.port, setting(chance.choice(self.weights)))
            return "switched" if status == 200 else "failed"
        status, body = await request(self.port, good)
        if status in (429, 503):
            await asyncio.sleep(0.1)
            return "busy"
        if status != 200:
            return "failed"
        return "right" if hashlib.sha256(body).hexdigest() in self.expected[text, mode] else "wrong"


async def sample(server, found):
    while True:
        found.append(server.megabytes)
        await asyncio.sleep(0.25)


async def load(server, arguments, weights):
    clients = Clients(server.port, arguments.reference, weights)
    alone = server.megabytes
    await clients.learn()
    learned = server.megabytes
    start = time.monotonic()
    await clients.run(arguments.clients, arguments.warm_up)
    print(f"warmed up with {arguments.warm_up} requests in {time.monotonic() - start:.1f} s", flush=True)
    await asyncio.sleep(2)
    before = server.megabytes, server.descriptors
    clients.counts = dict.fromkeys(clients.counts, 0)

    stop, times = multiprocessing.Event(), multiprocessing.Queue()
    watcher = multiprocessing.Process(target=watch_health, args=(server.port, stop, times))
    watcher.start()
    found = []
    sampler = asyncio.create_task(sample(server, found))
    start = time.monotonic()
    await clients.run(arguments.clients, arguments.requests)
    seconds = time.monotonic() - start
    sampler.cancel()
    stop.set()
    health = sorted(times.get())
    watcher.join()
    await asyncio.sleep(2)
    after = server.megabytes, server.descriptors

    p99 = health[int(len(health) * 0.99)]
    print(clients.counts, f"in {seconds:.1f} s, {arguments.requests / seconds:.1f} a second")
    print(f"/health: median {health[len(health) // 2] * 1000:.1f} ms, 99 % {p99 * 1000:.1f} ms, longest "
          f"{health[-1] * 1000:.1f} ms of {len(health)}")
    quarters = [max(found[len(found) * n // 4:max(len(found) * (n + 1) // 4, 1)] or [0]) for n in range(4)]
    print(f"memory: {alone:.0f} MiB at the start, {learned:.0f} after one request at a time, {before[0]:.0f} after the "
          f"warm-up, {after[0]:.0f} at the end; most in each quarter: {', '.join(f'{q:.0f}' for q in quarters)}")
    print(f"file descriptors: {before[1]} to {after[1]}")
    problems = []
    if clients.counts["wrong"] or clients.counts["failed"]:
        problems.append("wrong or lost answers")
    if after[0] > before[0] * MEMORY_LIMIT:
        problems.append("memory grows")
    if after[1] > before[1]:
        problems.append("file descriptors are lost")
    if p99 > HEALTH_LIMIT:
        problems.append(f"/health takes more than {HEALTH_LIMIT * 1000:.0f} ms")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gsv")
    parser.add_argument("models")
    parser.add_argument("reference")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--warm-up", type=int, default=500)
    arguments, more = parser.parse_known_args()
    arguments.reference = str(pathlib.Path(arguments.reference).resolve())
    pattern = "gsv-v2final-pretrained/s1bert25hz*"
    first = next(pathlib.Path(arguments.models).resolve().glob(pattern), None)
    if first is None or not pathlib.Path(arguments.reference).is_file():
        parser.error(f"MODELS must be a folder laid out like upstream's pretrained_models (with {pattern}), REF a clip of 3 to 10 s:\n"
                     "  make load-check MODELS=pretrained_models REF=clip.wav")
    folder = pathlib.Path(tempfile.mkdtemp())
    weights = two_weights(arguments.gsv, str(first), folder)
    # Clients switch weights, and the clip and the weights lie outside of the working directory.
    roots = [option for path in (folder, first.parent, pathlib.Path(arguments.reference).parent) for option in ("--root", str(path))]
    server = Server(arguments.gsv, arguments.models, "--insecure", *roots, *more)
    try:
        problems = asyncio.run(load(server, arguments, weights))
    finally:
        status = server.stop()
        shutil.rmtree(folder)
    if status != 0:
        problems.append(f"the server ended with {status}")
    for problem in problems:
        print("BAD:", problem)
    sys.exit(len(problems))


if __name__ == "__main__":
    main()
