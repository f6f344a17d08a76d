// Command linter reads deployment files with the libraries that Docker itself uses: the loader of Docker Compose and the
// Dockerfile linter of BuildKit. What is wrong goes to the standard output, a line each; then it ends with status 1.
//
//	linter compose FILE...      the files are merged as "docker compose -f FILE -f FILE" does
//	linter dockerfile FILE
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/opencontainers/go-digest"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: linter compose FILE... | linter dockerfile FILE")
		os.Exit(2)
	}
	var problems []string
	var err error
	switch os.Args[1] {
	case "compose":
		problems, err = lintCompose(os.Args[2:])
	case "dockerfile":
		problems, err = lintDockerfile(os.Args[2])
	default:
		err = fmt.Errorf("unknown kind of file %q", os.Args[1])
	}
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, problem := range problems {
		fmt.Println(problem)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
}

// lintCompose loads the files as Compose does, with its schema and its checks of references between services.
func lintCompose(files []string) ([]string, error) {
	options, err := cli.NewProjectOptions(
		files,
		cli.WithWorkingDirectory(filepath.Dir(files[0])),
		cli.WithOsEnv,
		cli.WithProfiles([]string{"*"}),
		cli.WithInterpolation(true),
		cli.WithResolvedPaths(true),
	)
	if err != nil {
		return nil, err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%d services\n", len(project.Services))
	return nil, nil
}

// lintDockerfile checks every target of the file by the rules of "docker build --check".
func lintDockerfile(file string) ([]string, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	targets, err := targetsOf(source)
	if err != nil {
		return nil, err
	}
	sourceMap := llb.NewSourceMap(nil, file, "Dockerfile", source)
	sourceMap.Definition = &llb.Definition{}
	var problems []string
	seen := map[string]bool{}
	for _, target := range targets {
		found, err := dockerfile2llb.DockerfileLint(context.Background(), source, dockerfile2llb.ConvertOpt{
			Config:    dockerui.Config{Target: target},
			SourceMap: sourceMap,
			// Nothing is pulled: of a base image it is enough that there is one.
			MetaResolver: anyImage{},
		})
		if err != nil {
			return problems, fmt.Errorf("target %s: %w", target, err)
		}
		if found.Error != nil {
			problems = append(problems, found.Error.Message)
		}
		for _, warning := range found.Warnings {
			line := int32(0)
			if len(warning.Location.Ranges) > 0 {
				line = warning.Location.Ranges[0].Start.Line
			}
			problem := fmt.Sprintf("%s:%d: %s: %s", file, line, warning.RuleName, warning.Detail)
			if !seen[problem] {
				seen[problem] = true
				problems = append(problems, problem)
			}
		}
	}
	fmt.Fprintf(os.Stderr, "%d targets\n", len(targets))
	return problems, nil
}

// anyImage stands for whatever image is asked about.
type anyImage struct{}

func (anyImage) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := []byte(`{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers"}}`)
	return ref, digest.FromBytes(config), config, nil
}

func targetsOf(source []byte) ([]string, error) {
	targets, err := dockerfile2llb.ListTargets(context.Background(), source)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, target := range targets.Targets {
		if target.Name != "" {
			names = append(names, target.Name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the Dockerfile names no target: %s", bytes.TrimSpace(source[:min(len(source), 80)]))
	}
	return names, nil
}
