package emulator

import "testing"

func TestEmbeddingSettings(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.get("settings/embedding").want(200, `<site><settings unrestrictedEmbedding="true" allowList=""/></site>`)
	w.change("PUT S/settings/embedding", `<site><settings unrestrictedEmbedding="False" allowList="a.com b.com"/></site>`).
		want(200, `<site><settings unrestrictedEmbedding="false" allowList="a.com b.com"/></site>`)
	w.change("PUT S/settings/embedding", `<site><settings/></site>`).wantStatus(200).wantIn(`unrestrictedEmbedding="false" allowList="a.com b.com"`)
	w.change("PUT S/settings/embedding", `<site><settings unrestrictedEmbedding="x"/></site>`).wantError(400008, "unrestrictedEmbedding")
	w.change("PUT S/settings/embedding", `<site/>`).wantError(400000, "settings")
	w.signIn(admin, "finance")
	w.send("GET /api/3.29/sites/FINANCE/settings/embedding" + tscHeaders + "\n").wantStatus(200).wantIn(`unrestrictedEmbedding="true"`)
}

// As TSC writes and reads them: the list of safe extensions is one element with one child after the other.
func TestExtensionSettings(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.get("settings/extensions").want(200, `<extensionsSiteSettings><extensionsEnabled>true</extensionsEnabled><useDefaultSetting>true</useDefaultSetting><allowTrusted>true</allowTrusted>`+
		`<includeSandboxed>true</includeSandboxed><includeTableauBuilt>true</includeTableauBuilt><includePartnerBuilt>true</includePartnerBuilt></extensionsSiteSettings>`)
	w.send("PUT S/settings/extensions"+tscXML+`<tsRequest><extensionsSiteSettings><extensionsEnabled>true</extensionsEnabled><useDefaultSetting>false</useDefaultSetting><allowTrusted>false</allowTrusted>`+
		`<safeList><url>https://a</url><fullDataAllowed>true</fullDataAllowed><promptNeeded>false</promptNeeded><url>https://b</url><fullDataAllowed>false</fullDataAllowed><promptNeeded>true</promptNeeded></safeList></extensionsSiteSettings></tsRequest>`).
		want(200, `<extensionsSiteSettings><extensionsEnabled>true</extensionsEnabled><useDefaultSetting>false</useDefaultSetting><allowTrusted>false</allowTrusted>`+
			`<includeSandboxed>true</includeSandboxed><includeTableauBuilt>true</includeTableauBuilt><includePartnerBuilt>true</includePartnerBuilt>`+
			`<safeList><url>https://a</url><fullDataAllowed>true</fullDataAllowed><promptNeeded>false</promptNeeded></safeList>`+
			`<safeList><url>https://b</url><fullDataAllowed>false</fullDataAllowed><promptNeeded>true</promptNeeded></safeList></extensionsSiteSettings>`)
	w.change("PUT S/settings/extensions", `<extensionsSiteSettings><safeList><promptNeeded>true</promptNeeded></safeList></extensionsSiteSettings>`).wantError(400008, "promptNeeded")
	w.change("PUT S/settings/extensions", ``).wantError(400000, "extensionsSiteSettings")

	get := func() *answer { return w.send("GET /api/3.29/settings/extensions" + tscHeaders + "\n") }
	get().want(200, `<extensionsServerSettings><extensionsGloballyEnabled>true</extensionsGloballyEnabled></extensionsServerSettings>`)
	w.change("PUT /api/3.29/settings/extensions", `<extensionsServerSettings><extensionsGloballyEnabled>false</extensionsGloballyEnabled><blockList>https://x</blockList><blockList>https://y</blockList></extensionsServerSettings>`).
		want(200, `<extensionsServerSettings><extensionsGloballyEnabled>false</extensionsGloballyEnabled><blockList>https://x</blockList><blockList>https://y</blockList></extensionsServerSettings>`)
	w.signIn(`name="ana" password="secret"`, "")
	get().wantError(403004, "#ANA")
}

func TestNotificationSettings(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.get("settings/notifications?filter=channel:eq:email,notificationType:eq:share").want(200,
		`<userNotificationsPreferences><userNotificationsPreference channel="EMAIL" notificationType="SHARE" enabled="true" disabledByOverride="false"/></userNotificationsPreferences>`)
	w.change("PATCH S/settings/notifications", `<userNotificationsPreferences><userNotificationsPreference channel="email" notificationType="share" enabled="false"/></userNotificationsPreferences>`).
		wantStatus(200).wantIn(`<status>Success</status><userNotificationsPreference channel="EMAIL" notificationType="SHARE" enabled="false"`)
	w.get("settings/notifications").wantIn(`channel="EMAIL" notificationType="SHARE" enabled="false"`, `channel="SLACK" notificationType="SHARE" enabled="true"`)
	w.change("PATCH S/settings/notifications", `<userNotificationsPreferences><userNotificationsPreference channel="fax" notificationType="share"/></userNotificationsPreferences>`).wantError(400000, "FAX")
	w.change("PATCH S/settings/notifications", ``).wantError(400000, "userNotificationsPreferences")
}

func TestMobileSecuritySettings(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.send("GET /api/3.29/settings/mobilesecuritysettings" + tscHeaders + "\n").wantStatus(200).
		wantIn(`<mobileSecuritySettingsList><mobileSecuritySettings name="mobile.security.jailbroken_device" enabled="true" value="" severity="warn"/>`)
	w.change("PUT S/settings/mobilesecuritysettings", `<mobileSecuritySettingsList><mobileSecuritySettings name="mobile.security.maximum_offline_days" enabled="true" value="7" severity="error"/></mobileSecuritySettingsList>`).
		wantStatus(200).wantIn(`name="mobile.security.maximum_offline_days" enabled="true" value="7" severity="error"`)
	w.get("settings/mobilesecuritysettings").wantIn(`value="7" severity="error"`, `name="mobile.security.malware_detection" enabled="false"`)
	w.change("PUT S/settings/mobilesecuritysettings", `<mobileSecuritySettingsList><mobileSecuritySettings name="x"/></mobileSecuritySettingsList>`).wantError(400000, "x")
	w.change("PUT S/settings/mobilesecuritysettings", `<mobileSecuritySettingsList><mobileSecuritySettings name="mobile.security.malware_detection" severity="bad"/></mobileSecuritySettingsList>`).wantError(400000, "bad")
}

// As TSC writes and reads them. The client's secret is told to nobody, and not kept.
func TestOIDC(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.get("site-auth-configurations").want(200, `<siteAuthConfigurations/>`)
	const oidc = `<siteOIDCConfiguration name="Google" clientId="c" clientSecret="hush" authorizationEndpoint="https://a" tokenEndpoint="https://t" userInfoEndpoint="https://u" enabled="true" jwksUri="https://j" useFullName="False" />`
	told := `<siteOIDCConfiguration enabled="true" allowEmbeddedAuthentication="false" useFullName="false" idpConfigurationName="Google" idpConfigurationId="#1" clientId="c" clientSecret="*****" authorizationEndpoint="https://a" tokenEndpoint="https://t" userinfoEndpoint="https://u" jwksUri="https://j"/>`
	w.change("PUT S/site-oidc-configuration", oidc).want(200, told)
	w.get("site-oidc-configuration/LUID1").want(200, told)
	w.get("site-auth-configurations").want(200, `<siteAuthConfigurations><siteAuthConfiguration authSetting="OIDC" enabled="true" idpConfigurationId="#1" idpConfigurationName="Google"/></siteAuthConfigurations>`)
	w.change("PUT S/site-oidc-configuration/LUID1", `<siteOIDCConfiguration prompt="login"/>`).wantStatus(200).wantIn(`clientId="c"`, `prompt="login"`)
	w.change("PUT S/site-oidc-configuration", `<siteOIDCConfiguration name="x" clientSecret="s"/>`).wantError(400000, "tokenEndpoint")
	w.change("PUT S/site-oidc-configuration", `<siteOIDCConfiguration name="x"/>`).wantError(400000, "clientSecret")
	w.ids.last.Store(worldBegins + 10)
	w.change("POST S/users", `<user name="bob" siteRole="Viewer" idpConfigurationId="LUID1"/>`).wantStatus(201).
		wantIn(`authSetting="OpenID"`, `idpConfigurationId="#1"`)
	w.change("PUT S/users/LUID12", `<user authSetting="ServerDefault"/>`).wantStatus(200).wantIn(`authSetting="ServerDefault"`)
	w.change("PUT S/users/LUID12", `<user authSetting="OpenID"/>`).wantStatus(200).wantIn(`authSetting="OpenID"`)
	w.change("PUT S/disable-site-oidc-configuration?idpConfigurationId=LUID1", ``).wantStatus(200)
	w.change("PUT S/disable-site-oidc-configuration?idpConfigurationId=LUID1", ``).wantError(404029, "#1")
	w.change("PUT S/users/LUID12", `<user authSetting="OpenID"/>`).wantError(400003, "OpenID")
}

func TestAuthServers(t *testing.T) {
	t.Parallel()
	w := start(t)
	const path = "S/connected-apps/external-authorization-servers"
	w.change("POST "+path, `<externalAuthorizationServer issuerUrl="nothing"/>`).wantError(400000, "nothing")
	w.ids.last.Store(worldBegins)
	w.change("POST "+path, `<externalAuthorizationServer name="EAS" issuerUrl="https://idp.example.com"/>`).
		want(201, `<externalAuthorizationServer id="#1" name="EAS" issuerUrl="https://idp.example.com"/>`)
	w.change("PUT "+path+"/LUID1", `<externalAuthorizationServer jwksUri="https://idp.example.com/keys"/>`).wantStatus(200).
		wantIn(`name="EAS" issuerUrl="https://idp.example.com" jwksUri="https://idp.example.com/keys"`)
	w.get("connected-apps/external-authorization-servers").wantIn(`<externalAuthorizationServers><externalAuthorizationServer id="#1"`)
	w.get("connected-apps/external-authorization-servers/LUID1").wantStatus(200)
	w.delete("connected-apps/external-authorization-servers/LUID1").wantStatus(204)
	w.get("connected-apps/external-authorization-servers/LUID1").wantError(404029, "#1")
}
