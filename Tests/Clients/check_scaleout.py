#!/usr/bin/env python3
"""Three servers behind HAProxy with deploy/haproxy.cfg, as an operator treats them: one is killed, one is drained, all are
restarted one after the other, while 24 clients ask all the time.

usage: check_scaleout.py GSV MODELS REF

Every answer is compared with that of one server alone. The exit status is not 0 if an answer was wrong, or if a request
was lost whose sound had not begun.
"""
import hashlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

CONFIGURATION = pathlib.Path(__file__).resolve().parents[2] / "deploy/haproxy.cfg"
BALANCER, PORTS, CLIENTS = 9780, (9781, 9782, 9783), 24
KEY = {"X-Api-Key": "check-scaleout-key"}
TEXTS = [f"Sentence number {n} goes through the balancer, word by word." for n in range(12)]


class Server:
    def __init__(self, gsv, models, reference, port, log):
        self.command = [gsv, "serve", "--models", models, "-p", str(port), "--stateless", "--drain-seconds", "3",
                        "--slots", "16", "--threads", "1", "--api-key", KEY["X-Api-Key"],
                        "--root", str(pathlib.Path(reference).parent)]
        self.port, self.log, self.process = port, log, None

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log)
        self.wait()

    def wait(self):
        for _ in range(600):
            try:
                if ask(self.port, "/ready")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                sys.exit(f"a server ended with {self.process.returncode}; see its log")
            time.sleep(0.1)
        sys.exit("a server was not ready after a minute")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def drain(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(60) != 0:
            sys.exit(f"a drained server ended with {self.process.returncode}")


def ask(port, path, body=None, method=None, headers=KEY):
    """Status, bytes of the body, and whether all of it came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        if body is None:
            connection.request(method or "GET", path, headers=headers)
        else:
            connection.request(method or "POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        try:
            return answer.status, answer.read(), True
        except (http.client.IncompleteRead, OSError) as error:
            return answer.status, getattr(error, "partial", b""), False
    finally:
        connection.close()


def request(index, reference):
    return {"text": TEXTS[index], "text_lang": "en", "ref_audio_path": reference, "prompt_text": "Hello there.",
            "prompt_lang": "en", "seed": index}


def attack(reference):
    """What a stranger tries by way of the balancer, and a user who wants more than speech. Returns what was not refused."""
    speech = "/tts?text=Hi.&text_lang=en&prompt_lang=en&ref_audio_path="
    attempts = [(path, method, headers, (403,)) for headers in ({}, KEY) for path, method in [
        ("/control?command=exit", "GET"), ("//control?command=exit", "GET"), ("/%63ontrol?command=exit", "GET"),
        ("/CONTROL?command=exit", "GET"), ("/control/?command=exit", "GET"), ("/control", "POST"), ("/slots", "GET"),
        ("/set_gpt_weights?weights_path=x", "GET"), ("/set_refer_audio?refer_audio_path=" + reference, "GET"),
        ("/v1/audio/voices/x", "PUT"), ("/v1/audio/voices/x", "DELETE"), ("//v1/audio/voices/x", "PUT"),
        ("/v1/audio%2Fvoices/x", "DELETE"), ("/v1/audio/voices", "POST")]]
    attempts += [(speech + reference, "GET", {}, (401,)), ("/v1/audio/voices", "GET", {}, (401,)),
                 (speech + "/etc/shadow", "GET", KEY, (400,)),
                 (speech + reference, "GET", {**KEY, "Host": "evil.example"}, (421,)),
                 (speech + reference, "GET", {**KEY, "Origin": "https://evil.example"}, (403,))]
    found = []
    for path, method, headers, allowed in attempts:
        status, body, _ = ask(BALANCER, path, method=method, headers=headers)
        if status not in allowed:
            found.append(f"{method} {path} with {headers}: {status} {body[:100]!r}")
    there, missing = (ask(BALANCER, speech + name)[1].replace(name.encode(), b"") for name in ("/etc/shadow", "/etc/nothing"))
    return found + (["files outside can be told from missing ones"] if there != missing else [])


class Clients:
    """Requests from many threads, until told to stop; what came of them."""

    def __init__(self, expected, reference):
        self.expected, self.reference, self.stopping, self.lock = expected, reference, False, threading.Lock()
        self.counts = {"right": 0, "wrong": 0, "lost before sound": 0, "lost in the middle": 0}
        self.problems, self.slowest = [], 0.0
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def work(self, number):
        chance = random.Random(number)
        while not self.stopping:
            index, began = chance.randrange(len(TEXTS)), time.monotonic()
            try:
                status, body, whole = ask(BALANCER, "/tts", request(index, self.reference))
            except (OSError, http.client.HTTPException) as error:
                self.count("lost before sound", repr(error))
                continue
            if status == 200 and whole:
                right = hashlib.sha256(body).hexdigest() == self.expected[index]
                self.count("right" if right else "wrong", "another sound", time.monotonic() - began)
            elif status == 200:
                self.count("lost in the middle" if body else "lost before sound", "cut off")
            else:
                self.count("lost before sound", f"{status} {body[:100]!r}")

    def count(self, what, why, seconds=0.0):
        with self.lock:
            self.counts[what] += 1
            self.slowest = max(self.slowest, seconds)
            if what != "right":
                self.problems.append(f"{what}: {why}")

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    gsv, models, reference = (str(pathlib.Path(a).resolve()) for a in sys.argv[1:])
    haproxy = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin") or sys.exit("haproxy is not installed")
    folder = pathlib.Path(tempfile.mkdtemp())
    print(f"logs in {folder}")
    servers = [Server(gsv, models, reference, port, open(folder / f"{port}.log", "ab")) for port in PORTS]
    balancer = None
    try:
        for server in servers:
            server.start()
        expected = []
        for index in range(len(TEXTS)):
            status, body, whole = ask(PORTS[0], "/tts", request(index, reference))
            if status != 200 or not whole:
                sys.exit(f"{status} {body[:300]!r}")
            expected.append(hashlib.sha256(body).hexdigest())
        names = {f"GSV_SERVER_{n + 1}": f"127.0.0.1:{port}" for n, port in enumerate(PORTS)}
        balancer = subprocess.Popen([haproxy, "-db", "-f", str(CONFIGURATION)], stdout=open(folder / "haproxy.log", "wb"),
                                    stderr=subprocess.STDOUT, env={**os.environ, **names, "GSV_BIND": f"127.0.0.1:{BALANCER}"})
        time.sleep(2)
        entered = attack(reference)
        for problem in entered:
            print("BAD:", problem)
        print("attacks by way of the balancer:", "some got in" if entered else "all refused")
        clients = Clients(expected, reference)
        steps = [("one is killed", lambda: (servers[0].kill(), time.sleep(5), servers[0].start())),
                 ("one is drained", lambda: (servers[1].drain(), time.sleep(3), servers[1].start()))]
        steps += [(f"restart {n + 1} of 3", lambda s=s: (s.drain(), s.start(), time.sleep(2))) for n, s in enumerate(servers)]
        time.sleep(4)
        for name, step in steps:
            before = dict(clients.counts)
            step()
            time.sleep(2)
            new = {what: clients.counts[what] - before[what] for what in before}
            print(f"{name}: " + ", ".join(f"{count} {what}" for what, count in new.items() if count))
        clients.stop()
        for problem in clients.problems[:10]:
            print(problem)
        print(", ".join(f"{count} {what}" for what, count in clients.counts.items()), f"slowest {clients.slowest:.1f} s")
        return 1 if entered or clients.counts["wrong"] or clients.counts["lost before sound"] or not clients.counts["right"] else 0
    finally:
        for process in [s.process for s in servers] + [balancer]:
            if process and process.poll() is None:
                process.kill()


if __name__ == "__main__":
    sys.exit(main())
