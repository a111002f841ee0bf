package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"wardroom/server/devkit"
)

var update = flag.Bool("update", false, "write what is generated again instead of comparing it")

func TestTheDescriptionOfTheInterfaceIsFresh(t *testing.T) {
	root, err := devkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	code, text, _ := wardroom(nil, "openapi")
	if code != 0 || len(text) < 1000 {
		t.Fatalf("wardroom openapi: code %d, %d bytes", code, len(text))
	}
	file := filepath.Join(root, "schema", "openapi.json")
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != text {
		t.Error("schema/openapi.json is not what the routes are: run `make generate`")
	}
}
