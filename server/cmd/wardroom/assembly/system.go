package assembly

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/command"
	"wardroom/server/config"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/projection"
)

// House is the actor of what the deployment does of its own accord.
var House = incident.Actor{System: true}

// EnsureSystem begins the deployment's system log, if it has none, and returns
// its id. A run that was cut short half-way is gone on with.
func (s *Server) EnsureSystem(ctx context.Context) (incident.LogID, error) {
	id, begun, err := systemRow(ctx, s.Database.Writer)
	if err != nil || begun {
		return id, err
	}
	if id == "" {
		id = incident.LogID(incident.RandomID())
		if err := s.Journal.Create(ctx, incident.SystemLog, id, ""); err != nil {
			return "", err
		}
	}
	// A crash before this line leaves a log without entries, which the next run
	// finds and begins.
	_, err = s.Journal.Append(ctx, id, House, incident.NewKey(time.Now()), command.OpenSystem{
		Genesis: s.Journal.Genesis(incident.SystemLog, id, "")})
	if err != nil {
		return id, err
	}
	return id, s.ListPolicy(ctx)
}

// ListPolicy lists the rules of sight of this server, if others are in force by
// the record. A deployment that has not been set up has none yet.
func (s *Server) ListPolicy(ctx context.Context) error {
	if s.Journal.SystemLog() == "" {
		return nil
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return err
	}
	if n := len(sys.Policies); n > 0 && sys.Policies[n-1].Version == policy.Version {
		return nil
	}
	err = s.Do(ctx, command.ListPolicy{Version: policy.Version})
	if incident.FaultOf(err) == incident.Conflict {
		return nil // another node was first
	}
	return err
}

// ContinueSystem begins the next section of the system log, where the guard
// has closed it; it returns the section's origin line, which the witness must
// be told, or "" where there is no need. What stood goes on standing.
func (s *Server) ContinueSystem(ctx context.Context) (origin string, err error) {
	was := s.Journal.SystemLog()
	all, err := s.Journal.Look(ctx, was)
	if err != nil {
		return "", err
	}
	found, broken := all[was]
	if !broken {
		return "", nil
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return "", err
	}
	// Derived, so that a run which was cut short before the first entry is gone
	// on with: there is one next section and no other.
	sum := s.Vault.MAC("system section", []byte(was))
	id := incident.LogID(strings.ToLower(plainID.EncodeToString(sum[:16])))
	if err := s.Journal.CreateNext(ctx, incident.SystemLog, id, "", was); err != nil {
		return "", err
	}
	g := s.Journal.Genesis(incident.SystemLog, id, "")
	g.Section, g.Break = max(1, sys.Section)+1, &incident.Break{State: found.State, Log: was, Origin: s.Journal.Genesis(incident.SystemLog, was, "").Origin,
		Size: found.Here, Root: hex.EncodeToString(found.Root[:]), Held: found.Held, HeldRoot: hex.EncodeToString(found.Other[:])}
	_, err = s.Journal.Append(ctx, id, House, incident.NewKey(time.Now()), command.OpenSystem{Genesis: g})
	return g.Origin, err
}

var plainID = base32.StdEncoding.WithPadding(base32.NoPadding)

// systemRow finds the system log's row; begun says whether it has entries.
func systemRow(ctx context.Context, pool *pgxpool.Pool) (id incident.LogID, begun bool, err error) {
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT id, size > 0 FROM log l WHERE kind = 'system' AND NOT EXISTS (SELECT 1 FROM log n WHERE n.after = l.id AND n.after <> '' AND n.size > 0)
		ORDER BY size DESC LIMIT 1`).QueryRow(func(row pgx.Row) error {
		err := row.Scan((*string)(&id), &begun)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return id, begun, pool.SendBatch(ctx, b).Close()
}

// Do runs a command on the system log as the house itself.
func (s *Server) Do(ctx context.Context, cmd command.Command) error {
	_, err := s.Journal.Append(ctx, s.Journal.SystemLog(), House, incident.NewKey(time.Now()), cmd)
	return err
}

// CheckSystem says what keeps a deployment that is configured well from being
// used: that it was never set up, or what its record says of its sign-in
// services.
func (s *Server) CheckSystem(ctx context.Context) []config.Problem {
	if s.Journal.SystemLog() == "" {
		return []config.Problem{"This deployment has not been set up: it has no record yet. Run `wardroom setup`."}
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return []config.Problem{config.Problem(fmt.Sprintf("The deployment's record cannot be opened (%v). If the key file in WARDROOM_VAULT is another than the one it was begun with, put that one back.", err))}
	}
	var all []config.Problem
	for _, key := range slices.Sorted(maps.Keys(sys.Issuers)) {
		if sys.Stopped[key] {
			continue
		}
		what := fmt.Sprintf("The address that the record gives the sign-in service %q", key)
		all = append(all, s.Config.CheckIssuer(what, sys.Issuers[key].URL)...)
		all = append(all, s.Config.CheckClass(fmt.Sprintf("The class that the record asks of the sign-in service %q", key), sys.Issuers[key].Acr)...)
		if _, ok := s.Config.Issuers[key]; !ok {
			all = append(all, config.Problem(fmt.Sprintf("The record names the sign-in service %q, and the configuration has no client for it, so nobody can sign in there. Set WARDROOM_ISSUER_%s_CLIENT_ID and the others, or have an administrator stop it.", key, upper(key))))
		}
	}
	return append(all, s.checkKeys(sys)...)
}

// UnassessedScales says which scale of severity nobody may assess on, once the
// hosts are named. It stops nothing: rooms open without a severity.
func UnassessedScales(sys *incident.System) []config.Problem {
	if len(sys.Hosts) == 0 {
		return nil
	}
	var all []config.Problem
	for _, scale := range incident.Scales {
		if !slices.ContainsFunc(sys.Assessors, func(a incident.Assessor) bool { return a.Scale == scale }) {
			all = append(all, config.Problem(fmt.Sprintf("Nobody may set an %s: no organisation is named that assesses on this scale. An administrator names one in the web app, under Deployment.",
				map[incident.Scale]string{incident.NHSLevel: "NHS level", incident.NCSCCategory: "NCSC category"}[scale])))
		}
	}
	return all
}

// emptyRotas says which host has nobody on call.
func emptyRotas(sys *incident.System) []config.Problem {
	var all []config.Problem
	for _, h := range sys.Hosts {
		if !slices.ContainsFunc(sys.OnCall, func(id incident.PersonID) bool {
			p := sys.People[id]
			return !p.Suspended && slices.Contains(p.Orgs, h)
		}) {
			all = append(all, config.Problem(fmt.Sprintf("%s has nobody on call, so a severe incident calls nobody of it into the room. An administrator names someone in the web app, under Deployment.", h)))
		}
	}
	return all
}

// HoldsLogs reports whether the database has a log already, which some key
// file must have sealed.
func HoldsLogs(ctx context.Context, cfg config.Config) (bool, error) {
	db, err := Connect(ctx, cfg)
	if err != nil {
		return false, err
	}
	defer db.Close()
	if problems := CheckDatabase(ctx, db, true); len(problems) > 0 {
		return false, Problems(problems)
	}
	id, _, err := systemRow(ctx, db.Writer)
	return id != "", err
}
