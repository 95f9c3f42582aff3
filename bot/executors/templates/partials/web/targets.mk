build:
	rm -rf dist
	cp -R site dist

run:
	"$(PYTHON)" -m http.server --bind 127.0.0.1 --directory site "$(PORT)"
