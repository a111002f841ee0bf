package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

type openCellIn struct {
	InRoom
	Body struct {
		Org   incident.OrgID      `json:"org" doc:"The organisation it is with: everybody of it who is in the room is seated at once."`
		Hosts []incident.MemberNo `json:"hosts" doc:"Who of the hosts takes part; whoever opens it does anyway."`
		Title string              `json:"title,omitempty" doc:"Absent: Side room with, and the organisation's name."`
	}
}

type seatIn struct {
	InRoom
	Body struct {
		Member incident.MemberNo `json:"member" doc:"Their number in the main room."`
	}
}

// cellRow is of a side room what those in it are told of where it stands.
type cellRow struct {
	Parent  incident.LogID `json:"parent" doc:"The main room, as it goes on now."`
	Org     incident.OrgID `json:"org"`
	OrgName string         `json:"orgName"`
}

func (s *Server) mountCells() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/cells", Access: Member, Tag: "cells", ID: "open-cell", Status: http.StatusCreated,
		Summary: "Open a side room with one organisation", Doc: "Nobody else is told that there is one.", Faults: refusals}, s.openCell)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/seats", Access: Member, Tag: "cells", ID: "seat-member", Status: http.StatusCreated,
		Summary: "Bring somebody from the main room into this side room", Faults: refusals}, s.seat)
	s.mountPromotions()
}

// openCell is openRoom for a side room: registered, then opened, and finished by
// the steward after a crash. The main room's log is not written to.
func (s *Server) openCell(ctx context.Context, c *call, in *openCellIn) (openRoomAnswer, error) {
	// Judged again where it is registered; here so that the record is not read
	// for somebody who may not.
	if err := policy.Permit(policy.OpenCell, &policy.Scene{Room: c.room, Actor: c.actor, Now: time.Now()}); err != nil {
		return openRoomAnswer{}, err
	}
	if err := s.change(c); err != nil {
		return openRoomAnswer{}, err
	}
	person, key := string(c.actor.Person), string(c.key)
	id := incident.LogID(s.id("cell", person, key))
	r, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, command.RegisterCell{Parent: c.room, Org: in.Body.Org, Hosts: in.Body.Hosts,
		Title: in.Body.Title, Room: id, Access: incident.LogID(s.id("cell access", person, key))})
	if err != nil {
		return openRoomAnswer{}, err
	}
	for _, e := range r.Events {
		if reg, ok := e.Body.(*incident.RoomRegistered); ok {
			if err := s.Steward.Finish(ctx, e.Seq, reg); err != nil {
				return openRoomAnswer{}, err
			}
		}
	}
	room, err := s.Journal.Room(ctx, id)
	if err != nil {
		return openRoomAnswer{}, opening(err)
	}
	for _, m := range room.Members {
		s.tellRooms(m.Person)
	}
	return openRoomAnswer{Room: id, Reference: room.Reference, Seq: room.Head}, nil
}

// main returns the main room of the side room that the call is in, in the
// section in which it goes on; nil if it is no side room.
func (s *Server) main(ctx context.Context, c *call) (*incident.Room, error) {
	if c.room.Cell == nil {
		return nil, nil
	}
	id, err := s.Journal.Newest(ctx, c.room.Cell.Parent)
	if err != nil {
		return nil, err
	}
	return s.Journal.Room(ctx, id)
}

func (s *Server) seat(ctx context.Context, c *call, in *seatIn) (receipt, error) {
	main, err := s.main(ctx, c)
	if err != nil {
		return receipt{}, err
	}
	r, err := s.do(ctx, c, command.SeatMember{Parent: main, Member: in.Body.Member})
	if err == nil {
		if of := main.Numbered(in.Body.Member); of != nil {
			s.tellRooms(of.Person)
		}
	}
	return r, err
}

// cellOf is what whoever is in a side room is told of where it stands; nil of
// other rooms.
func (s *Server) cellOf(ctx context.Context, room *incident.Room) (*cellRow, error) {
	if room.Cell == nil {
		return nil, nil
	}
	parent, err := s.Journal.Newest(ctx, room.Cell.Parent)
	if err != nil {
		return nil, err
	}
	row := &cellRow{Parent: parent, Org: room.Cell.Org, OrgName: string(room.Cell.Org)}
	for _, m := range room.Members {
		if m.Org == room.Cell.Org {
			row.OrgName = m.Seat.OrgName
			break
		}
	}
	return row, nil
}
