package emulator

import (
	"strings"
	"testing"
)

// Everybody is in All Users, which nobody changes.
func TestAllUsers(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.change("PUT S/groups/ALLUSERS", `<group name="x"/>`).wantError(403004, "All Users")
	w.delete("groups/ALLUSERS").wantError(403004, "All Users")
	w.delete("groups/ALLUSERS/users/ANA").wantError(403004, "All Users")
	w.change("PUT S/groups/ALLUSERS/users/remove", `<users><user id="ANA"/></users>`).wantError(403004, "All Users")
	w.change("POST S/groups/ALLUSERS/users", `<user id="ANA"/>`).wantError(409011, "#ANA")
	w.change("POST S/groups/ALLUSERS/users", `<users><user id="ANA"/></users>`).wantStatus(200)
	w.change("POST S/groups", `<group name="all users"/>`).wantError(409009, "#ALLUSERS")
	w.get("groups/ALLUSERS/users?sort=name:desc&pageSize=1").wantIn(`totalAvailable="2"`, `name="ana"`)
	w.change("POST S/users", `<user name="bob" siteRole="Unlicensed"/>`).wantStatus(201)
	w.get("groups?fields=_all_").wantIn(`name="All Users" userCount="3"`)
}

func TestGroupLists(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.change("POST S/groups", `<group name="Sales" minimumSiteRole="Viewer" externalUserEnabled="True"/>`).wantStatus(201)
	w.change("POST S/groups", `<group name="Staff"><import source="ActiveDirectory" domainName="corp.example.com" siteRole="Viewer"/></group>`).wantStatus(201)
	w.change("POST S/groups/LUID1/users", `<user id="ANA"/>`).wantStatus(200)
	for query, want := range map[string]string{
		"filter=name:like:s&sort=name:desc":                    `totalAvailable="3"/><groups><group id="#3" name="Staff"`,
		"filter=name:cieq:SALES":                               `totalAvailable="1"/><groups><group id="#1" name="Sales" minimumSiteRole="Viewer" externalUserEnabled="true">`,
		"filter=userCount:lt:2,isLocal:eq:true":                `totalAvailable="1"/><groups><group id="#1"`,
		"filter=domainName:eq:corp.example.com":                `totalAvailable="1"/><groups><group id="#3"`,
		"filter=domainNickname:in:[corp,x]":                    `totalAvailable="1"/><groups><group id="#3"`,
		"filter=minimumSiteRole:eq:Viewer":                     `totalAvailable="1"/><groups><group id="#1"`,
		"filter=isExternalUserEnabled:eq:true,luid:in:[LUID1]": `totalAvailable="1"/><groups><group id="#1"`,
	} {
		w.get("groups?" + w.expand(query)).wantStatus(200).wantIn(want)
	}
	w.get("users/ANA/groups").wantIn(`totalAvailable="2"`, `name="All Users"`, `name="Sales"`)
}

func TestGroupRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.change("POST S/groups", `<group name="Sales"/>`).wantStatus(201)
	w.change("POST S/groups", `<group/>`).wantError(400000, "name")
	w.change("POST S/groups", `<group name="x" minimumSiteRole="Boss"/>`).wantError(400013, "Boss")
	w.change("POST S/groups", `<group name="x" externalUserEnabled="maybe"/>`).wantError(400008, "maybe")
	w.change("POST S/groups", `<group name="x"><import source="LDAP" domainName="d"/></group>`).wantError(400000, "ActiveDirectory")
	w.change("POST S/groups", `<group name="x"><import source="ActiveDirectory" domainName="d" siteRole="Boss"/></group>`).wantError(400013, "Boss")
	w.change("POST S/groups?asJob=perhaps", `<group name="x"><import source="ActiveDirectory" domainName="d"/></group>`).wantError(400008, "perhaps")
	w.change("PUT S/groups/LUID1", ``).wantError(400000, "group")
	w.change("PUT S/groups/LUID1", `<group name="ALL USERS"/>`).wantError(409009, "#ALLUSERS")
	w.change("PUT S/groups/LUID1", `<group name="Sales"><import source="ActiveDirectory" domainName="d" siteRole="Viewer"/></group>`).wantError(400000, "local")
	w.change("PUT S/groups/LUID9", `<group name="x"/>`).wantError(404012, "#9")
	w.delete("groups/LUID9").wantError(404012, "#9")
	w.get("groups/LUID9/users").wantError(404012, "#9")
	w.change("POST S/groups/LUID1/users", `<user id="LUID9"/>`).wantError(404002, "#9")
	w.change("POST S/groups/LUID1/users", `<users/>`).wantError(400000, "users")
	w.change("POST S/groups/LUID1/users", `<users><user id="ANA"/><user id="LUID9"/></users>`).wantError(404002, "#9")
	w.get("groups/LUID1/users").wantIn(`totalAvailable="0"`)
}

// Who is in a group that grants a site role has it, or more, after signing in.
func TestRoleOfGroup(t *testing.T) {
	t.Parallel()
	w := start(t, WithDirectoryGroup("example.com", "Staff", "carl"), WithUser("eve", "secret", "Unlicensed"))
	w.remember("SALES", w.change("POST S/groups", `<group name="Sales" minimumSiteRole="Explorer"/>`).wantStatus(201))
	eve := w.of("").userOf(w.server.findAccount("eve")).LUID
	for _, luid := range []string{eve, "ANA", "ADMIN"} {
		w.change("POST S/groups/SALES/users", `<user id="`+luid+`"/>`).wantStatus(200)
	}
	for name, role := range map[string]string{"eve": "Explorer", "ana": "SiteAdministratorCreator"} {
		w.as(name).get("users/" + w.of("").userOf(w.server.findAccount(name)).LUID).wantStatus(200).wantIn(`siteRole="` + role + `"`)
	}
	w.asAdmin().get("users/ADMIN").wantIn(`siteRole="ServerAdministrator"`)
	w.change("POST S/groups", `<group name="x" minimumSiteRole="ServerAdministrator"/>`).wantError(400013, "ServerAdministrator")

	w.change("POST S/groups", `<group name="Staff"><import source="ActiveDirectory" domainName="example.com" siteRole="Creator" grantLicenseMode="onLogin"/></group>`).wantStatus(201)
	carl := w.of("").userOf(w.server.findAccount("carl")).LUID
	w.get("users/" + carl).wantIn(`siteRole="Unlicensed"`)
	w.change("PUT S/users/"+carl, `<user password="secret"/>`).wantStatus(200)
	w.as("carl").get("users/" + carl).wantIn(`siteRole="Creator"`)
	w.asAdmin().change("POST S/groups", `<group name="x"><import source="ActiveDirectory" domainName="d" grantLicenseMode="never"/></group>`).wantError(400000, "never")
}

// A group of an Active Directory is made of what is there, and read again when it is asked for.
func TestDirectoryGroup(t *testing.T) {
	t.Parallel()
	w := start(t, WithDirectoryGroup("example.com", "Staff", "ana", "carl"), WithDirectoryGroup("other.com", "Staff", "dora"))
	const body = `<group name="staff"><import source="ActiveDirectory" domainName="example" siteRole="Viewer" grantLicenseMode="onSync"/></group>`
	w.change("POST S/groups", `<group name="staff"/>`).wantStatus(201) // local: another domain
	w.change("POST S/groups", strings.Replace(body, `"example"`, `"example.com"`, 1)).wantStatus(201).wantIn(`name="staff"><domain name="example.com"/>`)
	group := w.of("").groups.All()[2].LUID
	w.get("groups/"+group+"/users?fields=_all_").wantIn(`totalAvailable="2"`, `name="carl" fullName="carl" email="" siteRole="Viewer"`, `<domain name="example.com"/>`)
	w.change("POST S/groups", body).wantError(409009, "staff") // by its nickname

	// who is put in and taken out by hand is as the directory says after the next reading
	carl := w.of("").userOf(w.server.findAccount(`example.com\carl`)).LUID
	w.delete("groups/" + group + "/users/" + carl).wantStatus(204)
	w.change("POST S/groups/"+group+"/users", `<user id="ADMIN"/>`).wantStatus(200)
	a := w.change("PUT S/groups/"+group+"?asJob=True", body).wantStatus(202).wantIn(`type="GroupSync"`)
	job := longLUID.FindString(string(a.raw))
	w.get("jobs/" + job).wantIn(`finishCode="0"`)
	w.get("groups/"+group+"/users").wantIn(`totalAvailable="2"`, `name="ana"`, `name="carl"`)
	w.change("PUT S/groups/"+group, body).wantStatus(200).wantIn(`grantLicenseMode="onSync"`)

	// a job whose group is there by the time it runs fails
	a = w.change("POST S/groups?asJob=true", body).wantStatus(202).wantIn(`type="GroupImport"`)
	w.get("jobs/"+longLUID.FindString(string(a.raw))).wantIn(`finishCode="1"`, "already")
}

func TestGroupSets(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.change("POST S/groups", `<group name="Sales"/>`).wantStatus(201)
	w.change("POST S/groupsets", `<groupSet name="Everyone"/>`).want(201, `<groupSet id="#2" name="Everyone" groupCount="0"/>`)
	w.change("POST S/groupsets", `<groupSet name="everyone"/>`).wantError(409120, "#2")
	w.change("POST S/groupsets", `<groupSet/>`).wantError(400000, "name")
	w.send("PUT S/groupsets/LUID2/groups/LUID1"+tscXML).want(200, `<groupSet id="#2" name="Everyone" groupCount="1"><group id="#1" name="Sales"/></groupSet>`)
	w.send("PUT S/groupsets/LUID2/groups/LUID1" + tscXML).wantStatus(200).wantIn(`groupCount="1"`)
	w.send("PUT S/groupsets/LUID2/groups/LUID9"+tscXML).wantError(404012, "#9")
	w.get("groupsets/LUID2").wantStatus(200).wantIn(`<group id="#1" name="Sales"/>`)
	w.get("groupsets?resultlevel=members&filter=name:eq:Everyone").want(200,
		`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><groupSets><groupSet id="#2" name="Everyone" groupCount="1"><group id="#1" name="Sales"/></groupSet></groupSets>`)
	w.get("groupsets?resultlevel=local").wantIn(`groupCount="1"/></groupSets>`)
	w.get("groupsets?resultlevel=all").wantError(400000, "resultlevel")
	w.change("PUT S/groupsets/LUID2", `<groupSet name="All"/>`).wantStatus(200).wantIn(`name="All"`)
	w.delete("groups/LUID1").wantStatus(204) // out of the set, too
	w.get("groupsets/LUID2").want(200, `<groupSet id="#2" name="All" groupCount="0"/>`)
	w.delete("groupsets/LUID2/groups/LUID1").wantError(404012, "#1")
	w.delete("groupsets/LUID2").wantStatus(204)
	w.get("groupsets/LUID2").wantError(404012, "#2")
}

// Rules for a group, and for a set of groups, hold for who is in it, and are gone with it.
func TestGroupRules(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Viewer")
	w.remember("SALES", w.change("POST S/groups", `<group name="Sales"/>`).wantStatus(201))
	w.remember("SET", w.change("POST S/groupsets", `<groupSet name="Set"/>`).wantStatus(201))
	w.send("PUT S/groupsets/SET/groups/SALES" + tscXML).wantStatus(200)
	w.change("POST S/groups/SALES/users", `<user id="EVE"/>`).wantStatus(200)
	w.delete("projects/TEAM/permissions/groups/ALLUSERS/Read/Allow").wantStatus(204)
	sees := func(name string, want bool) {
		t.Helper()
		total := `totalAvailable="0"`
		if want {
			total = `totalAvailable="1"`
		}
		w.as(name).get("projects?filter=name:eq:Team").wantIn(total)
		w.asAdmin()
	}
	sees("eve", false)
	w.grant("projects/TEAM/permissions", "groupSet", "SET", "Read Allow").wantStatus(200)
	sees("eve", true)
	sees("max", false)
	w.grant("projects/TEAM/permissions", "group", "SALES", "Read Deny").wantStatus(200)
	sees("eve", false)
	w.delete("groups/SALES").wantStatus(204)
	w.get("projects/TEAM/permissions").wantStatus(200)
	w.delete("groupsets/SET").wantStatus(204)
	a := w.get("projects/TEAM/permissions").wantStatus(200)
	for _, set := range w.of("").permissions.All() {
		for _, r := range set.Rules {
			if r.Grantee.LUID == w.names["SALES"] || r.Grantee.LUID == w.names["SET"] {
				t.Errorf("a rule for nobody is left: %s", a.body)
			}
		}
	}
}
