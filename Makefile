# `make run` shows the hub with its demo, `make test` runs every test. Both bring what they need; see scripts/.
.PHONY: run test fuzz bench fmt lint check-size
MAKEFLAGS += --no-print-directory

run: ## the hub, its servers and the demo on http://localhost:8080 (PORT changes it); Ctrl-C stops them
	@scripts/run

test: ## every test: Rust, console, browser
	@scripts/test

fuzz: ## a million broken inputs for every channel's parser
	FUZZ_INPUTS=1000000 cargo test --release --package switchboard-connectors --test contract -- --nocapture fuzzing

bench: ## the load harness and its numbers
	@bench/run

fmt: ## format the Rust code
	cargo fmt --all

lint: check-size ## what CI checks before the tests
	@scripts/lint

check-size: ## file lengths
	@scripts/check-size
