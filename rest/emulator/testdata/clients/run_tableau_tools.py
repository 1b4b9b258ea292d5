"""Walks the calls of tableau_tools, and checks what it reads in the answers.

Usage: run_tableau_tools.py SERVER FILES

SERVER is an emulator with the demonstration world. FILES is a folder with sales.twb, orders.tds, extract.twbx and
clean.tfl. The client writes what it downloads into the folder it runs in.
"""

import os
import sys
import tempfile
import traceback
from pathlib import Path

from tableau_tools import TableauServerRest33

address, files = sys.argv[1], Path(sys.argv[2]).absolute()
os.chdir(tempfile.mkdtemp())
failed = 0


def step(name):
    def run(function):
        global failed
        try:
            function()
        except BaseException:  # the client ends some failures with an exit
            failed += 1
            print(f"FAILED {name}\n{traceback.format_exc(limit=-4)}")
        else:
            print(f"ok {name}")

    return run


def equal(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def found(answer, name):
    return len(answer.findall(f".//t:{name}", t.ns_map))


t = TableauServerRest33(server=address, username="admin", password="admin-password", site_content_url="")
t.signin()


@step("TT-13 projects")
def _():
    t.projects.create_project("Team", project_desc="A team", locked_permissions=False, no_return=True)
    t.projects.update_project("Team", new_project_description="Another")
    t.projects.create_project("Gone", no_return=True)
    t.projects.delete_projects("Gone")


@step("TT-1, TT-2 find a project")
def _():
    project = t.projects.query_project("Team")
    equal(project.luid, t.query_project_luid("Team"))
    project.query_all_permissions()


@step("TT-3 publish a workbook")
def _():
    project = t.projects.query_project("Team")
    luid = t.workbooks.publish_workbook(
        str(files / "sales.twb"), "Sales", project, overwrite=True, connection_username="u", connection_password="p",
        save_credentials=True, show_tabs=True,
    )
    equal(luid, t.query_workbook_luid("Sales"))
    t.workbooks.publish_workbook(str(files / "sales.twb"), "Sales", project, overwrite=True, views_to_hide_list=["Map"])
    t.workbooks.publish_workbook(str(files / "extract.twbx"), "Extract", project, overwrite=True)


@step("TT-4 publish a data source and a flow")
def _():
    project = t.projects.query_project("Team")
    t.datasources.publish_datasource(str(files / "orders.tds"), "Orders", project, overwrite=True)
    equal(len(t.datasources.query_datasources()), 1)
    t.flows.publish_flow(str(files / "clean.tfl"), "Clean", project, overwrite=True)


@step("TT-5 lists")
def _():
    equal(len(t.workbooks.query_workbooks()), 2)
    assert len(t.users.query_users()) >= 3 and len(t.groups.query_groups()) == 2 and len(t.projects.query_projects()) >= 4
    t.schedules.query_schedules()
    equal(len(t.sites.query_sites()), 2)
    assert len(t.workbooks.query_views(usage=True)) > 1
    t.users.query_users_json()


@step("TT-6, TT-7 one workbook")
def _():
    t.workbooks.query_workbook("Sales")
    assert found(t.workbooks.query_workbook_views("Sales", usage=True), "view") > 1
    equal(found(t.workbooks.query_workbook_connections("Sales"), "connection"), 1)
    equal(found(t.revisions.get_workbook_revisions("Sales"), "revision"), 2)
    t.datasources.query_datasource("Orders")


@step("TT-8 downloads")
def _():
    t.workbooks.download_workbook("Sales", "book")
    equal(Path("book.twb").read_bytes(), (files / "sales.twb").read_bytes())
    t.datasources.download_datasource("Orders", "source")
    t.revisions.download_workbook_revision("Sales", 1, "revision")
    view = t.query_workbook_view_luid("Sales", view_name="Map")
    assert t.workbooks.query_view_image(view_name_or_luid=view, wb_name_or_luid="Sales").startswith(b"\x89PNG")
    assert t.workbooks.query_view_pdf("Sales", "Map").startswith(b"%PDF")
    assert t.workbooks.query_view_data("Sales", "Map")
    assert t.workbooks.query_workbook_preview_image("Sales").startswith(b"\x89PNG")


@step("TT-9 refresh")
def _():
    job = t.extracts.run_extract_refresh_for_workbook("Extract").find(".//t:job", t.ns_map)
    equal(t.query_resource("jobs/" + job.get("id")).find(".//t:job", t.ns_map).get("id"), job.get("id"))


@step("TT-10 users")
def _():
    luid = t.users.add_user("max", fullname="Max M", site_role="Viewer", password="secret", email="max@example.com")
    equal(luid, t.query_user_luid("max"))
    t.users.update_user("max", full_name="Max")


@step("TT-11 groups")
def _():
    luid = t.groups.create_group("Team")
    equal(luid, t.query_group_luid("Team"))
    equal(t.groups.create_group("Team"), luid)
    t.groups.add_users_to_group("max", "Team")  # of several it adds the first
    t.groups.add_users_to_group("ana", "Team")
    equal(found(t.groups.query_users_in_group("Team"), "user"), 2)
    t.groups.remove_users_from_group("max", luid)  # by name it looks for a group named by LUID
    equal(found(t.groups.query_users_in_group("Team"), "user"), 1)


@step("TT-12 permissions")
def _():
    project = t.projects.query_project("Team")
    rules = project.get_permissions_obj(group_name_or_luid="Team", role="Viewer")
    project.set_permissions([rules])
    project.workbook_defaults.set_permissions([project.workbook_defaults.get_permissions_obj(group_name_or_luid="Team", role="Editor")])
    book = t.workbooks.get_published_workbook_object("Sales", "Team")
    book.set_permissions([book.get_permissions_obj(group_name_or_luid="Team", role="Viewer")])
    book.clear_all_permissions()


@step("TT-14 schedules")
def _():
    t.schedules.create_daily_extract_schedule("Days", "02:30:00")
    t.schedules.create_weekly_subscription_schedule("Weeks", ["Monday"], "02:30:00")
    t.schedules.create_hourly_extract_schedule("Hours", "hours", "1", "00:00:00", "23:00:00")
    t.schedules.disable_schedule("Hours")
    t.schedules.delete_schedule("Hours")


@step("TT-15 subscriptions")
def _():
    view = t.query_workbook_view_luid("Sales", view_name="Map")
    luid = t.subscriptions.create_subscription_to_view("Numbers", view, "Weeks", "admin")
    t.subscriptions.update_subscription(luid, subject="Other numbers")
    t.subscriptions.delete_subscriptions(luid)


@step("TT-16 tags and favorites")
def _():
    t.workbooks.add_tags_to_workbook("Sales", ["a b", "c"])
    t.workbooks.delete_tags_from_workbook("Sales", ["a b"])
    t.favorites.add_workbook_to_user_favorites("Best", "Sales", "admin")
    t.favorites.query_user_favorites("admin")
    t.favorites.delete_workbooks_from_user_favorites("Sales", "admin")


@step("TT-17 sites")
def _():
    t.sites.create_site("Other", "other")
    t.sites.query_current_site()
    t.sites.update_site(revision_limit="20")


@step("TT-18 tasks")
def _():
    t.schedules.add_workbook_to_schedule("Extract", "Days")
    equal(found(t.extracts.get_extract_refresh_tasks(), "extractRefresh"), 1)


@step("TT-19 update content")
def _():
    t.workbooks.update_workbook("Sales", new_owner_username_or_luid="ana", show_tabs=True)
    t.datasources.update_datasource("Orders", certification_status=True, certification_note="Good")
    t.workbooks.delete_workbooks("Sales")
    t.datasources.delete_datasources("Orders")


@step("sign out")
def _():
    t.signout()


sys.exit(1 if failed else 0)
