# `make help` lists the targets. Everything real happens in CMake presets and in tools/.
.DEFAULT_GOAL := dev
.DELETE_ON_ERROR:
.PHONY: help setup dev build release check test faults containers images long e2e tsan fuzz coverage \
        bench demo demo-stop language-quality format lint format-check tidy docs clean

SETUP := tools/setup/setup
CTEST := --output-on-failure --no-tests=error -j 2
FUZZ_SECONDS ?= 60
C_FILES = $(shell git ls-files --cached --others --exclude-standard '*.c' '*.h')

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "  %-11s %s\n", $$1, $$2}'

setup: ## install packages and fetch what the project needs (quick when done)
	@$(SETUP) packages yyjson python analytics podman deploy kafka elasticsearch opensearch

dev: ## build with sanitizers into build/dev (the default)
	@$(SETUP) packages yyjson
	cmake --preset dev
	cmake --build --preset dev

build: release ## the release programs in build/bin

release: ## build optimised and hardened into build/release, programs in build/bin
	@$(SETUP) packages yyjson
	cmake --preset release
	cmake --build --preset release

check: dev ## unit and mock-broker tests, under two minutes
	ctest --test-dir build/dev $(CTEST) -LE e2e

test: setup ## all tests, end to end on real servers too, at most 15 minutes
	tools/test/run test

faults: setup ## faults, sanitizers and fuzzing, at most 45 minutes
	tools/test/run faults

containers: setup ## build the images and run them against private servers, at most 10 minutes
	@$(SETUP) podman containers kustomize
	tools/test/run containers

images: ## build the images reviewstream/<program>, without a registry (as root)
	@$(SETUP) podman containers
	tools/containers/containers build

long: setup ## every combination and the long counts: hours
	tools/test/run long

e2e: setup ## only the end-to-end tests, on private servers
	tools/test/run e2e

tsan: ## unit and mock-broker tests under ThreadSanitizer
	@$(SETUP) packages yyjson
	cmake --preset tsan
	cmake --build --preset tsan
	ctest --test-dir build/tsan $(CTEST) -LE e2e

fuzz: ## every fuzz target for FUZZ_SECONDS (60); new inputs go to build/fuzz/corpus
	@$(SETUP) packages yyjson
	cmake --preset fuzz
	cmake --build --preset fuzz
	tools/test/fuzz --seconds $(FUZZ_SECONDS)

language-quality: ## every bar of sentiment and tags with its figure; trains for some minutes
	@$(SETUP) packages yyjson python language
	@$(MAKE) --no-print-directory release
	.deps/venv/bin/python tools/language/quality.py

coverage: ## which lines the unit and mock-broker tests reach
	@$(SETUP) packages yyjson
	cmake --preset coverage
	cmake --build --preset coverage
	find build/coverage -name '*.gcda' -delete
	ctest --test-dir build/coverage $(CTEST) -LE e2e
	gcovr -r . --filter common/ --filter processors/ --filter reviewctl/ build/coverage

bench: setup build ## speed, side by side with ceilings and rsyslog
	@$(SETUP) bench
	bench/run

demo: ## see it work: servers, topics, sample reviews, five processors (ANALYTICS=1: and ClickHouse)
	@$(SETUP) packages yyjson kafka elasticsearch
	@$(MAKE) --no-print-directory build
	tools/demo/demo up

demo-stop: ## stop what the demo started
	tools/demo/demo stop

format: ## format the C files
	@$(SETUP) packages
	clang-format -i $(C_FILES)

lint: format-check tidy ## formatting and clang-tidy, without changing a file

format-check:
	@$(SETUP) packages
	clang-format --dry-run -Werror $(C_FILES)

tidy:
	@$(SETUP) packages yyjson
	cmake --preset dev
	git ls-files -co --exclude-standard 'common/*.c' 'processors/*.c' 'examples/*.c' 'reviewctl/*.c' | \
	    xargs -P 2 -n 4 clang-tidy -p build/dev --quiet

docs: build ## print config/OPTIONS.md and docs/ from the programs
	tools/docs

clean: ## stop private servers and remove what was built (.deps stays)
	@for set in .services*; do [ ! -d "$$set" ] || tools/services/services down --dir "$$set"; done
	rm -rf build .services*
