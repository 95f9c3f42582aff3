build:
	rm -rf dist
	mkdir -p dist
	"$(PYTHON)" -m zipfile --create dist/{{ package }}.zip src/{{ package }}

run:
	"$(PYTHON)" -c "import {{ package }}; print('{{ package }}', {{ package }}.__version__)"
