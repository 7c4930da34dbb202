# The words that people, CI and documents share. `make help` lists them.
FEED ?=
ARGS ?=
CMAKE_BUILD = cmake --build

.PHONY: help deps build run test lint coverage bench clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

deps: ## install everything that any target needs (deploy/deps test)
	@deploy/deps test

build: ## build/release/bin/: bellwether, and one program a service
	@deploy/deps run
	@cmake --preset release --log-level=WARNING
	@$(CMAKE_BUILD) build/release

run: ## install, build and start everything on this machine; FEED=PATH plays recorded data
	@deploy/deps run
	@cmake --preset release --log-level=WARNING
	@$(CMAKE_BUILD) build/release --target bellwether
	@exec build/release/bin/bellwether run $(if $(FEED),--feed "$(FEED)") $(ARGS)

test: ## install, build, run every tier against real servers, end with one total line
	@deploy/deps test
	@scripts/test.py

lint: ## the rules of style that a program can judge
	@deploy/deps lint
	@scripts/lint.py

coverage: ## line coverage of the libraries and cores; fails under 85 %
	@deploy/deps test
	@scripts/coverage.sh

bench: ## run a measurement: make bench NAME=signal_latency; without NAME, list them
	@deploy/deps test
	@bench/run $(NAME)

clean: ## remove what was built; .run/ (ledgers of `make run`) stays
	@rm -rf build
