package server_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What went wrong in systems that do part of this job, by class, and the tests
// that hold it here: the first named is the one that is about the class, the
// others about parts of it. A journey is named by its file and the beginning of
// its title. A row that names a test which is not there fails.
var threats = []struct {
	class, what string
	tests       []string
}{
	{"A", "what belongs to an entry is more open than the entry", []string{"torture.TestNobodyReceivesAByteTheyAreNotEntitledTo", "torture.TestALeakByAnyChannelIsNoticed",
		"policy.TestEverythingAboutARootIsSeenAsTheRootIs", "command.TestATearLineHasALabelAndReadersOfItsOwn", "intel.TestAnAttributeThatGoesLessFarThanItsEventIsAnItemOfItsOwn",
		"projection.TestTheDatabaseGivesAReaderTheirRoomAndTheirPartOfIt", "journal.TestWithoutAScopeEveryTableIsEmpty", "server.TestOnlyItsReadersSeeAnOpening"}},
	{"B", "what is made of entries forgets who may see them", []string{"torture.TestWhoIsNotEntitledCannotTellTwoWorldsApart", "torture.TestByTheRulesAloneNobodyCanTellTwoWorldsApart",
		"torture.TestALeakThatTellsTwoWorldsApartIsNoticed", "command.TestAQuoteIsOfWhatItsAuthorMaySeeAndCopiesNothing", "command.TestAReplyGoesToWhoReadsItsParent",
		"command.TestWhatIsMadeOfAMessageIsKeptAsCloselyAsIt", "command.TestMergingKeepsBothSourcesAndTellsNobodyMoreThanTheyRead"}},
	{"C", "one thing is checked and another is changed", []string{"web.TestEveryCommandAboutWhatIsElsewhereIsNotFound", "command.TestEveryActOnAHiddenEntryIsAnsweredAsOnNone",
		"command.TestEveryCommandIsRefusedToAStranger", "web.TestABodyThatTwoReadersCouldReadDifferentlyIsRefused", "blob.TestTheRowsGiveContentToNobodyWhoHasNotTheEntry"}},
	{"D", "a check is made only if a field is there", []string{"web.TestBadInputIsRefusedByFieldAndStoresNothing", "web.TestEveryOperationSaysWhatItIsForAndTakesNothingUnknown", "web.TestWhatTheAddressAsksIsHeldToTheContractToo"}},
	{"E", "a header or a flag lowers a marking", []string{"web.TestNoHeaderOrFlagLoosensAMarking", "command.TestNoChainOfActsByOthersLoosensAMarking", "command.TestNoSequenceOfActsByOthersLowersALabelOrWidensItsReach"}},
	{"F", "a stream goes on after the right to it has ended", []string{"hub.TestNothingReachesAnyoneAfterTheirRemoval", "hub.TestNothingOfAnItemReachesAnyoneAfterItsRecall", "hub.TestWhatIsQueuedForSomeoneRemovedIsNotSent",
		"hub.TestWhatIsRecalledIsNotSentOutOfAQueue", "web.TestNoReadBegunAfterARecallReturnsAByteOfIt", "web.TestNoReadBegunAfterARemovalReturnsAByte", "hub.TestWhatAClientHoldsIsWhatItMaySee"}},
	{"G", "a cache gives what is not given any more", []string{"web.TestASharedCacheInBetweenKeepsNothingOfAnybody", "web.TestEveryAnswerCarriesTheHeadersThatKeepItSafe", "search.TestARoomKeptInMemoryIsSearchedAsItStands",
		"remove.spec.ts: removed: her screen is cut within a second"}},
	{"H", "a second factor that some ways in forget", []string{"web.TestEveryRouteLetsInWhomItIsForAndNobodyElse", "web.TestNoRouteIsUnlisted", "web.TestREDIsGivenOutAfterTheAccessLogHasItAndAFreshSecondFactor",
		"web.TestAnAttachmentOfARestrictedEntryComesAfterItsOpeningAndOnRecord", "command.TestREDIsLoweredByTwoPeopleOfItsOriginatorEachWithAFreshSecondFactor"}},
	{"I", "another site opens the socket", []string{"web.TestOnlyOurOwnPagesBeginAStream", "web.TestATicketLetsOneSocketInHoweverManyTry", "web.TestARequestThatAnotherSiteBeganChangesNothing", "identity.TestATicketIsForOneSessionFor10Seconds"}},
	{"J", "frames that cost memory or break the parser", []string{"web.TestAFrameIsItsFieldsAndNothingElse", "web.TestAFirstFrameThatIsNoHelloEndsTheSocket", "web.TestASocketThatSaysNothingIsLetGo", "web.TestASessionHasEightSocketsAndItsEndCutsThem",
		"hub.TestAListenerThatDoesNotKeepUpIsCutAndResumes"}},
	{"K", "counts, searches, errors and times that tell", []string{"torture.TestWhoIsNotEntitledCannotTellTwoWorldsApart", "web.TestWhatIsMissingAndWhatIsNotYoursAreTheSameBytes", "web.TestMissingAndForbiddenAreTheSameWork",
		"web.TestABoardTellsNothingOfWhatIsKeptFromItsReader", "web.TestSearchFindsWhatIsSeenAndNothingElse", "command.TestRefusalsNeverRepeatWhatWasAsked", "command.TestAGuestIsToldTheSameWhetherThereIsAHiddenGuestOrNot"}},
	{"L", "a room's facts, to whoever knows its id", []string{"web.TestWhatIsMissingAndWhatIsNotYoursAreTheSameBytes", "web.TestEveryRouteLetsInWhomItIsForAndNobodyElse", "web.TestNobodyElseIsToldThatThereIsASideRoom", "search.TestWhoIsNotInARoomFindsThatThereIsNone",
		"web.TestALinkThatIsDeadIsOneAnswerWhateverKilledIt"}},
	{"M", "attachments, by their id, their name or their content", []string{"web.TestAnUploadIsItsSendersAloneAndAnAttachmentItsReaders", "web.TestADownloadStopsWhenItsReaderMayNotHaveItAnyMore", "web.TestAFileGoesUpInPartsAndComesDownAsItWas",
		"journal.TestARestoredBackupBringsNoAttachmentBack", "files.spec.ts: a file that is a page, a picture and a script at once"}},
	{"N", "archives and pictures that burst", []string{"server.TestNothingThatIsSentInIsUnpackedOrDrawn", "evidence.TestWhatIsOutOfPlaceMakesNoBundle", "intel.TestHostileTextTakesLinearTime", "blob.TestLimitsAreEachPersonsOwnAndTellOfNobodyElse"}},
	{"O", "an export with more in it than its reader may have", []string{"export.TestNoByteOfWhatIsWithheldIsInTheBundleAndItVerifies", "export.TestWhatPolicyGivesAndTheRowsDoNotAllowGoesToNobody", "export.TestABundleHasWhatIsAttachedToWhatItGivesAndNothingElse",
		"web.TestAnExportHoldsWhatTheViewerMayShareAndNothingElse", "web.TestAnExportIsOnTheAccessLogForTheOriginatorToSee", "web.TestAMachineReadsWhatGoesToAllOfItsOrganisationAndNothingElse"}},
}

func TestEachClassOfWhatWentWrongElsewhereHasItsNamedTest(t *testing.T) {
	known := namedTests(t)
	var classes []string
	for _, c := range threats {
		classes = append(classes, c.class)
		if len(c.tests) == 0 || c.what == "" {
			t.Errorf("class %s names no test", c.class)
		}
		for _, name := range c.tests {
			if file, title, journey := strings.Cut(name, ": "); journey {
				text, err := os.ReadFile(filepath.Join("..", "webapp", "e2e", file))
				if err != nil || !strings.Contains(string(text), title) {
					t.Errorf("class %s: there is no journey %q (%v)", c.class, name, err)
				}
			} else if !known[name] {
				t.Errorf("class %s: there is no test %s", c.class, name)
			}
		}
	}
	if strings.Join(classes, "") != "ABCDEFGHIJKLMNO" {
		t.Errorf("the classes are %v", classes)
	}
}

// The tests that `make test` runs by name are there under that name.
func TestWhatIsRunByNameIsThere(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	known := namedTests(t)
	names := regexp.MustCompile(`\bTest[A-Za-z0-9_]{10,}`).FindAllString(string(text), -1)
	if len(names) < 3 {
		t.Fatalf("the Makefile names %v", names)
	}
	for _, name := range names {
		if !known["torture."+name] {
			t.Errorf("there is no test torture.%s", name)
		}
	}
}

// namedTests are all tests, by their package's folder and their name.
func namedTests(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	is := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		folder := filepath.Base(filepath.Dir(path))
		if folder == "." {
			folder = "server"
		}
		for _, m := range is.FindAllStringSubmatch(string(text), -1) {
			known[folder+"."+m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// No picture is drawn, no archive and no compressed stream opened that somebody
// sent: a bundle is a plain tar, read with limits, and pages are compressed on
// their way out only.
func TestNothingThatIsSentInIsUnpackedOrDrawn(t *testing.T) {
	may := map[string][]string{"archive/tar": {"evidence", "bundletest"}, "compress/gzip": {"web"},
		"image/color": {"cmd/wardroom-load"}} // of its own plots
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			what, _ := strconv.Unquote(i.Path.Value)
			opens := strings.HasPrefix(what, "archive/") || strings.HasPrefix(what, "compress/") || what == "image" || strings.HasPrefix(what, "image/") || strings.HasPrefix(what, "golang.org/x/image") || what == "encoding/xml"
			if opens && !slices.Contains(may[what], filepath.Dir(path)) {
				t.Errorf("%s imports %s", path, what)
			}
		}
		if filepath.Dir(path) == "web" {
			text, err := os.ReadFile(path)
			if err != nil || strings.Contains(string(text), "gzip.NewReader") {
				t.Errorf("%s unpacks (%v)", path, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
