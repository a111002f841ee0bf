package web

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wardroom/server/blob"
	"wardroom/server/courier"
	"wardroom/server/desk"
	"wardroom/server/directory"
	"wardroom/server/export"
	"wardroom/server/hub"
	"wardroom/server/identity"
	"wardroom/server/journal"
	"wardroom/server/notary"
	"wardroom/server/search"
	"wardroom/server/steward"
)

// Config is what a deployment decides about its front door.
type Config struct {
	// PublicURLs are the origins browsers reach this server by, such as
	// https://wardroom.example. The first one stands in invitations.
	PublicURLs  []string
	Deployment  string         // the deployment's host name, as it stands in every log's origin
	Development bool           // the sign-in page says that everyone here is invented
	Proxies     []netip.Prefix // that say whom they speak for (X-Forwarded-For)
	Receipts    string         // the bearer token of delivery receipts; empty: none are taken
	Limits      Limits         // the zero Limits are DefaultLimits

	ContactStale time.Duration // how long the verification of an organisation's contact holds; zero is directory.DefaultStale

	BroadcastFrom int // the NHS level from which on organisations are written to; 0 is level 3
	FragmentPrice int // of a text message's fragment, in thousandths of a penny; 0 is not known
}

// Server is the front door. Its fields are set once, before Handler.
type Server struct {
	Journal   *journal.Journal
	Notary    *notary.Notary // nil: nothing is sealed
	Hub       *hub.Hub
	Identity  *identity.Identity
	Directory *directory.Directory
	Search    *search.Searcher
	Desk      *desk.Desk
	Steward   *steward.Steward
	Export    *export.Exporter
	Blobs     *blob.Store
	Courier   *courier.Courier // nil: nobody is reached outside the application
	Assets    fs.FS            // the built web app; nil serves none
	Config    Config
	Log       *slog.Logger // given patterns and numbers, never content

	// Derive makes 32 bytes that nobody outside can guess out of a purpose and
	// data, the same each time: the vault's MAC. Ids that a repeated request
	// must find again are made of it.
	Derive func(purpose string, data []byte) [32]byte

	// Ready says what keeps this node from serving; nil for nothing.
	Ready func(r *http.Request) error

	mux     *recorder
	api     huma.API
	routes  []Route
	limiter *limiter
	members *membership
	packed  packed
	listed  lists           // what feeds may read
	origins map[string]bool // scheme://host[:port], lower case
	open    sockets
	bring   chan struct{} // a place for each who asks for a code and is looked for
	policy  string        // the Content-Security-Policy
	secure  bool          // the public address is https
}

// Handler returns the front door, with every route of Routes behind the same
// middleware.
func (s *Server) Handler() http.Handler {
	s.prepare()
	return s.wrap(s.mux)
}

// Routes lists every route there is and who may come in by it.
func (s *Server) Routes() []Route {
	s.prepare()
	return s.routes
}

// prepare mounts the routes, once. It reads configuration but asks nothing of
// the rooms behind, so that the contract can be written without any.
func (s *Server) prepare() {
	if s.mux != nil {
		return
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Config.Limits == (Limits{}) {
		s.Config.Limits = DefaultLimits
	}
	s.limiter = newLimiter(s.Config.Limits, time.Now)
	s.members = newMembership()
	s.bring = make(chan struct{}, bringing)
	s.origins = map[string]bool{}
	for _, raw := range s.Config.PublicURLs {
		if u, err := url.Parse(raw); err == nil && u.Host != "" {
			s.origins[strings.ToLower(u.Scheme+"://"+u.Host)] = true
			s.secure = s.secure || u.Scheme == "https"
		}
	}
	s.policy = contentPolicy(s.Config.PublicURLs)
	s.mux = &recorder{mux: http.NewServeMux()}
	s.api = newAPI(s.mux)
	s.mount()
	routeSet.Add(s.mux.patterns...)
	routeNames.Add(s.mux.patterns...)
}

// mount is the table of contents: every route of the house, by noun.
func (s *Server) mount() {
	s.mountSignIn()
	s.mountSessions()
	s.mountRooms()
	s.mountSections()
	s.mountCells()
	s.mountEntries()
	s.mountMessages()
	s.mountPreflight()
	s.mountUploads()
	s.mountFiles()
	s.mountSeverity()
	s.mountErasure()
	s.mountDecisions()
	s.mountActions()
	s.mountEscalations()
	s.mountStatutory()
	s.mountCadence()
	s.mountMeetings()
	s.mountSitreps()
	s.mountUpdates()
	s.mountHandovers()
	s.mountBroadcasts()
	s.mountBulk()
	s.mountMinisters()
	s.mountPosts()
	s.mountTriage()
	s.mountRoomLinks()
	s.mountMatrix()
	s.mountRotas()
	s.mountStanding()
	s.mountBooks()
	s.mountRecord()
	s.mountItems()
	s.mountReleases()
	s.mountIntel()
	s.mountFeeds()
	s.mountTAXII()
	s.mountExports()
	s.mountTakeExport()
	s.mountProofs()
	s.mountSeals()
	s.mountKeys()
	s.mountMarks()
	s.mountSearch()
	s.mountDesk()
	s.mountMembers()
	s.mountContacts()
	s.mountInvitations()
	s.mountNotices()
	s.mountReach()
	s.mountOrganisations()
	s.mountDirectory()
	s.mountAlerts()
	s.mountAdminOrganisations()
	s.mountImport()
	s.mountAdminPeople()
	s.mountAdminIssuers()
	s.mountAdminTokens()
	s.mountAdminSessions()
	s.mountAdminLog()
	s.mountFreeze()
	s.mountPasskeys()
	s.mountFallback()
	s.mountDeployment()
	s.mountSetup()
	s.mountStream()
	s.mountHealth()
	s.mountStatic()
}

// link is the address that opens an invitation. The token stands in the
// fragment, which browsers send to no server.
func (s *Server) link(token string) string {
	if len(s.Config.PublicURLs) == 0 {
		return "/join#" + token
	}
	return strings.TrimSuffix(s.Config.PublicURLs[0], "/") + "/join#" + token
}
