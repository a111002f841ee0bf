// Command wardroom-bundles writes bundles whose verdict is known into a folder,
// for the tests of verifiers in other languages: wardroom-bundles FOLDER.
package main

import (
	"context"
	"fmt"
	"os"

	"wardroom/server/bundletest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: wardroom-bundles FOLDER")
		os.Exit(2)
	}
	err := os.MkdirAll(os.Args[1], 0o755)
	if err == nil {
		err = bundletest.Write(context.Background(), os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
