package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jacoelho/xsd"
	"github.com/jacoelho/xsd/xsderrors"

	"github.com/tabtemplate/tabtemplate/documents"
)

// Tableau's schema imports two namespaces without saying where they are. These are what it uses of them.
const (
	schemaHead  = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace=`
	userSchema  = schemaHead + `"http://www.tableausoftware.com/xml/user"><xs:attributeGroup name="UserAttributes-AG"><xs:anyAttribute namespace="##targetNamespace" processContents="skip"/></xs:attributeGroup></xs:schema>`
	namesSchema = schemaHead + `"http://www.w3.org/XML/1998/namespace"><xs:attribute name="base" type="xs:string"/><xs:attribute name="space" type="xs:string"/><xs:attribute name="lang" type="xs:string"/></xs:schema>`
)

// maxViolations is more than any document has that was a workbook.
const maxViolations = 100_000

// readSchema reads the schema of --schema, if there is one.
func (c *checker) readSchema(ctx context.Context) error {
	if c.schemaPath == "" {
		return nil
	}
	text, err := os.ReadFile(c.schemaPath)
	if err != nil {
		return &usageError{fmt.Errorf("--schema: %w", err)}
	}
	engine, err := xsd.Compile(ctx, xsd.Bytes(c.schemaPath, text), xsd.Bytes("user.xsd", []byte(userSchema)), xsd.Bytes("xml.xsd", []byte(namesSchema)))
	if err != nil {
		return usagef("--schema %s: %w; Tableau's schemas of workbooks are at %s", c.schemaPath, err, schemasAddress)
	}
	schema := tableauSchema{engine}
	none, err := schema.Validate([]byte("<workbook/>"))
	if err != nil {
		return err
	}
	for _, v := range none {
		if v.Element == "" || v.Element == "/" {
			return usagef("--schema %s: it is no schema of workbooks (%s); Tableau's are at %s", c.schemaPath, v.Text, schemasAddress)
		}
	}
	c.schema = schema
	return nil
}

// tableauSchema is a schema that was read.
type tableauSchema struct{ engine *xsd.Engine }

// Validate implements [documents.Validator].
func (s tableauSchema) Validate(document []byte) (found []documents.Violation, err error) {
	err = s.engine.ValidateWithOptions(context.Background(), bytes.NewReader(document), xsd.ValidateOptions{MaxErrors: maxViolations})
	if err == nil {
		return nil, nil
	}
	list, several := errors.AsType[xsderrors.Errors](err)
	if !several {
		list = xsderrors.Errors{err}
	}
	for _, e := range list {
		one, ok := errors.AsType[*xsderrors.Error](e)
		if !ok || one.Category != xsderrors.CategoryValidation {
			return nil, e
		}
		found = append(found, documents.Violation{Line: one.Line, Col: one.Column, Element: one.Path, Text: one.Message})
	}
	return found, nil
}
