package rest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An envelope is a tsResponse. The tags name no namespace, so that those of old and of new servers both match; every
// attribute is optional and what is not named here is passed over.
type envelope struct {
	XMLName     xml.Name         `xml:"tsResponse"`
	Pagination  *wirePagination  `xml:"pagination"`
	Error       *wireError       `xml:"error"`
	ServerInfo  *wireServerInfo  `xml:"serverInfo"`
	Credentials *wireCredentials `xml:"credentials"`
	Workbook    *wireWorkbook    `xml:"workbook"`
	Workbooks   []wireWorkbook   `xml:"workbooks>workbook"`
	Views       []wireView       `xml:"views>view"`
	Datasource  *wireDatasource  `xml:"datasource"`
	Datasources []wireDatasource `xml:"datasources>datasource"`
	Connections []wireConnection `xml:"connections>connection"`
	Project     *wireProject     `xml:"project"`
	Projects    []wireProject    `xml:"projects>project"`
	Tags        []wireTag        `xml:"tags>tag"`
	Job         *wireJob         `xml:"job"`
	FileUpload  *wireFileUpload  `xml:"fileUpload"`
}

type wirePagination struct {
	PageNumber     wireInt `xml:"pageNumber,attr"`
	PageSize       wireInt `xml:"pageSize,attr"`
	TotalAvailable wireInt `xml:"totalAvailable,attr"`
}

type wireError struct {
	Code    string `xml:"code,attr" json:"code"`
	Summary string `xml:"summary" json:"summary"`
	Detail  string `xml:"detail" json:"detail"`
}

type wireServerInfo struct {
	ProductVersion struct {
		Build string `xml:"build,attr"`
		Text  string `xml:",chardata"`
	} `xml:"productVersion"`
	RESTVersion string `xml:"restApiVersion"`
}

type wireCredentials struct {
	Token string `xml:"token,attr"`
	Site  struct {
		ID         string `xml:"id,attr"`
		ContentURL string `xml:"contentUrl,attr"`
	} `xml:"site"`
	User struct {
		ID string `xml:"id,attr"`
	} `xml:"user"`
}

// A wireRef is a child that names another object.
type wireRef struct {
	ID   string `xml:"id,attr"`
	Name string `xml:"name,attr"`
}

type wireTag struct {
	Label string `xml:"label,attr"`
}

type wireFileUpload struct {
	SessionID string  `xml:"uploadSessionId,attr"`
	MaxBlocks wireInt `xml:"maxFileChunkCount,attr"`
}

// wireInt, wireBool and wireTime read an attribute as forgivingly as the sort of servers in use requires: what cannot be
// read is the zero value, because one odd attribute must not make a whole list unreadable.
type (
	wireInt  int64
	wireBool bool
	wireTime struct{ time.Time }
)

// UnmarshalXMLAttr implements [xml.UnmarshalerAttr].
func (n *wireInt) UnmarshalXMLAttr(a xml.Attr) error {
	v, _ := strconv.ParseInt(strings.TrimSpace(a.Value), 10, 64)
	*n = wireInt(v)
	return nil
}

// UnmarshalXMLAttr implements [xml.UnmarshalerAttr].
func (b *wireBool) UnmarshalXMLAttr(a xml.Attr) error {
	*b = wireBool(strings.EqualFold(strings.TrimSpace(a.Value), "true"))
	return nil
}

// UnmarshalXMLAttr implements [xml.UnmarshalerAttr].
func (t *wireTime) UnmarshalXMLAttr(a xml.Attr) error {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if v, err := time.Parse(layout, strings.TrimSpace(a.Value)); err == nil {
			t.Time = v.UTC()
			return nil
		}
	}
	t.Time = time.Time{}
	return nil
}

// decode reads an answer that has to be a tsResponse.
func decode(body []byte) (*envelope, error) {
	var env envelope
	err := xml.Unmarshal(body, &env)
	if err == nil {
		return &env, nil
	}
	if strings.Contains(string(body[:min(len(body), 1024)]), "<tsResponse") {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return nil, ErrNotTableauServer
}

// missing is the error of an answer without the element it should hold.
func missing(element string) error {
	return errors.New("the answer holds no " + element)
}

func tagsOf(tags []wireTag) []string {
	var labels []string
	for _, t := range tags {
		labels = append(labels, t.Label)
	}
	return labels
}
