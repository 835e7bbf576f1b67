#!/usr/bin/env python3
"""One server that switches between voices of all versions, under load: every answer must be, byte for byte, what its version
gives alone.

usage: check_switch.py GSV MODELS REFERENCE [--versions v2,v2ProPlus,v4,v3,v1,v2] [--lora v3=FILE] [--clients 16]
       [--requests 40] [--sample-steps 8] [--prompt-text TEXT] [--anything for gsv serve]

MODELS is a folder laid out like upstream's pretrained_models. For each version a server of its own is asked for each of a
few texts, and ended. Then one server serves all clients while its weights are switched through the versions in order, by
/set_gpt_weights and /set_sovits_weights; each stays until --requests answers have come. Between the two, new GPT weights
work with old SoVITS weights: what that gives is asked for beforehand, too. An answer must be that of weights that were in
force between its request and its end. The exit status is not 0 if one was another, or if a request was lost.
"""
import argparse
import asyncio
import hashlib
import pathlib
import random
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from check_load import Server, request  # noqa: E402

TEXTS = ["你好。", "今天天气真不错。", "夜来风雨声，花落知多少？", "再见。"]
GPT = {
    "v1": "s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt",
    "v2": "gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt",
}
SOVITS = {
    "v1": "s2G488k.pth", "v2": "gsv-v2final-pretrained/s2G2333k.pth", "v2Pro": "v2Pro/s2Gv2Pro.pth",
    "v2ProPlus": "v2Pro/s2Gv2ProPlus.pth", "v3": "s2Gv3.pth", "v4": "gsv-v4-pretrained/s2Gv4.pth",
}


def found(path):
    """The file, or a converted one instead of it."""
    for candidate in (path, path.with_name(path.name + ".safetensors"), path.with_suffix(".safetensors")):
        if candidate.is_file():
            return str(candidate)
    sys.exit(f"{path} is not there")


def weights(models, version, loras):
    """The two files of a version; a LoRA in place of the SoVITS weights."""
    gpt = found(models / GPT.get(version, "s1v3.ckpt"))
    return gpt, loras.get(version) or found(models / SOVITS[version])


class Speech:
    """The requests: every text, whole and in fragments."""

    def __init__(self, arguments):
        self.fixed = {
            "text_lang": "zh", "ref_audio_path": arguments.reference, "prompt_lang": "zh", "seed": 7, "media_type": "raw",
            "prompt_text": arguments.prompt_text}
        if arguments.sample_steps:
            self.fixed["sample_steps"] = arguments.sample_steps
        self.kinds = [(text, mode) for text in TEXTS for mode in (0, 1)]

    def path(self, kind):
        return "/tts?" + urllib.parse.urlencode({**self.fixed, "text": kind[0], "streaming_mode": kind[1]})


def setting(endpoint, file):
    return f"/{endpoint}?" + urllib.parse.urlencode({"weights_path": file})


async def learn(port, speech, switch=None):
    """The status and the digest of each answer, with GPT weights `switch` where given."""
    if switch:
        status, body = await request(port, setting("set_gpt_weights", switch))
        if status != 200:
            sys.exit(f"{switch}: {status} {body[:500].decode(errors='replace')}")
    answers = {}
    for kind in speech.kinds:
        status, body = await request(port, speech.path(kind))
        if status != 200 and not switch:
            sys.exit(f"{kind}: {status} {body[:500].decode(errors='replace')}")
        answers[kind] = status, hashlib.sha256(body).hexdigest() if status == 200 else ""
    return answers


class Switching:
    """Clients, and the weights that are or may be in force: the states from `low` to `high`, of which the even ones are
    versions and the odd ones those between two."""

    def __init__(self, port, speech, states, alone, requests):
        self.port, self.speech, self.states, self.alone, self.requests = port, speech, states, alone, requests
        self.low = self.high = 0
        self.ended = False
        self.counts = dict.fromkeys(["right", "wrong", "lost", "busy"], 0)
        self.answers = [0] * len(states)

    async def client(self, chance):
        while not self.ended:
            kind, low = chance.choice(self.speech.kinds), self.low
            try:
                status, body = await request(self.port, self.speech.path(kind))
            except (OSError, ValueError, IndexError) as error:
                print("lost:", type(error).__name__, error, flush=True)
                self.counts["lost"] += 1
                continue
            if status in (429, 503):
                self.counts["busy"] += 1
                await asyncio.sleep(0.1)
                continue
            found = status, hashlib.sha256(body).hexdigest() if status == 200 else ""
            states = [n for n in range(low, self.high + 1) if self.alone[self.states[n]][kind] == found]
            self.counts["right" if states else "wrong"] += 1
            if states:
                self.answers[states[-1]] += 1
            else:
                owners = [pair for pair, answers in self.alone.items() if answers[kind] == found]
                print(f"wrong: {kind} {status} {body[:200] if status != 200 else ''} with states {low} to {self.high} is of "
                      f"{owners or 'none'}", flush=True)

    async def change(self, number, endpoint, file):
        self.high = number
        began = time.monotonic()
        status, body = await request(self.port, setting(endpoint, file))
        if status != 200:
            sys.exit(f"{endpoint}: {status} {body[:500].decode(errors='replace')}")
        self.low = number
        print(f"{file} in {time.monotonic() - began:.2f} s", flush=True)

    async def run(self, clients):
        tasks = [asyncio.create_task(self.client(random.Random(number))) for number in range(clients)]
        for number in range(0, len(self.states), 2):
            if number:
                await self.change(number - 1, "set_gpt_weights", self.states[number - 1][0])
                await self.change(number, "set_sovits_weights", self.states[number][1])
            while self.answers[number] < self.requests and not self.counts["wrong"] and not self.counts["lost"]:
                await asyncio.sleep(0.1)
        self.ended = True
        await asyncio.gather(*tasks)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gsv")
    parser.add_argument("models")
    parser.add_argument("reference")
    parser.add_argument("--versions", default="v2,v2ProPlus,v4,v3,v1,v2")
    parser.add_argument("--lora", action="append", default=[], metavar="VERSION=FILE")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--sample-steps", type=int, default=8)
    parser.add_argument("--prompt-text", default="希望你以后能够做的比我还好呦。")
    arguments, more = parser.parse_known_args()
    models = pathlib.Path(arguments.models).resolve()
    arguments.reference = str(pathlib.Path(arguments.reference).resolve())
    if not models.is_dir() or not pathlib.Path(arguments.reference).is_file():
        parser.error("make switch-check MODELS=pretrained_models REF=clip.wav")
    loras = dict(entry.split("=", 1) for entry in arguments.lora)
    loras = {version: str(pathlib.Path(file).resolve()) for version, file in loras.items()}
    versions = arguments.versions.split(",")
    steps = [(version, weights(models, version, loras)) for version in versions]
    speech = Speech(arguments)
    roots = []
    for file in [arguments.reference, *(file for _, pair in steps for file in pair)]:
        roots += ["--root", str(pathlib.Path(file).parent)]

    def serve(pair, *options):
        return Server(arguments.gsv, str(models), "--insecure", "--gpt", pair[0], "--sovits", pair[1], *roots, *options, *more)

    pairs = [pair for _, pair in steps]
    states = [pairs[0]]
    for before, after in zip(pairs, pairs[1:]):
        states += [(after[0], before[1]), after]
    alone, status = {}, 0
    for number, state in enumerate(states):
        if state in alone:
            continue
        server = serve(state if number % 2 == 0 else states[number - 1])
        try:
            alone[state] = asyncio.run(learn(server.port, speech, state[0] if number % 2 else None))
        finally:
            status |= server.stop()
    for kind in speech.kinds:
        if len({alone[pair][kind] for pair in pairs}) < len(set(pairs)):
            sys.exit(f"{kind}: two versions answer alike, which shows nothing")

    # Long enough a queue that nobody is turned away.
    server = serve(pairs[0], "--queue", str(4 * arguments.clients))
    try:
        switching = Switching(server.port, speech, states, alone, arguments.requests)
        began = time.monotonic()
        asyncio.run(switching.run(arguments.clients))
        print(switching.counts, f"in {time.monotonic() - began:.1f} s; right by state: {switching.answers}")
        print(f"memory at the end: {server.megabytes:.0f} MiB")
    finally:
        status |= server.stop()
    problems = [name for name in ("wrong", "lost") if switching.counts[name]]
    if status:
        problems.append(f"a server ended with {status}")
    for problem in problems:
        print("BAD:", problem)
    sys.exit(len(problems))


if __name__ == "__main__":
    main()
