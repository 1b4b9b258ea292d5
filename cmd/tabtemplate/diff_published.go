package main

import (
	"context"
	"errors"
	"io"

	"github.com/tabtemplate/tabtemplate/rest"
)

// downloader is what workbooks and data sources have in common.
type downloader func(ctx context.Context, luid string, w io.Writer, o rest.DownloadOptions) (rest.DownloadInfo, error)

// findPublished finds the workbook or the data source of a name.
func findPublished(ctx context.Context, s *rest.Session, name string) (downloader, string, error) {
	workbook, notWorkbook := s.Workbooks.Find(ctx, name)
	if notWorkbook != nil && !errors.Is(notWorkbook, rest.ErrNotFound) {
		return nil, "", notWorkbook
	}
	datasource, notDatasource := s.Datasources.Find(ctx, name)
	switch {
	case notDatasource != nil && !errors.Is(notDatasource, rest.ErrNotFound):
		return nil, "", notDatasource
	case notWorkbook == nil && notDatasource == nil:
		return nil, "", usagef("%q is a workbook and a data source: name the one that is meant by its LUID, %s or %s", name, workbook.LUID, datasource.LUID)
	case notWorkbook == nil:
		return s.Workbooks.Download, workbook.LUID, nil
	case notDatasource == nil:
		return s.Datasources.Download, datasource.LUID, nil
	}
	return nil, "", errors.Join(notWorkbook, notDatasource)
}
