#!/usr/bin/env python3
"""Many clients at once, some of whom leave, switch weights or send nonsense: every answer must be the right one.

usage: soak.py PORT PID REFERENCE [--clients 64] [--requests 2000] [--switch GPT_A GPT_B]

Asks a running server (process PID) first for each of a few texts alone and remembers the digest of the sound; then all
clients ask for them in random order, in random modes, and compare. Meanwhile /health is timed.
"""
import argparse
import asyncio
import hashlib
import os
import random
import sys
import time
import urllib.parse

TEXTS = ["你好。", "今天天气真不错。", "一二三四五。", "夜来风雨声，花落知多少？", "再见。"]


async def request(port, path, leave_after=None):
    """The status and the body of a GET; with `leave_after`, the connection is closed after so many bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        if leave_after is not None:
            await asyncio.wait_for(reader.read(leave_after or 1), random.uniform(0, 0.2))
            return None, b""
        data = await reader.read()
        while not reader.at_eof():
            data += await reader.read()
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


def facts(pid):
    pages = int(open(f"/proc/{pid}/statm").read().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20, len(os.listdir(f"/proc/{pid}/fd"))


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("pid", type=int)
    parser.add_argument("reference")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--switch", nargs=2)
    arguments = parser.parse_args()
    port, reference = arguments.port, arguments.reference

    expected = {}
    for text in TEXTS:
        for mode in range(4):
            status, body = await request(port, path(text, mode, reference))
            assert status == 200, (status, body[:200])
            expected.setdefault((text, mode), set()).add(hashlib.sha256(body).hexdigest())
    if arguments.switch:
        for gpt in arguments.switch:
            status, body = await request(port, "/set_gpt_weights?" + urllib.parse.urlencode({"weights_path": gpt}))
            assert status == 200, body
            for text, mode in expected:
                _, body = await request(port, path(text, mode, reference))
                expected[text, mode].add(hashlib.sha256(body).hexdigest())

    before = facts(arguments.pid)
    counts = {"right": 0, "wrong": 0, "left": 0, "refused": 0, "busy": 0, "switched": 0, "failed": 0}
    health, left = [], arguments.requests
    start = time.monotonic()

    async def client(number):
        nonlocal left
        chance = random.Random(number)
        while left > 0:
            left -= 1
            kind = chance.random()
            text, mode = chance.choice(TEXTS), chance.randrange(4)
            try:
                if kind < 0.1:
                    await request(port, path(text, mode, reference), leave_after=chance.choice([0, 100, 5000]))
                    counts["left"] += 1
                elif kind < 0.15:
                    status, _ = await request(port, "/tts?text=%FF" if kind < 0.12 else path(text, 9, reference))
                    counts["refused" if status == 400 else "failed"] += 1
                elif kind < 0.16 and arguments.switch:
                    gpt = chance.choice(arguments.switch)
                    status, _ = await request(port, "/set_gpt_weights?" + urllib.parse.urlencode({"weights_path": gpt}))
                    counts["switched" if status == 200 else "failed"] += 1
                else:
                    status, body = await request(port, path(text, mode, reference))
                    if status in (429, 503):
                        counts["busy"] += 1
                        await asyncio.sleep(0.1)
                    elif status == 200:
                        good = hashlib.sha256(body).hexdigest() in expected[text, mode]
                        counts["right" if good else "wrong"] += 1
                    else:
                        counts["failed"] += 1
            except (OSError, ValueError, IndexError) as error:
                print("failed:", type(error).__name__, error)
                counts["failed"] += 1

    async def watch():
        while left > 0:
            began = time.monotonic()
            status, _ = await request(port, "/health")
            assert status == 200
            health.append(time.monotonic() - began)
            await asyncio.sleep(0.02)

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*(client(number) for number in range(arguments.clients)))
    await watcher
    await asyncio.sleep(2)
    after = facts(arguments.pid)
    health.sort()
    print(counts, f"in {time.monotonic() - start:.1f} s")
    print(f"/health: median {health[len(health) // 2] * 1000:.1f} ms, "
          f"99 % {health[int(len(health) * 0.99)] * 1000:.1f} ms of {len(health)}")
    print(f"memory {before[0]:.0f} to {after[0]:.0f} MiB, file descriptors {before[1]} to {after[1]}")
    return counts["wrong"] + counts["failed"]


if __name__ == "__main__":
    sys.exit(min(asyncio.run(main()), 100))
