#!/usr/bin/env python3
"""`gsv batch` as its users run it: whole, in shards, side by side under GNU parallel, killed again and again.

usage: check_batch.py GSV [FLAGS OF gsv batch …]

Speaks the same lines in several ways, compares every sound with that of one line at a time, and times the ways. The exit
status is the number of checks that failed.
"""
import hashlib
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WORDS = "a long road leads through the quiet valley to an old mill where seven children play until rain comes".split()
failures = 0


def lines(count):
    chance = random.Random(1)
    for number in range(count):
        text = " ".join(chance.choice(WORDS) for _ in range(chance.randint(4, 14))).capitalize() + "."
        line = {"text": text, "text_lang": "en"}
        if number % 3 == 0:
            line["id"] = f"clip {number}/x"
        if number % 5 == 0:
            line["speed_factor"] = 1.25
        yield json.dumps(line)


def sounds(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.wav")}


def records(folder):
    found = []
    for path in folder.glob("manifest*.jsonl"):
        found += [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
    return found


def check(name, isright, told=""):
    global failures
    failures += not isright
    print("ok  " if isright else "BAD ", name, told, flush=True)


def main():
    program, *flags = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        file = scratch / "lines.jsonl"
        file.write_text("\n".join(lines(40)) + "\n")

        def command(folder, *more):
            return [program, "batch", str(file), "--out", str(scratch / folder), *flags, *more]

        def run(folder, *more):
            start = time.monotonic()
            done = subprocess.run(command(folder, *more), capture_output=True, text=True)
            spent = time.monotonic() - start
            assert done.returncode == 0, done.stderr
            seconds = sum(record["seconds"] for record in records(scratch / folder))
            return f"{spent:.1f} s for {seconds:.1f} s of speech"

        told = run("one", "--in-flight", "1")
        expected = sounds(scratch / "one")
        check("one at a time", len(expected) == 40, told)
        for count in (4, 8, 16):
            told = run(f"flight-{count}", "--in-flight", str(count))
            check(f"{count} in flight", sounds(scratch / f"flight-{count}") == expected, told)
        for shard in ("0/3", "1/3", "2/3"):
            run("shards", "--shard", shard)
        check("three shards, counted from 0", sounds(scratch / "shards") == expected)

        if shutil.which("parallel"):
            done = subprocess.run(
                ["parallel", *command("parallel", "--threads", "1", "--shard", "{}/2"), ":::", "1", "2"],
                capture_output=True, text=True)
            check("GNU parallel", done.returncode == 0 and sounds(scratch / "parallel") == expected)

        chance, kills = random.Random(2), 0
        while True:
            process = subprocess.Popen(
                command("killed", "--resume"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                status = process.wait(chance.uniform(0.6, 1.6))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
                wrong = [name for name, digest in sounds(scratch / "killed").items() if expected[name] != digest]
                if wrong:
                    check("a file is whole whenever it is there", False, str(wrong))
                if kills == 200:
                    status = -1
                    break
        spoken = [record["line"] for record in records(scratch / "killed")]
        check(
            "killed and gone on with", status == 0 and kills > 0 and sounds(scratch / "killed") == expected,
            f"{kills} kills, {len(spoken) - len(set(spoken))} lines spoken twice")

        with file.open("a") as more:
            more.write('{"text": ""}\nnonsense\n')
        done = subprocess.run(command("one", "--resume"), capture_output=True, text=True)
        bad = [record["line"] for record in records(scratch / "one") if record["error"]]
        check("bad lines", done.returncode == 1 and bad == [41, 42] and sounds(scratch / "one") == expected)
    return failures


if __name__ == "__main__":
    sys.exit(main())
