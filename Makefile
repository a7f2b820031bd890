# make run      convert the samples into run/out and say where the results lie
# make test     all tests with the race detector; with CI=true a short fuzz run too
# make test-wine     obmen.exe under wine: init, check, convert, watch, put
# make test-shares   watch with its folders on SMB and NFS shares of this machine
# make fuzz     every fuzz target for FUZZTIME
# make bench    every stage, and whole jobs beside other programs; BENCH=quick to see that it runs
# make lint     vet, staticcheck and gofumpt
# make build    bin/obmen for this machine
# make dist     one binary for each of TARGETS into dist/, with checksums
# make packages     dist/ as packages, too: .deb, .rpm, .msi, .tar.gz, .zip, with the list of what they are built from
# make test-packages     what is in the packages; with CI=true they are installed, upgraded and purged
# make dist-check   the same bytes from two folders

SHELL := /bin/sh
.DEFAULT_GOAL := build
.PHONY: run test test-wine test-shares tools fuzz bench lint build dist packages test-packages dist-check clean

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT := mvdan.cc/gofumpt@v0.12.0

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TARGETS ?= linux/amd64 linux/arm64 windows/amd64 windows/arm64 darwin/amd64 darwin/arm64
DIST ?= dist
FUZZTIME ?= 5s
BENCH ?= full
BENCH_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/obmen-bench

# All is compiled with the same flags, so that vet, tests and builds for a system share what is compiled.
export CGO_ENABLED := 0
export GOFLAGS := $(filter-out -trimpath -buildvcs=%,$(shell go env GOFLAGS)) -trimpath -buildvcs=false

# The version stands in the binary by hand: what git knows of the folder would differ between two
# checkouts of the same state.
COMMIT ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null)
DATE ?= $(shell git show -s --format=%cs HEAD 2>/dev/null)
GOBUILD = go build -ldflags '-s -w -X obmen/cmd/obmen/setup.Version=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(DATE)'

# Where the tests find what .ci/tools has put outside the tree.
export OBMEN_TEST_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/obmen-test
export NODE_PATH := $(OBMEN_TEST_CACHE)/node_modules
export PYTHON ?= /usr/bin/python3

# Exit code 3 is as it should be: some samples are there to be held or refused.
run: build
	@rm -rf run && mkdir -p run
	@bin/obmen convert --config samples/obmen.toml --catalogs samples/catalogs --out run/out samples/*/*/input; code=$$?; \
	echo; ls run/out; echo "The results lie in run/out: XML and workbooks by account, and held.csv."; \
	test $$code -eq 0 -o $$code -eq 3

# The tests start thousands of processes: each would wait a second at its end for races of others.
export GORACE ?= atexit_sleep_ms=20

# The go command's limit of ten minutes a package would judge how busy the machine is.
# A test makes small heaps over and over: with GOGC=400 the collector runs less, and all takes half the work.
# The race detector needs a C compiler; without one the tests run all the same, and say so.
# It looks at all but the part of SQLite that was translated from C, which takes four times as long under it; whole
# packages with generic code must not be left out, for the linker could take their copies of it.
# The tests of the command line start thousands of programs: only those in which parts work side by side run with the
# detector. Those of the templates are models and interpreters, in which nothing does.
NORACE := -gcflags=modernc.org/sqlite/lib=-race=false
SIDE_BY_SIDE := ^Test(Watch|Fetch[^K]|From|OneAccount|Interrupted|Pull|EventQueue|FivePeople|KillStorm|DayReport|SiteServes|SiteOfTwo|SiteRefused|PageSafety|PageRoles|PageApplies|HeldWithout|AllInOne|Audit)

test: tools
	@race=-race; command -v "$$(go env CC)" >/dev/null || \
	{ race=; echo "missing: a C compiler; skipped: the race detector" >&2; test "$$CI" != true; }; \
	skip='^TestMemory'; test -z "$$race" || skip="$$skip|$(SIDE_BY_SIDE)"; \
	export GOGC=400; set -ex; \
	CGO_ENABLED=$${race:+1} go test -timeout 40m $$race $(NORACE) $$(go list ./... | grep -vE '^obmen/(cmd/obmen$$|templates)'); \
	go test -timeout 40m -skip "$$skip" ./templates/... ./cmd/obmen; \
	test -z "$$race" || CGO_ENABLED=1 go test -timeout 40m $$race $(NORACE) -run '$(SIDE_BY_SIDE)' ./cmd/obmen
	go test -run '^Test(Memory|Year)' ./cmd/obmen ./fetch
ifeq ($(CI),true)
	$(MAKE) --no-print-directory fuzz FUZZTIME=2s
endif

test-wine:
	@.ci/wine

test-shares:
	@.ci/shares

tools:
	@.ci/tools

fuzz:
	@.ci/fuzz $(FUZZTIME)

bench:
	@.ci/bench '$(BENCH_DIR)' $(BENCH)

lint:
	go vet ./...
	GOOS=windows go vet ./...
	GOOS=darwin go vet ./...
	go run $(STATICCHECK) ./...
	@echo "gofumpt -l ."; list=$$(go run $(GOFUMPT) -l .) || exit 1; \
	test -z "$$list" || { echo "not formatted by gofumpt:" >&2; echo "$$list" >&2; exit 1; }

build:
	$(GOBUILD) -o bin/ ./cmd/obmen

dist:
	@rm -rf '$(DIST)' && mkdir -p '$(DIST)'
	@set -e; for target in $(TARGETS); do \
		os=$${target%/*}; arch=$${target#*/}; ext=; test $$os != windows || ext=.exe; \
		echo "build $$target"; \
		GOOS=$$os GOARCH=$$arch $(GOBUILD) -o "$(DIST)/obmen-$$os-$$arch$$ext" ./cmd/obmen; \
	done
	@cd '$(DIST)' && sha256sum obmen-* >SHA256SUMS && cat SHA256SUMS

packages: build dist
	@.ci/packages '$(VERSION)' '$(DIST)'

test-packages:
	@.ci/test-packages '$(VERSION)'

# Two copies of the tree at paths of different length, each with a build cache of its own.
dist-check:
	@set -e; work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; trap 'exit 1' INT TERM; \
	for copy in a another-folder; do \
		mkdir "$$work/$$copy"; \
		tar -cf - --exclude=./.git --exclude=./bin --exclude=./dist --exclude=./run . | tar -xf - -C "$$work/$$copy"; \
		echo "build in $$work/$$copy"; \
		GOCACHE="$$work/cache-$$copy" $(MAKE) --no-print-directory -C "$$work/$$copy" dist VERSION='$(VERSION)' COMMIT='$(COMMIT)' DATE='$(DATE)' DIST=dist >/dev/null; \
	done; \
	diff "$$work/a/dist/SHA256SUMS" "$$work/another-folder/dist/SHA256SUMS"; \
	echo "the same bytes from two folders:"; cat "$$work/a/dist/SHA256SUMS"

clean:
	rm -rf bin dist out run
