# All that the targets need is set up by tools/set-up, below .venv/ and .cache/.
# PYTHON=python3.12        another Python
# MICROPYTHON=/path/to/vm  another MicroPython (tools/get-micropython says which will do)
# ARGS="tests/host -x"     other arguments for pytest
# DATA=FOLDER JSON=FILE SCALE_FROM=FOLDER    for bench: recordings to judge on, file for the
#                          results, recordings to learn the gyro's scale from

SHELL := /bin/sh
PYTHON ?= python3
export PYTHON

# When the target began, for the time that the tests report at their end.
export DOWEL_MAKE_STARTED := $(shell date +%s)

.PHONY: help vm demo flash test bench soak lint format clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile

vm: ## Only the MicroPython that the virtual board runs
	@tools/get-micropython .cache/micropython

demo: ## A simulated training set through board, Bluetooth and receiver: half a minute
	@tools/set-up twin
	@.venv/bin/dowel demo --fast

flash: ## Put the firmware on a board: make flash PORT=/dev/ttyACM0
	@tools/set-up test
	@.venv/bin/dowel flash $(if $(PORT),--port $(PORT)) $(if $(BOARD),--board $(BOARD))

test: lint ## Check the code's form, then run every test
	@.venv/bin/python -m pytest $(ARGS)

bench: ## The tilt filter beside its peers: DATA=FOLDER JSON=FILE SCALE_FROM=FOLDER
	@tools/set-up bench
	@.venv/bin/python -m bench $(if $(DATA),--data '$(DATA)') $(if $(JSON),--json '$(JSON)') \
		$(if $(SCALE_FROM),--scale-from '$(SCALE_FROM)')

soak: ## The long campaigns: an hour or more
	@tools/set-up test
	@.venv/bin/python -m pytest -m soak $(ARGS)

lint: ## Check the code's form and types
	@tools/set-up test
	@tools/lint

format: ## Bring the code into the formatter's form
	@tools/set-up test
	@.venv/bin/ruff check --quiet --select I --fix .
	@.venv/bin/ruff format .

clean: ## Remove all that was set up or made
	rm -rf .venv .cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
