#!/usr/bin/env python3
"""schemathesis (PyPI) against a real server: whatever its openapi.json allows or forbids, no request may be a fault of the
server, and every answer must be one that the document describes.

usage: check_schema.py SCHEMATHESIS GSV MODELS REFERENCE [--examples 60] [--seed N]

Starts GSV serve with the models folder MODELS and a voice made of the clip REFERENCE; /control, which would end it, is left
out. First the document as it is. What is not asked of the server then: that it accepts everything that has the right types
(paths must lead somewhere), and that it refuses what it coerces, as upstream does ("5" is a number). Then the endpoints that
speak, with parameters that are good: all must be accepted. The exit status is not 0 if one of both fails.
"""
import argparse
import http.client
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

LEFT_OUT = "positive_data_acceptance,negative_data_rejection"
SPEECH = ["/tts", "/", "/v1/audio/speech"]
# What makes the parameters of speech such that sound comes of them.
CHOICES = {
    "text": ["你好。", "Hello there.", "一二三。再见！"], "input": ["你好。", "再见。"], "text_lang": ["zh", "auto", "ZH"],
    "language": ["zh", "auto"], "voice": ["anna"], "text_split_method": ["cut0", "cut1", "cut5"], "text_rules": ["careful", "upstream"],
    "media_type": ["wav", "raw", "ogg", "mp3", "opus", "flac"], "response_format": ["wav", "pcm", "mp3", "opus", "flac"],
    "stream_format": ["audio", "sse"], "streaming_mode": [0, 1, 2, 3, True, False], "top_k": [1, 5, 15],
    "repetition_penalty": [1.0, 1.35], "temperature": [0, 1.0], "speed_factor": [0.8, 1, 1.5], "speed": [0.8, 1, 1.5],
    "min_chunk_length": [16, 30], "overlap_length": [0, 2, 8], "fragment_interval": [0, 0.3], "model": ["", "named"],
    "timestamp_granularity": ["sentence", "word"]}
DROPPED = ["ref_audio_path", "prompt_text", "prompt_lang", "aux_ref_audio_paths"]


def narrowed(document):
    """The endpoints that speak, with parameters that are all good."""
    def schema(name, found):
        return {"enum": CHOICES[name]} if name in CHOICES else found
    document["paths"] = {path: document["paths"][path] for path in SPEECH}
    document["paths"]["/"].pop("get")
    for operations in document["paths"].values():
        operations.pop("head", None)
        for operation in operations.values():
            operation["parameters"] = [
                dict(p, schema=schema(p["name"], p["schema"]), required=p["required"] or p["name"] == "voice")
                for p in operation.get("parameters", []) if p["name"] not in DROPPED]
            if "requestBody" in operation:
                body = operation["requestBody"]["content"]["application/json"]["schema"]
                body["properties"] = {n: schema(n, f) for n, f in body["properties"].items() if n not in DROPPED}
                body["required"] = sorted(set(body["required"]) | {"voice"})
                body["additionalProperties"] = False
    return document


def wait(port, process, log):
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        if process.poll() is not None:
            sys.exit(log.read_text())
        time.sleep(0.1)
    sys.exit("the server does not start")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["schemathesis", "gsv", "models", "reference"]:
        parser.add_argument(name)
    parser.add_argument("--examples", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments, more = parser.parse_known_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "voices/anna").mkdir(parents=True)
    shutil.copy(arguments.reference, folder / "voices/anna/ref.wav")
    log = folder / "log"
    sovits = next(pathlib.Path(arguments.models).glob("gsv-v2final-pretrained/s2G*"))
    process = subprocess.Popen(
        [str(pathlib.Path(arguments.gsv).resolve()), "serve", "--models", str(pathlib.Path(arguments.models).resolve()),
         "-p", str(port), "--voices", "voices", "--root", ".", "--insecure", "--log-format", "json", "--max-text", "200",
         "--deadline", "20", "--model", f"named=,{sovits.resolve()}"], cwd=folder, stdout=open(log, "w"), stderr=subprocess.STDOUT)
    try:
        wait(port, process, log)
        program = str(pathlib.Path(arguments.schemathesis).absolute())
        url = f"http://127.0.0.1:{port}"
        common = ["--seed", str(arguments.seed), "--request-timeout", "60", "--warnings", "off", "--no-shrink",
                  "--continue-on-failure", "--workers", "1", *more]
        status = subprocess.run(
            [program, "run", f"{url}/openapi.json", "--exclude-path", "/control", "--checks", "all", "--exclude-checks",
             LEFT_OUT, "-n", str(arguments.examples), *common], cwd=folder).returncode
        with urllib.request.urlopen(f"{url}/openapi.json") as answer:
            (folder / "narrowed.json").write_text(json.dumps(narrowed(json.load(answer))))
        # The document as it is has taken the voice away, too.
        (folder / "voices/anna").mkdir(exist_ok=True)
        shutil.copy(arguments.reference, folder / "voices/anna/ref.wav")
        time.sleep(2)
        status = subprocess.run(
            [program, "run", str(folder / "narrowed.json"), "--url", url, "--mode", "positive", "--phases", "fuzzing",
             "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
             "positive_data_acceptance", "-n", str(arguments.examples), *common], cwd=folder).returncode or status
        if process.poll() is not None:
            print("BAD: the server ended with", process.returncode)
            status = status or 1
        faults = [line for line in log.read_text().splitlines() if '"status":"500"' in line or "a fault" in line]
        for line in faults[:10]:
            print("BAD:", line)
        status = status or bool(faults)
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder)
    sys.exit(status)


if __name__ == "__main__":
    main()
