# gsv: GPT-SoVITS text-to-speech on plain CPUs. `make` alone lists the targets.
SHELL := /bin/bash
BUILD := swift build -c release -Xswiftc -enable-testing
BIN   := .build/release
# A debug build of its own: sanitizers change all object files.
SANITIZED = --sanitize=$(SANITIZE) --scratch-path .build-$(SANITIZE) -Xswiftc -DGSV_SANITIZE
PORT  ?= 9880
GSV_PACKAGES := libopenblas0-pthread libsndfile1-dev libsoxr-dev libssl-dev open-jtalk-mecab-naist-jdic pkg-config python3 python3-pip

# Installs those of some Debian packages that are missing.
install = missing=(); for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing+=($$p); done; \
	if [ $${\#missing[@]} -gt 0 ]; then echo "installing $${missing[*]}"; sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$${missing[@]}" >/dev/null; fi

help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s'|'

setup: ## install the Debian packages that are missing
	@$(call install,$(GSV_PACKAGES))
	@command -v swift >/dev/null || { echo "setup: Swift 6.3 is not installed; see https://www.swift.org/install/linux" >&2; exit 1; }

build: setup ## build the programs
	@echo "build: release configuration (the first time takes some minutes)"
	@$(BUILD)

data: build ## get the language data and compile it (WHEELS=folder takes the packages from there)
	@Sources/lexicon-compiler/data-setup/fetch-data.sh data $(BIN)/lexicon-compiler

run: data ## serve on 127.0.0.1 (PORT=9880, CONFIG=tts_infer.yaml or MODELS=pretrained_models)
	@exec $(BIN)/gsv serve -p $(PORT) $(if $(MODELS),--models "$(MODELS)" $(if $(VERSION),--model-version $(VERSION)),-c "$(or $(CONFIG),GPT_SoVITS/configs/tts_infer.yaml)")

say: data ## speak one text: make say TEXT=… (REF=… PROMPT=… MODELS=…)
	@$(BIN)/gsv say "$(TEXT)" $(if $(REF),--ref "$(REF)") $(if $(PROMPT),--prompt-text "$(PROMPT)") $(if $(MODELS),--models "$(MODELS)") -o "$(or $(OUT),out.wav)"

lint: ## check the formatting of all Swift code
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests weights-converter

format: ## format all Swift code
	@swift format --in-place --recursive --parallel Package.swift Sources Tests weights-converter

test: $(if $(SANITIZE),setup,data lint) ## everything: set-up, data, formatting, all tests; SANITIZE=thread or address runs the suites without language data under a sanitizer
ifdef SANITIZE
	@swift build --build-tests $(SANITIZED)
	@clang -O1 -shared -fPIC -o .build-$(SANITIZE)/mutex-annotations.so Tests/Sanitizers/MutexAnnotations.c
	@TSAN_OPTIONS=halt_on_error=1 ASAN_OPTIONS=detect_leaks=0 $(if $(filter thread,$(SANITIZE)),LD_PRELOAD=$(CURDIR)/.build-thread/mutex-annotations.so) swift test --skip-build $(SANITIZED) --no-parallel \
	  --filter '^(Tensor|Models|Synthesis|API)Tests' --skip 'BundledVoiceTests|LanguageTests'
else
	@$(BUILD) --build-tests
	@swift test -c release -Xswiftc -enable-testing --skip-build --no-parallel
endif

fuzz: data ## feed the text front end with libFuzzer (RUNS=100000 per target, TARGETS="ko auto")
	@RUNS=$(or $(RUNS),100000) Tests/TextFuzzing/fuzz.sh $(TARGETS)

parity: data ## compare with recorded results of PyTorch: make parity MODELS=folder GOLDEN=folder
	@$(BIN)/gsv-parity "$(MODELS)" "$(GOLDEN)" $(if $(ONLY),--only $(ONLY))

check-threads: data ## the same bits of every result with 1, 2 and 3 threads: make check-threads MODELS=folder GOLDEN=folder
	@for threads in 1 2 3; do $(BIN)/gsv-parity "$(MODELS)" "$(GOLDEN)" --only "$(or $(ONLY),run_parallel)" --threads $$threads | grep digest; done \
	    | sort | uniq -c | awk '{ print; count = $$1 } END { exit NR != 1 || count != 3 }'

check-isa: build ## symbols that two instruction sets share; the baseline on an emulated old processor (GOLDEN=…)
	@$(call install,qemu-user)
	@Sources/TensorKernels/check-isa.sh .build/release
	@if [ -n "$(GOLDEN)" ]; then GSV_ISA=baseline qemu-x86_64 -cpu Nehalem $(BIN)/gsv-parity "$(MODELS)" "$(GOLDEN)" --only v2/gpt | tail -n 1; fi

check-asm: build ## the inner loops of hot kernels: packed, in full width, without calls
	@Sources/TensorKernels/check-asm.sh .build/release

check-neon: ## the kernels cross-compiled for aarch64 and compared under emulation
	@$(call install,qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
	@Sources/TensorKernels/check-neon.sh

client-check: data ## real clients (openai, wyoming, curl, ffmpeg, sox): make client-check MODELS=pretrained_models REF=clip.wav
	@$(call install,curl ffmpeg sox python3-venv)
	@[ -x .build/clients/bin/python ] || python3 -m venv .build/clients; .build/clients/bin/pip install -q openai wyoming
	@.build/clients/bin/python Tests/Clients/check_clients.py $(BIN)/gsv "$(MODELS)" "$(REF)" $(if $(PROMTOOL),--promtool "$(PROMTOOL)")

schema-check: data ## schemathesis over openapi.json: make schema-check MODELS=pretrained_models REF=clip.wav
	@$(call install,python3-venv)
	@[ -x .build/clients/bin/python ] || python3 -m venv .build/clients; .build/clients/bin/pip install -q schemathesis
	@.build/clients/bin/python Tests/Clients/check_schema.py .build/clients/bin/schemathesis $(BIN)/gsv "$(MODELS)" "$(REF)"

load-check: data ## 64 clients, some of whom leave, switch weights or send nonsense: make load-check MODELS=pretrained_models REF=clip.wav
	@Tests/Clients/check_load.py $(BIN)/gsv "$(MODELS)" "$(REF)" $(if $(REQUESTS),--requests $(REQUESTS))

switch-check: data ## one server switched between all versions under load: make switch-check MODELS=pretrained_models REF=clip.wav (VERSIONS=v2,v1 LORA=v3=file.pth)
	@Tests/Clients/check_switch.py $(BIN)/gsv "$(MODELS)" "$(REF)" $(if $(VERSIONS),--versions $(VERSIONS)) $(if $(LORA),--lora "$(LORA)") $(if $(REQUESTS),--requests $(REQUESTS))

batch-check: data ## gsv batch in shards, under GNU parallel, and killed: make batch-check MODELS=pretrained_models REF=clip.wav
	@$(call install,parallel)
	@Tests/Clients/check_batch.py $(BIN)/gsv $(if $(MODELS),--models "$(MODELS)") $(if $(REF),--ref "$(REF)")

scaleout-check: data ## three servers behind HAProxy, killed, drained and restarted: make scaleout-check MODELS=pretrained_models REF=clip.wav
	@$(call install,haproxy)
	@Tests/Clients/check_scaleout.py $(BIN)/gsv "$(MODELS)" "$(REF)"

bench: build ## each kernel against its reference and the machine's limits; with MODELS=pretrained_models the stages too
	@$(BIN)/gsv bench kernels --threads $(or $(THREADS),0)
	@if [ -n "$(MODELS)" ]; then $(MAKE) -s data && $(BIN)/gsv bench --models "$(MODELS)" --model-version $(or $(VERSION),v2) --threads $(or $(THREADS),0); fi

bench-compare: data ## gsv and upstream in turn: make bench-compare MODELS=… BENCH=bench_torch.py UPSTREAM=… REF=… PYTHON=…
	@Sources/gsv/Bench/compare.sh $(BIN)/gsv

voice: data ## train the default voice: hours on a CPU, goes on where it was stopped (WORK=.build-voice VOICE=voices/default FROM=voices/default)
	@$(call install,flite libespeak-ng1 wordnet-base dict-devil python3-venv)
	@FROM="$(FROM)" training/voice/train.sh $(BIN)/gsv data "$(or $(WORK),.build-voice)" "$(or $(VOICE),voices/default)"

voice-check: data ## word errors, speakers and Mandarin of a voice (VOICE=voices/default SENTENCES=200 LIMIT=1.4)
	@$(call install,flite libespeak-ng1 python3-venv)
	@training/voice/check.sh $(BIN)/gsv data "$(or $(VOICE),voices/default)" "$(or $(SENTENCES),200)" $(LIMIT)

clean: ## remove what was built (the language data stays)
	@swift package clean

.PHONY: help setup build data run say lint format test fuzz parity check-threads check-isa check-asm check-neon client-check schema-check load-check switch-check batch-check scaleout-check bench bench-compare voice voice-check clean
.DEFAULT_GOAL := help
