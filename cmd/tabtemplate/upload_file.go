package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// databaseFlags say what published files sign in to their databases with.
type databaseFlags struct {
	user, password string
	embed          bool
}

func (f *databaseFlags) flags(cmd *cobra.Command) {
	variable := f.secrets().variable(passwordVariable)
	cmd.Flags().StringVar(&f.user, "db-user", "", "the `NAME` to sign in to the databases with (default viewers are asked)")
	cmd.Flags().StringVar(&f.password, "db-password-file", "", "the `FILE` with the password of that, - for the input (default $"+variable+", else asked for)")
	cmd.Flags().BoolVar(&f.embed, "embed", false, "keep the password on the server, so that nobody is asked for it")
}

func (f *databaseFlags) secrets() *sessionFlags { return &sessionFlags{prefix: "db-"} }

// credentials are nil where none are given.
func (f *databaseFlags) credentials(ctx context.Context, a *app, stdin io.Reader) (*rest.ConnectionCredentials, error) {
	if f.user == "" {
		if f.password != "" || f.embed {
			return nil, usagef("--db-password-file and --embed need --db-user: who signs in to the databases?")
		}
		return nil, nil
	}
	password, err := f.secrets().secret(ctx, a, stdin, "password of "+f.user+" for the databases", f.password, passwordVariable, "password-file")
	if err != nil {
		return nil, err
	}
	return &rest.ConnectionCredentials{Username: f.user, Password: password, Embed: f.embed}, nil
}

// An uploadFile is a file to publish.
type uploadFile struct {
	path, name string
	kind       contentKind
	source     *rest.FileSource
	contents   *rest.FileContents // nil for what no document is in
}

func openUpload(path string) (*uploadFile, error) {
	ext := filepath.Ext(path)
	file := &uploadFile{path: path, name: strings.TrimSuffix(filepath.Base(path), ext), kind: aDatasource}
	ext = strings.ToLower(ext)
	if strings.HasPrefix(ext, ".twb") {
		file.kind = aWorkbook
	}
	if ext != ".hyper" && ext != ".parquet" {
		doc, err := documents.Open(path)
		if err != nil {
			return nil, err
		}
		file.contents = deploy.Contents(doc)
		if err := doc.Close(); err != nil {
			return nil, err
		}
	}
	source, err := rest.OpenFile(path)
	file.source = source
	return file, err
}

func (u *uploadFile) close() error { return u.source.Close() }

// uploadOne publishes a file and says in row what became of it.
func (a *app) uploadOne(ctx context.Context, s *rest.Session, f *uploadFlags, file *uploadFile, row *workRow) error {
	m := a.meter(file.name, file.source.Size())
	defer m.over()
	progress := func(p rest.Progress) {
		text := bytesText(p.Sent) + " of " + bytesText(p.Total)
		if p.Job.LUID != "" {
			text = "the server publishes it"
		}
		m.show(p.Sent, text)
	}
	warn := func(warning string) { row.Notes = append(row.Notes, warning) }
	action := "created"
	var err error
	if file.kind == aWorkbook {
		var w rest.Workbook
		w, err = s.Workbooks.Publish(ctx, rest.WorkbookPublish{
			Name: file.name, ProjectLUID: f.projectLUID, Source: file.source, Contents: file.contents, Mode: f.mode(),
			Keep: rest.KeepSettings | rest.KeepTags | rest.KeepAcceleration, Description: f.description, ShowTabs: f.showTabs, HiddenViews: f.hide,
			Tags: f.tags, Credentials: f.credentials, EncryptExtracts: f.encrypt, SkipConnectionCheck: f.skipCheck, Warn: warn, Progress: progress,
			Before: func(existing *rest.Workbook) error { action = f.did(existing != nil); return nil },
		})
		row.LUID, row.ContentURL = w.LUID, w.ContentURL
	} else {
		var d rest.Datasource
		d, err = s.Datasources.Publish(ctx, rest.DatasourcePublish{
			Name: file.name, ProjectLUID: f.projectLUID, Source: file.source, Contents: file.contents, Mode: f.mode(),
			Keep: rest.KeepSettings | rest.KeepTags, Description: f.description, Tags: f.tags, Credentials: f.credentials,
			EncryptExtracts: f.encrypt, Warn: warn, Progress: progress,
			Before: func(existing *rest.Datasource) error { action = f.did(existing != nil); return nil },
		})
		row.LUID, row.ContentURL = d.LUID, d.ContentURL
	}
	if err == nil || errors.Is(err, rest.ErrPublished) {
		row.Action = action
	}
	m.over()
	for _, note := range row.Notes {
		fmt.Fprintf(a.stderr, "%s %s: %s\n", paintWord(a.stderr, "warning:"), file.path, note)
	}
	return err
}

// did is what publishing over what is there, or over nothing, does.
func (f *uploadFlags) did(there bool) string {
	switch {
	case there && f.append:
		return "appended"
	case there:
		return "overwritten"
	}
	return "created"
}
