package incident

func init() { register[*SessionEnded](KindInfo{Log: SystemLog, Root: true}) }

// SessionEnded says that a session was ended from a list of sessions: by whom
// it belongs to, or by an administrator. That somebody signed out, or was
// signed out by the clock, is no entry.
type SessionEnded struct {
	Person  PersonID `json:"person,omitempty"` // whose it was; empty for somebody who is not registered
	Session string   `json:"session"`          // its public id, which grants nothing
	Why     string   `json:"why"`              // owner, administrator
}

func (*SessionEnded) kind() Kind { return "session.ended" }
