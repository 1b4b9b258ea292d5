package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// A DataAlert is mail to people when a number of a view passes a threshold ("Get Data-Driven Alert").
type DataAlert struct {
	LUID         string           `api:"@id"`
	Subject      string           `api:"@subject"`
	Frequency    string           `api:"@frequency"`      // how often they are told: AlertOnce and the others
	Condition    string           `api:"@alertCondition"` // AlertAbove and the others
	Threshold    string           `api:"@alertThreshold"`
	Public       bool             `api:"@public"` // others may see it, and add themselves
	Suspended    bool             `api:"@suspended"`
	CreatorLUID  string           `api:"@creatorId"`
	OwnerLUID    string           `api:"owner/@id"`
	OwnerName    string           `api:"owner/@name"`
	ViewLUID     string           `api:"view/@id"`
	ViewName     string           `api:"view/@name"`
	WorkbookLUID string           `api:"view/workbook/@id"`
	WorkbookName string           `api:"view/workbook/@name"`
	ProjectLUID  string           `api:"view/project/@id"`
	ProjectName  string           `api:"view/project/@name"`
	Recipients   []AlertRecipient `api:"recipients/recipient"` // not in lists
	CreatedAt    time.Time        `api:"@createdAt"`
	UpdatedAt    time.Time        `api:"@updatedAt"`
}

// An AlertRecipient is who gets the mail of a data alert.
type AlertRecipient struct {
	LUID     string    `api:"@id"`
	Name     string    `api:"@name"`
	LastSent time.Time `api:"@lastSent"`
}

// How often people are told while a condition holds, and the conditions.
const (
	AlertAsOftenAsPossible = "AsFrequentlyAsPossible"
	AlertOnce              = "Once"
	AlertHourly            = "Hourly"
	AlertDaily             = "Daily"
	AlertWeekly            = "Weekly"

	AlertAbove        = "above"
	AlertAboveOrEqual = "above-equal"
	AlertBelow        = "below"
	AlertBelowOrEqual = "below-equal"
	AlertEqual        = "equal"
)

var (
	alertFrequencies = []string{AlertAsOftenAsPossible, AlertOnce, AlertHourly, AlertDaily, AlertWeekly}
	alertConditions  = []string{AlertAbove, AlertAboveOrEqual, AlertBelow, AlertBelowOrEqual, AlertEqual}
)

// alertFilters are the fields data alerts can be filtered by.
const alertFilters filterKinds = "createdAt:r frequency:i ownerName:i subject:i updatedAt:r viewId"

// DataAlertsService works with data-driven alerts (API 3.2): mail to people when a number of a view passes a threshold.
// AddUser and RemoveUser change who gets it.
type DataAlertsService struct{ s *Session }

// All lists the data alerts of the site that the user may see, without their recipients ("List Data-Driven Alerts on Site", API
// 3.2).
func (ds *DataAlertsService) All(ctx context.Context, q Query) iter.Seq2[DataAlert, error] {
	return listing[DataAlert]{
		op: "List Data-Driven Alerts on Site", since: Version{3, 2}, path: "dataAlerts", query: q, items: []string{"dataAlerts", "dataAlert"},
		kinds: alertFilters, whole: true,
	}.all(ctx, ds.s)
}

// ByLUID reads a data alert ("Get Data-Driven Alert", API 3.2).
func (ds *DataAlertsService) ByLUID(ctx context.Context, luid string) (DataAlert, error) {
	q, err := ds.request(http.MethodGet, "Get Data-Driven Alert", luid, "")
	var a DataAlert
	if err == nil {
		a, err = read[DataAlert](ctx, ds.s, q, "dataAlert")
	}
	if err != nil {
		return DataAlert{}, fmt.Errorf("reading data alert %q: %w", luid, err)
	}
	return a, nil
}

// DataAlertCreate describes a data alert to make. Required are Subject, Condition, Threshold, WorksheetName and one of ViewLUID
// and CustomViewLUID.
type DataAlertCreate struct {
	Subject        string  `api:"@subject"`
	Frequency      string  `api:"@frequency"`       // AlertOnce and the others; "" for the server's choice
	Condition      string  `api:"@alertCondition"`  // AlertAbove and the others
	Threshold      float64 `api:"@alertThreshold!"` // what the number is compared with
	Visibility     string  `api:"@visibility"`      // public or private; "" for the server's choice
	WorksheetName  string  `api:"@worksheetName"`   // the sheet of the view that has the number
	ViewLUID       string  `api:"@viewId"`
	CustomViewLUID string  `api:"@customViewId"`
}

func (c DataAlertCreate) check() error {
	errs := []error{checkWord("condition", c.Condition, alertConditions...)}
	if c.Frequency != "" {
		errs = append(errs, checkWord("frequency", c.Frequency, alertFrequencies...))
	}
	if c.Visibility != "" {
		errs = append(errs, checkWord("visibility", c.Visibility, "public", "private"))
	}
	if c.Subject == "" || c.WorksheetName == "" {
		errs = append(errs, errors.New("a data alert has a subject and the name of a worksheet"))
	}
	if (c.ViewLUID == "") == (c.CustomViewLUID == "") {
		errs = append(errs, errors.New("a data alert is about one view or one custom view"))
	}
	return errors.Join(errs...)
}

// Create makes a data alert ("Create Data Driven Alert", API 3.20). The user who makes it owns it and is its first recipient.
// When the outcome of the request is unclear, one with the same subject, condition and threshold on the same view counts as
// made.
func (ds *DataAlertsService) Create(ctx context.Context, c DataAlertCreate) (DataAlert, error) {
	made, err := ds.create(ctx, c)
	if err != nil {
		return DataAlert{}, fmt.Errorf("creating data alert %q: %w", c.Subject, err)
	}
	return made, nil
}

func (ds *DataAlertsService) create(ctx context.Context, c DataAlertCreate) (DataAlert, error) {
	if err := c.check(); err != nil {
		return DataAlert{}, err
	}
	q := &request{op: "Create Data Driven Alert", since: Version{3, 20}, method: http.MethodPost, path: "dataAlerts", once: true}
	if err := q.carry(encodeElement("dataAlertCreateAlert", c)); err != nil {
		return DataAlert{}, err
	}
	send := func() (DataAlert, error) { return read[DataAlert](ctx, ds.s, q, "dataAlert") }
	return makeOnce(ctx, send, func() (DataAlert, bool, error) {
		for a, err := range ds.All(ctx, Query{PageSize: maxPage}) {
			if err != nil || a.CreatorLUID == ds.s.UserLUID() && c.describes(a) {
				return a, err == nil, err
			}
		}
		return DataAlert{}, false, nil
	})
}

// describes says that a data alert is as it was to be made.
func (c DataAlertCreate) describes(a DataAlert) bool {
	threshold, ok := measure(a.Threshold)
	return a.Subject == c.Subject && a.Condition == c.Condition && ok && threshold == c.Threshold &&
		(a.ViewLUID == c.ViewLUID || c.ViewLUID == "")
}

// DataAlertUpdate says what to change of a data alert; what is nil stays as it is.
type DataAlertUpdate struct {
	Subject   *string `api:"@subject"`
	Frequency *string `api:"@frequency"` // AlertOnce and the others
	Public    *bool   `api:"@public"`
	OwnerLUID *string `api:"owner/@id"`
}

// Update changes a data alert, for its owner and administrators ("Update Data-Driven Alert", API 3.2).
func (ds *DataAlertsService) Update(ctx context.Context, luid string, u DataAlertUpdate) (DataAlert, error) {
	q, err := ds.request(http.MethodPut, "Update Data-Driven Alert", luid, "")
	if err == nil && u.Frequency != nil {
		err = checkWord("frequency", *u.Frequency, alertFrequencies...)
	}
	if err == nil {
		err = q.carry(encodeElement("dataAlert", u))
	}
	var a DataAlert
	if err == nil {
		a, err = read[DataAlert](ctx, ds.s, q, "dataAlert")
	}
	if err != nil {
		return DataAlert{}, fmt.Errorf("updating data alert %q: %w", luid, err)
	}
	return a, nil
}

// Delete deletes a data alert ("Delete Data-Driven Alert", API 3.2).
func (ds *DataAlertsService) Delete(ctx context.Context, luid string) error {
	q, err := ds.request(http.MethodDelete, "Delete Data-Driven Alert", luid, "")
	if err == nil {
		err = ds.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting data alert %q: %w", luid, err)
	}
	return nil
}

// AddUser lets a user get the mail of a data alert, too ("Add User to Data-Driven Alert", API 3.2). To whoever gets it already
// nothing happens.
func (ds *DataAlertsService) AddUser(ctx context.Context, luid, userLUID string) error {
	q, err := ds.request(http.MethodPost, "Add User to Data-Driven Alert", luid, "/users")
	if err == nil {
		err = checkLUID("user", userLUID)
	}
	if err == nil {
		_, err = ds.s.send(ctx, q, newElement("user").set("id", userLUID))
	}
	if err != nil {
		return fmt.Errorf("adding user %q to data alert %q: %w", userLUID, luid, err)
	}
	return nil
}

// RemoveUser takes a user off a data alert ("Delete User from Data-Driven Alert", API 3.2).
func (ds *DataAlertsService) RemoveUser(ctx context.Context, luid, userLUID string) error {
	q, err := ds.request(http.MethodDelete, "Delete User from Data-Driven Alert", luid, "/users/"+segments(userLUID))
	if err == nil {
		err = checkLUID("user", userLUID)
	}
	if err == nil {
		err = ds.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("removing user %q from data alert %q: %w", userLUID, luid, err)
	}
	return nil
}

// request is a call about one data alert; rest is what follows its LUID in the path.
func (ds *DataAlertsService) request(method, op, luid, rest string) (*request, error) {
	if err := checkLUID("data alert", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: Version{3, 2}, method: method, path: "dataAlerts/" + segments(luid) + rest}, nil
}
