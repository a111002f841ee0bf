package web

import "wardroom/server/command"

// Overriding is part of what writes a text: a host may write one that bears a
// protective marking, with a reason.
type Overriding struct {
	Override string `json:"override,omitempty" doc:"A host's reason to write it though it was refused with the code protective_marking. It stands in the record."`
}

// on returns the command with the reason, if one was given.
func (o Overriding) on(c command.Command) command.Command { return command.Overrule(c, o.Override) }
