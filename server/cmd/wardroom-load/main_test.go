package main

import (
	"testing"

	"wardroom/server/servertest/remains"
)

func TestMain(m *testing.M) { remains.Main(m) }
