package double

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// problem is an answer that is not what was asked for.
type problem struct {
	status int
	errors []said
}

type said struct {
	Type    string `json:"error"`
	Message string `json:"message"`
}

func (p problem) Error() string { return fmt.Sprint(p.status, p.errors) }

func (p problem) answer(w http.ResponseWriter) {
	send(w, p.status, map[string]any{"status_code": p.status, "errors": p.errors})
}

func send(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // made of strings and numbers
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}

func badRequest(format string, args ...any) problem {
	return problem{http.StatusBadRequest, []said{{"BadRequestError", fmt.Sprintf(format, args...)}}}
}

func invalid(messages ...string) problem {
	p := problem{status: http.StatusBadRequest}
	for _, m := range messages {
		p.errors = append(p.errors, said{"ValidationError", m})
	}
	return p
}

func authError(status int, message string) problem {
	return problem{status, []said{{"AuthError", message}}}
}

func notFound(message string) problem {
	return problem{http.StatusNotFound, []said{{"NoResultFound", message}}}
}

func internal() problem {
	return problem{http.StatusInternalServerError, []said{{"Exception", "Internal server error"}}}
}
