# The front door. `make` alone lists the targets; each tool under tools/ also works on its own.

PYTHON := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Set-up happens automatically, once per group of packages, and again when a pin changes.
.venv/ready-%: tools/setup.py $(wildcard requirements/*.txt)
	@python3 tools/setup.py $*

.PHONY: setup
setup: .venv/ready-run .venv/ready-test .venv/ready-lint ## virtual environment with the pinned packages

.PHONY: native
native: .venv/ready-native ## the voice core in C, for this machine and for every chip whose compiler is installed
	@$(PYTHON) tools/build_native.py

.PHONY: host-core
host-core: .venv/ready-run
	@$(PYTHON) tools/build_native.py --host

.PHONY: micropython
micropython: ## MicroPython for this machine, built as on the chips (MICROPYTHON=checkout: from there)
	@python3 tools/build_micropython.py

.PHONY: frozen
frozen: ## MicroPython with the phone and its C core frozen in, for this machine and for RISC-V in QEMU
	@python3 tools/build_frozen.py

.PHONY: image
image: .venv/ready-run .venv/ready-image ## build the image for a board: BOARD=… (MICROPYTHON_BIN=… SETTINGS=phone.json)
	@$(PYTHON) tools/image.py $(BOARD) $(if $(MICROPYTHON_BIN),--micropython $(MICROPYTHON_BIN)) \
		$(if $(SETTINGS),--settings $(SETTINGS)) $(if $(filter no,$(NATIVE)),--no-native) $(ARGS)

.PHONY: firmware
firmware: .venv/ready-run .venv/ready-image ## build custom firmware for a board (needs ESP-IDF): BOARD=… MICROPYTHON=checkout
	@$(PYTHON) tools/firmware.py $(BOARD) $(ARGS)

.PHONY: flash
flash: .venv/ready-flash ## write the image to the board, checked before and after: BOARD=… (PORT=…)
	@$(PYTHON) tools/flash.py $(BOARD) $(if $(PORT),--port $(PORT)) $(ARGS)

.PHONY: deploy
deploy: .venv/ready-run .venv/ready-image .venv/ready-flash ## copy changed files to a running board: BOARD=… (PORT=…)
	@$(PYTHON) tools/deploy.py $(BOARD) $(if $(PORT),--port $(PORT)) $(if $(filter no,$(NATIVE)),--no-native) $(ARGS)

.PHONY: repl
repl: .venv/ready-flash ## serial console and REPL of a board (Ctrl-] exits): (PORT=…)
	@$(PYTHON) -m mpremote $(if $(PORT),connect $(PORT)) repl $(ARGS)

.PHONY: release
release: .venv/ready-run .venv/ready-release ## build a signed release: BOARD=… (the key: tools/release.py key)
	@$(PYTHON) tools/release.py pack $(BOARD) $(ARGS)

.PHONY: ota
ota: .venv/ready-release ## serve the releases in build/release/ to phones
	@$(PYTHON) tools/release.py serve $(ARGS)

.PHONY: cost
cost: .venv/ready-run ## measure memory and instructions against the budgets; writes docs/cost.md
	@$(PYTHON) tools/cost.py $(ARGS)

.PHONY: voice
voice: host-core .venv/ready-voice ## measure the voice over bad networks, against its budgets; writes docs/voice.md
	@$(PYTHON) tools/voice.py $(ARGS)

.PHONY: sim
sim: host-core ## two phones and a registrar on this machine, controlled from this terminal
	@$(PYTHON) tools/play.py $(ARGS)

.PHONY: demo
demo: host-core ## an unattended call between two phones; recordings in build/demo
	@$(PYTHON) tools/demo.py $(ARGS)

.PHONY: test
test: host-core .venv/ready-test ## all tests on both interpreters (ARGS="-k uri" for some; REQUIRE_ALL=1: a skip is a failure)
	@$(PYTHON) tools/build_micropython.py || echo "the tests that need MicroPython will be skipped"
	@$(PYTHON) tools/emulate_xtensa.py || echo "the tests that need emulated Xtensa will be skipped"
	@$(PYTHON) -m pytest -n auto $(ARGS)

.PHONY: peers
peers: .venv/ready-peers ## SIP programs of others, for tests/interop (a PJSIP phone, a B2BUA)

.PHONY: fuzz
fuzz: host-core .venv/ready-fuzz ## fuzz the parsers and whole dialogs (ARGS="phone --seconds 600"; --keep updates the corpus)
	@$(PYTHON) tools/fuzz.py $(ARGS)

.PHONY: lint
lint: .venv/ready-lint ## ruff, and mypy against the types of both interpreters
	@$(PYTHON) tools/lint.py $(ARGS)

.PHONY: clean
clean: ## remove everything that was built
	rm -rf build .venv .pytest_cache .hypothesis .mypy_cache .ruff_cache
