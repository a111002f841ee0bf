package double

import "net/http"

func (d *Double) phones(w http.ResponseWriter, r *http.Request) {}
func (d *Double) phone(w http.ResponseWriter, r *http.Request)  {}
func stylesheet(w http.ResponseWriter, r *http.Request)         {}
