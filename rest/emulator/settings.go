package emulator

import (
	"slices"
	"strings"
)

var settingOperations = []operation{
	op("GET", "sites/{site}/settings/embedding", onSite, nil, getEmbedding).since(3, 16),
	op("PUT", "sites/{site}/settings/embedding", onSite, readXML, updateEmbedding).since(3, 16),
	op("GET", "sites/{site}/settings/extensions", onSite, nil, getExtensions).since(3, 21),
	op("PUT", "sites/{site}/settings/extensions", onSite, readXML, updateExtensions).since(3, 21),
	op("GET", "settings/extensions", anyToken, nil, getServerExtensions).since(3, 21),
	op("PUT", "settings/extensions", anyToken, readXML, updateServerExtensions).since(3, 21),
	op("GET", "sites/{site}/settings/notifications", onSite, nil, listNotifications).since(3, 15),
	op("PATCH", "sites/{site}/settings/notifications", onSite, readXML, updateNotifications).since(3, 15),
	op("GET", "sites/{site}/settings/mobilesecuritysettings", onSite, nil, listSiteMobileSecurity).since(3, 18),
	op("PUT", "sites/{site}/settings/mobilesecuritysettings", onSite, readXML, updateSiteMobileSecurity).since(3, 18),
	op("GET", "settings/mobilesecuritysettings", anyToken, nil, listServerMobileSecurity).since(3, 18),
}

// settings are the settings of a site, or of the server, besides the attributes of a site. The LUID is that of the site,
// "" for the server.
type settings struct {
	LUID                 string
	RestrictedEmbedding  bool
	EmbeddingAllowList   string
	Extensions           extensionSettings
	DisabledNotification []string     // channel/type
	MobileSecurity       []mobileRule // as changed
}

// settingsOf returns the settings of a site by LUID, or of the server. They are not to be changed.
func (s *Server) settingsOf(luid string) *settings {
	if known := s.settings.Get(luid); known != nil {
		return known
	}
	return &settings{LUID: luid, Extensions: defaultExtensions}
}

// flags reads boolean attributes of an element, or its children with the text of one, into what they are for. Those that
// are not there change nothing.
func (e *element) flags(to map[string]*bool) error {
	for name, flag := range to {
		value := e.attr(name)
		if c := e.child(name); c != nil {
			value = strings.TrimSpace(c.text)
		}
		b, known := parseBool(value)
		if !known {
			return refuse(codeBoolean, "The %s of %s must be true or false, not '%s'.", name, e.name, value)
		}
		if value != "" {
			*flag = b
		}
	}
	return nil
}

// getEmbedding answers GET settings/embedding.
func getEmbedding(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	return ok(c.server.settingsOf(c.site.luid).renderEmbedding()), nil
}

// updateEmbedding answers PUT settings/embedding.
func updateEmbedding(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	body := c.body.child("site").child("settings")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no site with settings.")
	}
	changed := *c.server.settingsOf(c.site.luid)
	unrestricted := !changed.RestrictedEmbedding
	if err := body.flags(map[string]*bool{"unrestrictedEmbedding": &unrestricted}); err != nil {
		return nil, err
	}
	changed.RestrictedEmbedding = !unrestricted
	if list, given := body.lookup("allowList"); given {
		changed.EmbeddingAllowList = list
	}
	c.server.settings.Put(&changed)
	return ok(changed.renderEmbedding()), nil
}

func (s *settings) renderEmbedding() *element {
	return node("site", node("settings").
		withBool("unrestrictedEmbedding", !s.RestrictedEmbedding).
		with("allowList", s.EmbeddingAllowList))
}

// The notifications that can be switched off on a site, by channel and type, after "Notifications Methods".
var (
	notificationChannels = []string{"EMAIL", "IN_APP", "SLACK"}
	notificationTypes    = []string{"COMMENTS", "WEBHOOK", "PREP_FLOW", "SHARE", "DATA_ALERTS", "EXTRACT_REFRESH"}
)

// notification is one of these.
type notification struct{ channel, kind string }

func (n notification) key() string { return n.channel + "/" + n.kind }

func (n notification) render(s *settings) *element {
	return node("userNotificationsPreference").
		with("channel", n.channel).
		with("notificationType", n.kind).
		withBool("enabled", !slices.Contains(s.DisabledNotification, n.key())).
		withBool("disabledByOverride", false)
}

// listNotifications answers GET settings/notifications; there is no paging.
func listNotifications(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	var all []notification
	for _, channel := range notificationChannels {
		for _, kind := range notificationTypes {
			all = append(all, notification{channel, kind})
		}
	}
	s := c.server.settingsOf(c.site.luid)
	return listing[notification]{
		name: "userNotificationsPreferences", items: all, unpaged: true,
		fields: map[string]field[notification]{
			"channel":          foldedField(func(n notification) string { return n.channel }),
			"notificationType": foldedField(func(n notification) string { return n.kind }),
		},
		render: func(n notification) *element { return n.render(s) },
	}.reply(c)
}

// updateNotifications answers PATCH settings/notifications.
func updateNotifications(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	changed := *c.server.settingsOf(c.site.luid)
	list := node("notificationUpdateStatusList")
	for e := range c.body.child("userNotificationsPreferences").each("userNotificationsPreference") {
		n := notification{strings.ToUpper(e.attr("channel")), strings.ToUpper(e.attr("notificationType"))}
		if !slices.Contains(notificationChannels, n.channel) || !slices.Contains(notificationTypes, n.kind) {
			return nil, refuse(codeMalformed, "There is no notification of the channel '%s' and the notificationType '%s'.", n.channel, n.kind)
		}
		enabled := !slices.Contains(changed.DisabledNotification, n.key())
		if err := e.flags(map[string]*bool{"enabled": &enabled}); err != nil {
			return nil, err
		}
		changed.DisabledNotification = without(changed.DisabledNotification, n.key())
		if !enabled {
			changed.DisabledNotification = append(changed.DisabledNotification, n.key())
		}
		list.add(node("notificationUpdateStatus", textNode("status", "Success"), n.render(&changed)))
	}
	if len(list.children) == 0 {
		return nil, refuse(codeMalformed, "The request body has no userNotificationsPreferences.")
	}
	c.server.settings.Put(&changed)
	return ok(list), nil
}

// mobileRule is what Tableau Mobile does on a device that is not safe.
type mobileRule struct{ Name, Value, Severity, Enabled string }

// mobileRules are these with what they are before anybody changes them, after "Mobile Settings Methods".
var mobileRules = []mobileRule{
	{"mobile.security.jailbroken_device", "", "warn", "true"},
	{"mobile.security.malware_detection", "", "warn", "false"},
	{"mobile.security.maximum_offline_days", "14", "critical", "false"},
	{"mobile.security.debugger_prevention", "", "critical", "false"},
	{"mobile.security.screenshot_prevention", "", "critical", "false"},
}

// mobileSeverities are the values of the schema.
var mobileSeverities = []string{"critical", "error", "warn", "info"}

// listSiteMobileSecurity answers GET settings/mobilesecuritysettings of a site.
func listSiteMobileSecurity(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	return ok(c.server.settingsOf(c.site.luid).renderMobileSecurity()), nil
}

// listServerMobileSecurity answers GET settings/mobilesecuritysettings, what sites begin with.
func listServerMobileSecurity(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	return ok(c.server.settingsOf("").renderMobileSecurity()), nil
}

// mobileRule returns the rule with the name as it is now, nil when there is none.
func (s *settings) mobileRule(name string) *mobileRule {
	for _, rules := range [][]mobileRule{s.MobileSecurity, mobileRules} {
		if i := slices.IndexFunc(rules, func(r mobileRule) bool { return r.Name == name }); i >= 0 {
			return &rules[i]
		}
	}
	return nil
}

func (s *settings) renderMobileSecurity() *element {
	list := node("mobileSecuritySettingsList")
	for _, r := range mobileRules {
		r = *s.mobileRule(r.Name)
		list.add(node("mobileSecuritySettings").
			with("name", r.Name).
			with("enabled", r.Enabled).
			with("value", r.Value).
			with("severity", r.Severity))
	}
	return list
}

// updateSiteMobileSecurity answers PUT settings/mobilesecuritysettings of a site.
func updateSiteMobileSecurity(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	changed := *c.server.settingsOf(c.site.luid)
	for e := range c.body.child("mobileSecuritySettingsList").each("mobileSecuritySettings") {
		known := changed.mobileRule(e.attr("name"))
		if known == nil {
			return nil, refuse(codeMalformed, "There is no mobileSecuritySettings with the name '%s'.", e.attr("name"))
		}
		r := *known
		enabled := r.Enabled == "true"
		if err := e.flags(map[string]*bool{"enabled": &enabled}); err != nil {
			return nil, err
		}
		if r.Enabled = "false"; enabled {
			r.Enabled = "true"
		}
		if value := e.attr("value"); value != "" {
			r.Value = value
		}
		if severity := e.attr("severity"); severity != "" {
			r.Severity = severity
		}
		if !slices.Contains(mobileSeverities, r.Severity) {
			return nil, refuse(codeMalformed, "The severity '%s' is none of %s.", r.Severity, strings.Join(mobileSeverities, ", "))
		}
		others := slices.DeleteFunc(slices.Clone(changed.MobileSecurity), func(o mobileRule) bool { return o.Name == r.Name })
		changed.MobileSecurity = append(others, r)
	}
	c.server.settings.Put(&changed)
	return ok(changed.renderMobileSecurity()), nil
}
