package deploy_test

import (
	"testing"

	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }
