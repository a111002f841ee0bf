package main

import (
	"errors"
	"fmt"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/config"
)

type migrate struct{}

func (migrate) Run(w *world) error {
	owner := config.Read(w.environ).OwnerURL
	if owner == "" {
		return errors.New("WARDROOM_OWNER_URL is not set. Give the database's address as its owner: postgres://wardroom_owner:PASSWORD@HOST/DATABASE")
	}
	version, err := assembly.Migrate(w.ctx, owner)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "The database is at version %d.\n", version)
	return nil
}
