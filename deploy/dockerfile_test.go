package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTheImageIsSmallPinnedAndNobodys(t *testing.T) {
	text := read(t, "Dockerfile")
	for what, want := range map[string]string{
		"a base without a shell, as nobody": `ARG BASE_IMAGE=gcr.io/distroless/static-debian12:nonroot`,
		"nobody, said by number":            `USER 65532:65532`,
		"no C library":                      `CGO_ENABLED=0`,
		"the same bytes from everywhere":    `go build -trimpath`,
		"the verifier":                      `./server/cmd/wardroom-verify`,
		"a health check without a shell":    `CMD ["/usr/local/bin/wardroom", "ready"]`,
		"where it came from":                `org.opencontainers.image.revision="${COMMIT}"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the image lacks %s: %s", what, want)
		}
	}
	images := regexp.MustCompile(`(?m)^ARG [A-Z]+_IMAGE=(\S+)$`).FindAllStringSubmatch(text, -1)
	if len(images) != 3 {
		t.Errorf("%d base images", len(images))
	}
	for _, m := range images {
		if _, tag, ok := strings.Cut(m[1], ":"); !ok || tag == "latest" {
			t.Errorf("%s is not pinned", m[1])
		}
	}
	last := text[strings.LastIndex(text, "\nFROM "):]
	if strings.Contains(last, "\nRUN ") {
		t.Error("the last stage runs something: it has no shell")
	}
	root, err := os.ReadFile(filepath.Join(repo(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	wants := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(root)[1]
	if !strings.Contains(text, "GO_IMAGE=golang:"+string(wants)+".") {
		t.Errorf("go.mod asks for Go %s and the image is built with another", wants)
	}
}

// What is copied into the build is there, is let through by the list of what
// the image is made of, and is everything that the programs are built of.
func TestTheImageIsBuiltOfWhatIsThere(t *testing.T) {
	ignore := read(t, "Dockerfile.dockerignore")
	for _, m := range regexp.MustCompile(`(?m)^COPY ((?:[a-z][\w./-]* )+)\S+$`).FindAllStringSubmatch(read(t, "Dockerfile"), -1) {
		for _, from := range strings.Fields(m[1]) {
			if _, err := os.Stat(filepath.Join(repo(t), from)); err != nil {
				t.Errorf("COPY %s: %v", from, err)
			}
			if top, _, _ := strings.Cut(from, "/"); !strings.Contains(ignore, "\n!"+top+"\n") {
				t.Errorf("COPY %s: Dockerfile.dockerignore keeps it out", from)
			}
		}
	}
}
