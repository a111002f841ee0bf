package web

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestSocketsAreBoundedBySessionAndByPerson(t *testing.T) {
	var k sockets
	limits := Limits{}
	var held []func()
	for i := range personSockets {
		release, met := k.take(fmt.Sprint("session ", i/sessionSockets), "ward", limits)
		if met != nil {
			t.Fatalf("socket %d was refused by %s", i, met.Name)
		}
		held = append(held, release)
	}
	if _, met := k.take("session 0", "ward", limits); met != boundSession {
		t.Errorf("one session more than its own: %v", met)
	}
	before := boundPerson.Lately(1)
	if _, met := k.take("another", "ward", limits); met != boundPerson || boundPerson.Lately(1) != before+1 {
		t.Errorf("one person more than theirs: %v, counted %d", met, boundPerson.Lately(1)-before)
	}
	if _, met := k.take("another", "ward", limits.Times(2)); met != nil {
		t.Errorf("the pace does not multiply a person's: %v", met)
	}
	if release, met := k.take("else", "lead", limits); met != nil {
		t.Errorf("somebody else pays for it: %v", met)
	} else {
		release()
	}
	for _, release := range held {
		release()
		release() // once counts
	}
	if k.people["ward"] != 1 || k.all != 1 {
		t.Errorf("after all but one are gone: %v, %d", k.people, k.all)
	}
}

func TestEveryLimitOfTheFrontDoorIsCounted(t *testing.T) {
	l := newLimiter(Limits{}, time.Now)
	for kind, b := range rated {
		before := b.Lately(1)
		for range 2 {
			l.take(Limit{0.001, 1}, kind, "somebody")
		}
		if got := b.Lately(1) - before; got != 1 {
			t.Errorf("%q was met once and counted %d times", kind, got)
		}
	}
	// Whatever is taken of the limiter by name has a counter.
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			at := map[string]int{"take": 1, "knock": 2, "perAddress": 2}[method.Sel.Name]
			if at == 0 || at >= len(call.Args) {
				return true
			}
			if text, ok := call.Args[at].(*ast.BasicLit); ok && text.Kind == token.STRING {
				kind, _ := strconv.Unquote(text.Value)
				kinds++
				if rated[kind] == nil {
					t.Errorf("%s takes of %q, which bounds.go does not count", f.Name(), kind)
				}
			}
			return true
		})
	}
	if kinds < 30 {
		t.Errorf("only %d takings were looked at", kinds)
	}
}
