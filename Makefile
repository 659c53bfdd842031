# SPDX-License-Identifier: GPL-3.0-or-later
# Every target makes what it needs by itself. `make demo` and `make test` are the two that a newcomer types.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

COLLECTION = $$(tools/environment collection)
SANDBOX    = $$(tools/environment sandbox)
CLIENTS    = $$(tools/environment clients)
# The tools that know nothing of each other's environments meet here: the collection's programs first in PATH.
ENV = export PATH="$(COLLECTION)/bin:$$PATH" ANSIBLE_COLLECTIONS_PATH="$$(tools/tree)" PYTHONUNBUFFERED=1
PYTEST = PYTHONPATH="$$(tools/tree)" python -m pytest -q -p no:cacheprovider

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

.PHONY: demo
demo: ## set everything up, run site.yml twice against the sandbox, show the service working
	@bin/sandbox prepare & prepare=$$!; tools/environment collection >/dev/null; wait $$prepare
	@$(ENV); python -m tools.demo

.PHONY: down
down: ## end what `make demo` or `bin/sandbox up` started
	@bin/sandbox down

.PHONY: test
test: ## all tests, lint included
	@tools/checks

.PHONY: lint
lint: ## ruff, yamllint, ansible-lint (profile production), luacheck, policies' manifests, changelog
	@$(ENV); ruff format --check . && ruff check . && yamllint --strict . && ansible-lint --offline --profile production -q
	@tools/luacheck
	@$(ENV); PYTHONPATH="$$(tools/tree)" python tools/manifests
	@$(ENV); antsibull-changelog lint

.PHONY: types
types: ## mypy --strict on our Python
	@$(ENV); tree=$$(tools/tree); MYPYPATH="$$tree" mypy -p ansible_collections.rhai.maas.plugins
	@$(ENV); mypy -p tools
	@$(ENV); tree=$$(tools/tree); MYPYPATH="$$tree" mypy -p benchmarks
	@$(SANDBOX)/bin/mypy -p sandbox -p benchmarks.policies -p tests.gateway -p tests.sandbox.gateway

.PHONY: docs
docs: ## the modules' documentation holds together
	@$(ENV); antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=self .

.PHONY: sanity
sanity: ## ansible-test sanity on the built collection
	@tools/sanity

.PHONY: unit
unit: ## pure functions, by tables
	@$(ENV); $(PYTEST) tests/unit

.PHONY: sandbox-tests
sandbox-tests: ## the sandbox's own parts
	@PYTHONPATH=. $(SANDBOX)/bin/python -m pytest -q -p no:cacheprovider tests/sandbox

.PHONY: test-operators
test-operators: ## our play of KServe, of the 3scale operator and of OLM against the real ones (built from Go modules; not part of `make test`)
	@$(ENV); PYTHONPATH=. $(SANDBOX)/bin/python -m pytest -q -p no:cacheprovider tests/originals

.PHONY: test-gateway
test-gateway: ## the shipped policies under a real nginx with Lua, against a scripted model server
	@PYTHONPATH=. $(SANDBOX)/bin/python -m pytest -q -p no:cacheprovider tests/gateway

.PHONY: test-clients
test-clients: ## clients of the models as their users run them (Python, Node, curl), through the gateway
	@PYTHONPATH=. $(CLIENTS)/bin/python -m pytest -q -p no:cacheprovider tests/clients

.PHONY: contract
contract: ## hold the 3scale stand-in (or URL HOST TOKEN SUPERDOMAIN …) against recordings of real servers, 2.16 and 2.15
	@$(ENV); python -m tests.contract.run

.PHONY: integration
integration: ## each module, against the stand-in and a real Keycloak
	@$(ENV); $(PYTEST) tests/integration

.PHONY: faults
faults: ## each module under each kind of fault, as a table (ONLY=part of a module's name, SEEDS=how many requests each, KILLS=1: killed at each write, OPTIONS=1: each option alone too, ODD=1: odd values instead)
	@$(ENV); PYTHONPATH="$$(tools/tree)" python -m tests.faults --only "$(ONLY)" --seeds $(or $(SEEDS),3) $(if $(KILLS),--kills) $(if $(OPTIONS),--options) $(if $(ODD),--odd)

.PHONY: integration-older
integration-older: ## the 3scale modules once more, against 3scale 2.15
	@$(ENV); export THREESCALE_RELEASE=2.15; $(PYTEST) tests/integration/threescale --deselect tests/integration/threescale/test_examples.py

.PHONY: molecule
molecule: ## each role and the whole, with idempotence and verify
	@$(ENV); tools/scenarios

.PHONY: e2e
e2e: ## the walkthrough end to end: check mode, cut-off runs, errors, errands, a built collection (ONLY=site for one file)
	@$(ENV); $(PYTEST) tests/e2e$(if $(ONLY),/test_$(ONLY).py)

.PHONY: browser
browser: ## the portal's journeys in headless Chromium
	@tools/chromium >/dev/null; tools/axe >/dev/null
	@$(ENV); $(PYTEST) tests/browser

.PHONY: portal-preview
portal-preview: ## the developer portal with sample data, as files in build/portal
	@$(ENV); python -m tools.preview build/portal

.PHONY: portal-pictures
portal-pictures: ## the pictures of docs/portal.md and the README made anew, in headless Chromium
	@tools/chromium >/dev/null
	@$(ENV); $(PYTEST) tests/browser/test_pictures.py --update-pictures

.PHONY: bench
bench: ## calls counted at the server, as a table and build/bench.json
	@$(ENV); python -m benchmarks

.PHONY: bench-gateway
bench-gateway: ## what the gateway policies cost, as a table and build/bench-gateway.json (BESIDE=FOLDER of others, LUA_PATH=FOLDER[:FOLDER…])
	@PYTHONPATH=. $(SANDBOX)/bin/python -m benchmarks.policies $(if $(BESIDE),--beside $(BESIDE)) $(foreach folder,$(subst :, ,$(LUA_PATH)),--lua-path $(folder))

.PHONY: argument-specs
argument-specs: ## write the catalogue's options into the argument specs of the roles that take them
	@$(ENV); python -m tools.argument_specs

.PHONY: platform-tables
platform-tables: ## write the tables of docs/automation-platform.md, from errands, credential types, playbooks and rulebook
	@$(ENV); python -m tools.platform_tables

.PHONY: build
build: ## the collection as a tarball in build/
	@$(ENV); ansible-galaxy collection build --force --output-path build

.PHONY: lock
lock: ## lock the requirements with digests (needs pip-tools)
	@for name in collection sandbox clients oldest platform; do \
	  pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-index-url \
	    --no-emit-trusted-host --no-emit-find-links -o requirements/$$name.txt requirements/$$name.in; done
