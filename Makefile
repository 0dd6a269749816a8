# What a person or CI does here. `make` alone lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

# Compiled tools and RocksDB are kept outside of the checkout, so that a clean one need not make them again.
cache := $(or $(STRONGROOM_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/strongroom)
export PATH := $(cache)/tools/bin:$(PATH)

target := $(or $(CARGO_TARGET_DIR),target)
programs := --package strongroom-cli --package strongroom-server --package strongroom-agent
# Mounts and containers need root; building does not.
root := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help demo build test check fix bench fuzz-smoke install-deps clean

help: ## lists what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/make \1\t\2/p' Makefile | expand -t 20

demo: build ## builds, then runs the main job with real containers, narrated; under a minute after the build
	@$(root) scripts/demo "$(abspath $(target))/release"

build: ready ## builds the three programs in release mode
	cargo build --locked --release $(programs)

test: ready ## runs all tests; as root none is left out
	@scripts/test

check: ready ## what CI checks, and changes nothing: format, lints, documentation, tidy, dependencies
	@scripts/install-deps check
	cargo fmt --all -- --check
	cargo fmt --manifest-path fuzz/Cargo.toml -- --check
	cargo fmt --manifest-path bench/Cargo.toml -- --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --workspace --no-deps
	cargo xtask tidy
	cargo deny --log-level error check bans licenses sources

fix: ready ## formats, and applies what clippy can repair by itself
	cargo clippy --workspace --all-targets --fix --allow-dirty --allow-staged
	cargo fmt --all
	cargo fmt --manifest-path fuzz/Cargo.toml
	cargo fmt --manifest-path bench/Cargo.toml

bench: build ## measures, beside etcd, tmpfs and bare FUSE; writes target/bench/latest.json
	@scripts/install-deps bench
	cargo build --locked --release --manifest-path bench/Cargo.toml
	@$(root) env PATH="$$PATH" HOME="$$HOME" STRONGROOM_PROGRAMS="$(abspath $(target))/release" \
		$(or $(CARGO_TARGET_DIR),bench/target)/release/strongroom-bench

fuzz-smoke: ready ## runs each fuzz target for 20 seconds
	@scripts/fuzz-smoke

install-deps: ## installs what is missing on Debian and Ubuntu
	@scripts/install-deps

clean: ## removes what was built here; RocksDB and the tools stay in the cache
	cargo clean
	rm -rf build fuzz/target

.PHONY: ready
ready: install-deps
	@scripts/build-rocksdb
