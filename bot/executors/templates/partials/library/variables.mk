export PYTHONPATH := src
