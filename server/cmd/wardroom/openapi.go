package main

import "wardroom/server/web"

type openAPI struct{}

func (openAPI) Run(w *world) error {
	text, err := web.OpenAPI()
	if err == nil {
		_, err = w.stdout.Write(text)
	}
	return err
}
