// Command context-session serves a classic build's context to BuildKit.
//
//	context-session SOCKET FOLDER [root]
//
// A tar archive on standard input, compressed or not, is unpacked into FOLDER; with "root", all of it becomes root's.
// Then it opens a session on buildkitd's SOCKET in which BuildKit takes what it needs of the files, and says which:
// {"session":"ID"} or {"error":"why not"}, one line of JSON. It serves until it is killed.
//
// BuildKit compares files by size and time with those that it has by the same key. Archives of other contexts may have
// the same times (many programs write 0), so that the key is the archive's digest.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/cespare/xxhash/v2"
	controlapi "github.com/moby/buildkit/api/services/control"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/filesync"
	"github.com/moby/buildkit/session/grpchijack"
	"github.com/moby/go-archive"
	"github.com/moby/go-archive/chrootarchive"
	"github.com/tonistiigi/fsutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// windowBytes may be under way at a time: files are large, and the other end is near.
const windowBytes = 4 << 20

func main() {
	if err := serve(os.Args[1], os.Args[2], len(os.Args) > 3); err != nil {
		say(map[string]string{"error": err.Error()})
		// The client reads no answer before it has sent everything.
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}
}

func say(message map[string]string) {
	_ = json.NewEncoder(os.Stdout).Encode(message)
}

func serve(socket, folder string, ofRoot bool) error {
	key, err := unpack(folder, ofRoot)
	if err != nil {
		return err
	}
	files, err := fsutil.NewFS(folder)
	if err != nil {
		return err
	}
	ctx := context.Background()
	served, err := session.NewSession(ctx, key)
	if err != nil {
		return err
	}
	provider := filesync.NewFSSyncProvider(filesync.StaticDirSource{"context": files, "dockerfile": files})
	served.Allow(everything{provider.(filesync.FileSyncServer)})
	buildkitd, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithInitialWindowSize(windowBytes), grpc.WithInitialConnWindowSize(windowBytes))
	if err != nil {
		return err
	}
	say(map[string]string{"session": served.ID()})
	return served.Run(ctx, grpchijack.Dialer(controlapi.NewControlClient(buildkitd)))
}

// everything in an archive counts: what .dockerignore says was the client's to leave out, as dockerd sees it.
type everything struct{ filesync.FileSyncServer }

func (e everything) Register(server *grpc.Server) { filesync.RegisterFileSyncServer(server, e) }

func (e everything) DiffCopy(stream filesync.FileSync_DiffCopyServer) error {
	asked, _ := metadata.FromIncomingContext(stream.Context())
	asked = asked.Copy()
	asked.Delete("exclude-patterns")
	return e.FileSyncServer.DiffCopy(withContext{stream, metadata.NewIncomingContext(stream.Context(), asked)})
}

type withContext struct {
	filesync.FileSync_DiffCopyServer
	ctx context.Context
}

func (w withContext) Context() context.Context { return w.ctx }

// unpack answers what tells the archive from others.
func unpack(folder string, ofRoot bool) (string, error) {
	options := &archive.TarOptions{}
	if ofRoot {
		options.ChownOpts = &archive.ChownOpts{}
	}
	digest := xxhash.New()
	if err := chrootarchive.Untar(io.TeeReader(os.Stdin, digest), folder, options); err != nil {
		return "", err
	}
	return fmt.Sprintf("archive-%t-%x", ofRoot, digest.Sum64()), nil
}
