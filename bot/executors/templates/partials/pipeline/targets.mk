build:
	rm -rf dist
	mkdir -p dist
	"$(PYTHON)" -m zipapp src --main "{{ package }}.__main__:main" --output dist/{{ project }}.pyz

run:
	"$(PYTHON)" -m {{ package }} data/in data/out
