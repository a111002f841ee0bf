package devkit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// signInSteps is more pages and redirects than any sign-in here takes.
const signInSteps = 12

// SignIn walks the issuer's pages as a person with a browser would, from authURL (a request to the authorization endpoint) to the
// redirect back to the application, which it returns without following. The account is a key of accounts.json ("lead") or a guest
// ("guest1"). The client needs a cookie jar: it is the browser, and stays signed in at the issuer. If the issuer asks nothing, because
// the browser is signed in already, the redirect comes for whoever that is.
func (p *IdP) SignIn(ctx context.Context, client *http.Client, authURL, account string) (callbackURL string, err error) {
	if client.Jar == nil {
		return "", errors.New("devkit: SignIn needs a client with a cookie jar")
	}
	browser := *client
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	method, at, form := http.MethodGet, authURL, url.Values(nil)
	for range signInSteps {
		res, body, err := send(ctx, &browser, method, at, form)
		if err != nil {
			return "", err
		}
		here := res.Request.URL
		if to := res.Header.Get("Location"); res.StatusCode/100 == 3 && to != "" {
			next, err := here.Parse(to)
			if err != nil {
				return "", err
			}
			if next.Scheme+"://"+next.Host != p.URL() {
				return next.String(), nil
			}
			method, at, form = http.MethodGet, next.String(), nil
			continue
		}
		if res.StatusCode != http.StatusOK {
			return "", fmt.Errorf("the issuer answered %s: %s", res.Status, said(body))
		}
		method, at, form, err = nextStep(body, account)
		if err != nil {
			return "", err
		}
		next, err := here.Parse(at)
		if err != nil {
			return "", err
		}
		at = next.String()
	}
	return "", fmt.Errorf("the sign-in of %s did not end in %d steps", account, signInSteps)
}

func send(ctx context.Context, browser *http.Client, method, at string, form url.Values) (*http.Response, *html.Node, error) {
	req, err := http.NewRequestWithContext(ctx, method, at, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "text/html")
	res, err := browser.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := html.Parse(io.LimitReader(res.Body, 1<<20))
	return res, body, err
}

// nextStep is what a person who is account does on a page: choose themselves, or confirm the code that is filled in, or say that they
// are not whom the page thinks.
func nextStep(page *html.Node, account string) (method, at string, form url.Values, err error) {
	if code := byTestID(page, "second-factor-form"); code != nil {
		form = url.Values{"account": {inputValue(code, "account")}, "code": {inputValue(code, "code")}}
		if form.Get("account") != account {
			return http.MethodGet, attr(byTestID(page, "other-account"), "href"), nil, nil
		}
		return http.MethodPost, attr(code, "action"), form, nil
	}
	if choice := byTestID(page, "account-form"); choice != nil {
		return http.MethodPost, attr(choice, "action"), url.Values{"account": {account}}, nil
	}
	return "", "", nil, fmt.Errorf("the issuer shows a page that SignIn does not know: %s", said(page))
}

func byTestID(n *html.Node, id string) *html.Node {
	return find(n, func(n *html.Node) bool { return attr(n, "data-testid") == id })
}

func inputValue(form *html.Node, name string) string {
	return attr(find(form, func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") == name }), "value")
}

func find(n *html.Node, is func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && is(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := find(c, is); found != nil {
			return found
		}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// said is what a page says about an error, or its heading.
func said(page *html.Node) string {
	n := byTestID(page, "error")
	if n == nil {
		n = find(page, func(n *html.Node) bool { return n.Data == "h1" })
	}
	if n == nil {
		return "nothing that can be read"
	}
	var text strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			text.WriteString(d.Data)
		}
	}
	return text.String()
}
