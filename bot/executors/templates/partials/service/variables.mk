export PYTHONPATH := src
PORT ?= 8000
