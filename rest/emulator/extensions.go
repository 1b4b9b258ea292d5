package emulator

import (
	"slices"
	"strconv"
	"strings"
)

// extensionSettings say which dashboard extensions run on a site; of the server only whether any do, and which do not.
type extensionSettings struct {
	Enabled             bool
	BlockList           []string // URLs, of the server
	DefaultOff          bool     // the site does not follow the default
	AllowTrusted        bool
	IncludeSandboxed    bool
	IncludeTableauBuilt bool
	IncludePartnerBuilt bool
	SafeList            []safeExtension
}

// safeExtension is an extension that a site lets run.
type safeExtension struct {
	URL                          string
	FullDataAllowed, PromptAsked bool
}

// defaultExtensions are the settings as long as nobody changes them.
var defaultExtensions = extensionSettings{
	Enabled: true, AllowTrusted: true, IncludeSandboxed: true, IncludeTableauBuilt: true, IncludePartnerBuilt: true,
}

func textBool(name string, b bool) *element { return textNode(name, strconv.FormatBool(b)) }

// getExtensions answers GET settings/extensions of a site.
func getExtensions(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	return ok(c.server.settingsOf(c.site.luid).Extensions.render()), nil
}

func (x extensionSettings) render() *element {
	e := node("extensionsSiteSettings",
		textBool("extensionsEnabled", x.Enabled),
		textBool("useDefaultSetting", !x.DefaultOff),
		textBool("allowTrusted", x.AllowTrusted),
		textBool("includeSandboxed", x.IncludeSandboxed),
		textBool("includeTableauBuilt", x.IncludeTableauBuilt),
		textBool("includePartnerBuilt", x.IncludePartnerBuilt),
	)
	for _, safe := range x.SafeList {
		e.add(node("safeList",
			textNode("url", safe.URL),
			textBool("fullDataAllowed", safe.FullDataAllowed),
			textBool("promptNeeded", safe.PromptAsked)))
	}
	return e
}

// updateExtensions answers PUT settings/extensions of a site. The list of safe extensions becomes the one of the request.
func updateExtensions(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	body := c.body.child("extensionsSiteSettings")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no extensionsSiteSettings.")
	}
	changed := *c.server.settingsOf(c.site.luid)
	x := &changed.Extensions
	useDefault := !x.DefaultOff
	if err := body.flags(map[string]*bool{
		"extensionsEnabled": &x.Enabled, "useDefaultSetting": &useDefault, "allowTrusted": &x.AllowTrusted,
		"includeSandboxed": &x.IncludeSandboxed, "includeTableauBuilt": &x.IncludeTableauBuilt,
		"includePartnerBuilt": &x.IncludePartnerBuilt,
	}); err != nil {
		return nil, err
	}
	x.DefaultOff, x.SafeList = !useDefault, nil
	for list := range body.each("safeList") {
		if err := x.addSafe(list); err != nil {
			return nil, err
		}
	}
	c.server.settings.Put(&changed)
	return ok(x.render()), nil
}

// addSafe adds what a safeList of a request holds: one extension, or one after the other as TSC writes them.
func (x *extensionSettings) addSafe(list *element) error {
	for url := range list.each("url") {
		x.SafeList = append(x.SafeList, safeExtension{URL: strings.TrimSpace(url.text)})
	}
	first := len(x.SafeList) - len(slices.Collect(list.each("url")))
	for name, flag := range map[string]func(*safeExtension) *bool{
		"fullDataAllowed": func(s *safeExtension) *bool { return &s.FullDataAllowed },
		"promptNeeded":    func(s *safeExtension) *bool { return &s.PromptAsked },
	} {
		for i, e := range slices.Collect(list.each(name)) {
			b, known := parseBool(strings.TrimSpace(e.text))
			if !known || first+i >= len(x.SafeList) {
				return refuse(codeBoolean, "The %s of safeList must be true or false and belong to a url, not '%s'.", name, e.text)
			}
			*flag(&x.SafeList[first+i]) = b
		}
	}
	return nil
}

// getServerExtensions answers GET settings/extensions, which is for server administrators.
func getServerExtensions(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	return ok(c.server.settingsOf("").Extensions.renderServer()), nil
}

// updateServerExtensions answers PUT settings/extensions. The list of blocked extensions becomes the one of the request.
func updateServerExtensions(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	body := c.body.child("extensionsServerSettings")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no extensionsServerSettings.")
	}
	changed := *c.server.settingsOf("")
	x := &changed.Extensions
	if err := body.flags(map[string]*bool{"extensionsGloballyEnabled": &x.Enabled}); err != nil {
		return nil, err
	}
	x.BlockList = nil
	for url := range body.each("blockList") {
		x.BlockList = append(x.BlockList, strings.TrimSpace(url.text))
	}
	c.server.settings.Put(&changed)
	return ok(x.renderServer()), nil
}

func (x extensionSettings) renderServer() *element {
	e := node("extensionsServerSettings", textBool("extensionsGloballyEnabled", x.Enabled))
	for _, url := range x.BlockList {
		e.add(textNode("blockList", url))
	}
	return e
}
