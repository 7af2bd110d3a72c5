# `make demo` and `make test` do everything on a Debian 12 machine that has a Swift toolchain.
.DEFAULT_GOAL := help
.PHONY: help demo test test-vm test-examples build bench install uninstall install-packages clean-room clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make demo DEMO_ARGS='--size 640x480'     arguments for demo-raw-gl"
	@echo "  make test ARGS='--filter RoundTrip'      arguments for swift test"
	@echo "  make test STACKS='llvmpipe angle'        driver stacks to test on; or steps: documents scripts runner format floors api docs"
	@echo "  make test-vm VM_MODES=fence FILTER=…     which virtual machines, which tests in them; VM_SUITES=sid"
	@echo "  make test-examples FILTER=sdl2           which programs; FRAMES=100 of each"
	@echo "  make install PREFIX=/usr/local           where to, with DESTDIR before it; uninstall: the same"

demo: ## install what is needed, build, show the triangle (window, or triangle.png)
	@scripts/install-packages.sh build run
	@scripts/demo.sh $(DEMO_ARGS)

test: ## install what is needed, build, run the tests on every driver stack
	@exec env INSTALL=1 scripts/test.sh $(ARGS)

.PHONY: quick lint
quick: ## build what changed, run some tests on one stack: make quick FILTER=RoundTrip STACK=zink
	@scripts/install-packages.sh build run test
	@scripts/quick.sh

lint: ## formats, scripts, documents, floors: all that looks at the tree without a driver (part of `make test`)
	@scripts/install-packages.sh build test
	@STACKS="format documents scripts floors api" CONFIGURATION=debug scripts/test.sh

test-vm: ## the tests of DMA-BUF only, in virtual machines (part of `make test`)
	@scripts/install-packages.sh build
	@scripts/install-packages.sh vm || true
	@scripts/test-vm.sh

.PHONY: test-sid
test-sid: ## what depends on the newest Mesa, in virtual machines of Debian sid
	@VM_SUITES=sid VM_MODES="fence bare" FILTER='^DMABufTests\.OpaqueFD' $(MAKE) test-vm

test-examples: ## the examples only, in every kind of context (part of `make test`; root)
	@scripts/install-packages.sh build apps
	@scripts/test-examples.sh

build: ## build everything, optimised
	@scripts/install-packages.sh build
	swift build -c release

bench: ## measure everything, into .build/bench (BENCH_ARGS: interop-bench's arguments)
	@scripts/install-packages.sh build run
	@scripts/stack.sh auto -- swift run -c release interop-bench $(BENCH_ARGS)

.PHONY: docs
docs: ## build the library's documentation, into .build/docs/site (part of `make test`)
	@scripts/install-packages.sh build
	@scripts/docs.sh

install: ## build and install the programs, manual pages, completions (PREFIX, DESTDIR)
	@scripts/install-packages.sh build
	@scripts/install.sh build install

uninstall: ## remove what `make install` put there
	@scripts/install.sh uninstall

install-packages: ## only install Debian's packages for building, running and testing
	@scripts/install-packages.sh build run test

clean-room: ## prove `make demo` and `make test` in a fresh Debian 12 (needs root)
	@scripts/clean-room.sh

clean: ## remove what was built
	rm -rf .build triangle.png
