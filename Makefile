# Front door. Each target says what it does; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
