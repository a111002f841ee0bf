// Package webapp holds the built web app, so that the server is one file.
package webapp

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is the content of dist/, as `npm run build` made it.
func Dist() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return built
}

// verifier is named apart from dist, so that a build without it fails.
//
//go:embed dist/verify.html
var verifier []byte

// Verifier is the page that checks an inquiry bundle without a network: one
// file of HTML that needs nothing else. It is put into every bundle, byte for
// byte. The caller does not change it.
func Verifier() []byte { return verifier }
