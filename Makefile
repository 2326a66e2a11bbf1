# `make run` shows the hub with its demo, `make test` runs every test. Both bring what they need; see scripts/.
.PHONY: run test bench fmt lint check-size
MAKEFLAGS += --no-print-directory

run: ## the hub, its servers and the demo on http://localhost:8080 (PORT changes it); Ctrl-C stops them
	@scripts/run

test: ## every test: Rust, console, browser
	@scripts/test

bench: ## the load harness and its numbers
	@bench/run

fmt: ## format the Rust code
	cargo fmt --all

lint: check-size ## what CI checks before the tests
	@scripts/lint

check-size: ## file lengths
	@scripts/check-size
