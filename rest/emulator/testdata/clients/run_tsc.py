"""Walks the calls of tableauserverclient, and checks what it reads in the answers.

Usage: run_tsc.py SERVER FILES

SERVER is an emulator with the demonstration world. FILES is a folder with sales.twb, extract.twbx, orders.tds,
extract.tdsx and clean.tfl. Each step says on one line whether it passed; the exit code is 1 if one did not.
"""

import datetime
import io
import os
import sys
import tempfile
import traceback
from pathlib import Path

os.environ["TSC_CHUNK_SIZE_MB"] = "1"
os.environ["TSC_FILESIZE_LIMIT_MB"] = "1"

import tableauserverclient as TSC  # noqa: E402  the block size is read when it is imported
from tableauserverclient.config import config  # noqa: E402
from tableauserverclient.server.endpoint.exceptions import JobCancelledException  # noqa: E402

address, files = sys.argv[1], Path(sys.argv[2])
steps = []


class World:
    """What one step leaves for the next ones."""


w = World()
w.folder = tempfile.mkdtemp()


def step(name):
    def add(function):
        steps.append((name, function))
        return function

    return add


def equal(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def refused(code, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except (TSC.ServerResponseError, TSC.FailedSignInError) as error:
        assert error.code.startswith(code) and error.summary and error.detail, repr(error)
        return
    raise AssertionError(f"not refused with {code}")


def finished(job):
    job = w.server.jobs.wait_for_job(job, timeout=60)
    equal(job.finish_code, TSC.JobItem.FinishCode.Success)
    assert job.completed_at, job
    return job


def rule(grantee, **capabilities):
    return TSC.PermissionsRule(grantee, capabilities)


def reference(item, kind):
    return TSC.models.reference_item.ResourceReference(item.id, kind)


@step("TSC-1 server information")
def _():
    w.server = TSC.Server(address, use_server_version=True)
    info = w.server.server_info.get()
    equal(info.rest_api_version, w.server.version)
    assert info.product_version and info.build_number


@step("TSC-2 sign in with a password")
def _():
    with w.server.auth.sign_in(TSC.TableauAuth("admin", "admin-password", site_id="")):
        assert w.server.site_id and w.server.user_id
    refused("401001", w.server.auth.sign_in, TSC.TableauAuth("admin", "wrong"))


@step("TSC-3 sign in with a token, and as somebody else")
def _():
    ana = TSC.PersonalAccessTokenAuth("ana-token", "ana-secret", site_id="")
    with w.server.auth.sign_in(ana):
        w.ana = w.server.users.get_by_id(w.server.user_id)
        equal(w.ana.name, "ana")
    with w.server.auth.sign_in(TSC.TableauAuth("admin", "admin-password", user_id_to_impersonate=w.ana.id)):
        equal(w.server.user_id, w.ana.id)
    w.server.auth.sign_in(TSC.PersonalAccessTokenAuth("admin-token", "admin-secret", site_id=""))
    w.admin = w.server.users.get_by_id(w.server.user_id)


@step("TSC-4 the pager and lazy lists")
def _():
    for n in range(1, 6):
        w.server.projects.create(TSC.ProjectItem(f"Page {n}"))
    options = TSC.RequestOptions(pagesize=2)
    names = [project.name for project in TSC.Pager(w.server.projects, options)]
    assert len(names) == len(set(names)) and "Page 5" in names, names
    equal(len(list(w.server.projects.filter(page_size=2))), len(names))
    equal([p.name for p in w.server.projects.filter(name="Page 3")], ["Page 3"])
    equal([p.name for p in w.server.projects.filter(name__in=["Page 2", "Page 1"]).order_by("-name")], ["Page 2", "Page 1"])
    equal(list(w.server.projects.filter(name="nowhere")), [])
    equal(len(w.server.projects.all()), len(names))
    equal(w.server.projects.all()[0].name, names[0])
    for project in w.server.projects.filter(name__in=[f"Page {n}" for n in range(1, 6)]):
        w.server.projects.delete(project.id)


@step("TSC-21 projects")
def _():
    project = w.server.projects.create(TSC.ProjectItem("Récits & co", "A <text>", "ManagedByOwner"))
    equal((project.name, project.description, project.content_permissions), ("Récits & co", "A <text>", "ManagedByOwner"))
    child = w.server.projects.create(TSC.ProjectItem("Child", parent_id=project.id))
    equal(child.parent_id, project.id)
    refused("409006", w.server.projects.create, TSC.ProjectItem("Récits & co"))
    project.description = "Another"
    equal(w.server.projects.update(project).description, "Another")
    same = w.server.projects.get_by_id(project.id)
    equal((same.name, same.description), ("Récits & co", "Another"))
    assert same.owner_id
    w.server.projects.delete(child.id)
    w.server.projects.update(project, samples=True)
    w.project = w.server.projects.get_by_id(project.id)


@step("TSC-6 publish a workbook, and not again")
def _():
    item = TSC.WorkbookItem(w.project.id, "Größe & Zahl", show_tabs=True)
    item.description = "Über alles"
    w.book = w.server.workbooks.publish(item, files / "sales.twb", TSC.Server.PublishMode.CreateNew)
    equal((w.book.name, w.book.project_id, w.book.show_tabs), ("Größe & Zahl", w.project.id, True))
    assert w.book.id and w.book.webpage_url and w.book.content_url and w.book.owner_id == w.admin.id
    equal(w.book.tags, set())
    refused("403130", w.server.workbooks.publish, item, files / "sales.twb", TSC.Server.PublishMode.CreateNew)
    refused("404005", w.server.workbooks.publish, TSC.WorkbookItem(), files / "sales.twb", "CreateNew")


@step("TSC-5 publish over a workbook, hide views, set a connection")
def _():
    connection = TSC.ConnectionItem()
    connection.server_address = "db.example.com"
    connection.server_port = "5432"
    connection.connection_credentials = TSC.ConnectionCredentials("reader", "p@ss<w>&", embed=True)
    item = TSC.WorkbookItem(w.project.id, "Größe & Zahl")
    item.hidden_views = ["Map"]
    book = w.server.workbooks.publish(
        item, files / "sales.twb", "Overwrite", connections=[connection], skip_connection_check=True
    )
    equal(book.id, w.book.id)
    w.server.workbooks.populate_views(book)
    assert "Map" not in [view.name for view in book.views], book.views
    with open(files / "sales.twb", "rb") as file:
        item = TSC.WorkbookItem(w.project.id, 'From "a" file')
        other = w.server.workbooks.publish(item, io.BytesIO(file.read()), "Overwrite")
    w.server.workbooks.delete(other.id)
    w.book = w.server.workbooks.publish(TSC.WorkbookItem(w.project.id, "Größe & Zahl"), files / "sales.twb", "Overwrite")


@step("TSC-7, TSC-8 publish in blocks, by a job")
def _():
    big = Path(w.folder, "big.twbx")
    import zipfile

    with zipfile.ZipFile(files / "extract.twbx") as old, zipfile.ZipFile(big, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("Image/noise.bin", os.urandom(2_500_000))
    assert config.CHUNK_SIZE_MB == 1
    job = w.server.workbooks.publish(TSC.WorkbookItem(w.project.id, "Big"), big, "CreateNew", as_job=True)
    done = finished(job)
    w.big = w.server.workbooks.filter(name="Big")[0]
    assert done.workbook_id in (None, w.big.id), done.workbook_id
    path = w.server.workbooks.download(w.big.id, w.folder)
    equal(Path(path).read_bytes(), big.read_bytes())
    equal(Path(path).suffix, ".twbx")


@step("TSC-9, TSC-10, TSC-39 connections of a workbook")
def _():
    w.server.workbooks.populate_connections(w.book)
    connection = w.book.connections[0]
    assert connection.id and connection.connection_type
    connection.server_address = "DB2.example.com"
    connection.server_port = "5433"
    connection.username = "reader"
    connection.password = "secret"
    connection.embed_password = True
    changed = w.server.workbooks.update_connection(w.book, connection)
    equal((changed.server_address, changed.server_port, changed.username), ("db2.example.com", "5433", "reader"))
    all_changed = w.server.workbooks.update_connections(
        w.book, [connection.id], "username-password", username="writer", password="x", embed_password=True
    )
    equal([c.id for c in all_changed], [connection.id])
    w.server.workbooks.populate_connections(w.book)
    equal(w.book.connections[0].username, "writer")


@step("TSC-11, TSC-12 views and their usage")
def _():
    w.server.workbooks.populate_views(w.book, usage=True)
    w.view = w.book.views[0]
    assert all(isinstance(view.total_views, int) for view in w.book.views)
    views = list(TSC.Pager(lambda options: w.server.views.get(options, usage=True)))
    assert w.view.id in [view.id for view in views]
    one = w.server.views.get_by_id(w.view.id, usage=True)
    equal((one.name, one.workbook_id, one.project_id), (w.view.name, w.book.id, w.project.id))
    assert isinstance(one.total_views, int)
    equal([v.id for v in w.server.views.filter(name=one.name, workbook_name=w.book.name)], [one.id])
    w.server.views.populate_permissions(one)
    fields = list(w.server.views.fields("_all_"))
    assert len(fields) == len(views)


@step("TSC-13 revisions of a workbook")
def _():
    w.server.workbooks.populate_revisions(w.book)
    numbers = [revision.revision_number for revision in w.book.revisions]
    assert len(numbers) >= 2, numbers
    assert sum(bool(revision.current) for revision in w.book.revisions) == 1
    path = w.server.workbooks.download_revision(w.book.id, numbers[0], w.folder)
    assert Path(path).stat().st_size
    w.server.workbooks.download_revision(w.book.id, None, w.folder)
    w.server.workbooks.delete_revision(w.book.id, numbers[0])
    w.server.workbooks.populate_revisions(w.book)
    left = [revision.revision_number for revision in w.book.revisions if not revision.deleted]
    equal(left, numbers[1:])


@step("TSC-14 download a workbook")
def _():
    path = w.server.workbooks.download(w.book.id, w.folder)
    equal(Path(path).suffix, ".twb")
    bare = w.server.workbooks.download(w.big.id, w.folder, include_extract=False)
    assert Path(bare).stat().st_size
    into = io.BytesIO()
    w.server.workbooks.download(w.book.id, into)
    equal(into.getvalue(), Path(path).read_bytes())


@step("TSC-15 images and data of a view")
def _():
    options = TSC.ImageRequestOptions(imageresolution=TSC.ImageRequestOptions.Resolution.High, maxage=1)
    options.vf("Region", "East & West,x")
    options.parameter("P 1", "5")
    w.server.views.populate_image(w.view, options)
    assert w.view.image.startswith(b"\x89PNG")
    w.server.views.populate_preview_image(w.view)
    assert w.view.preview_image.startswith(b"\x89PNG")
    options = TSC.PDFRequestOptions(TSC.PDFRequestOptions.PageType.A4, TSC.PDFRequestOptions.Orientation.Landscape, 5)
    w.server.views.populate_pdf(w.view, options)
    assert w.view.pdf.startswith(b"%PDF")
    w.server.views.populate_csv(w.view, TSC.CSVRequestOptions(maxage=5))
    assert b"".join(w.view.csv)
    w.server.views.populate_excel(w.view, TSC.ExcelRequestOptions(maxage=5))
    assert b"".join(w.view.excel).startswith(b"PK")


@step("TSC-16 images and slides of a workbook")
def _():
    options = TSC.PDFRequestOptions(TSC.PDFRequestOptions.PageType.Letter, TSC.PDFRequestOptions.Orientation.Portrait)
    w.server.workbooks.populate_pdf(w.book, options)
    assert w.book.pdf.startswith(b"%PDF")
    w.server.workbooks.populate_powerpoint(w.book, TSC.PPTXRequestOptions(maxage=1))
    assert w.book.powerpoint.startswith(b"PK")
    w.server.workbooks.populate_preview_image(w.book)
    assert w.book.preview_image.startswith(b"\x89PNG")


@step("TSC-17 publish data sources")
def _():
    item = TSC.DatasourceItem(w.project.id, "Orders")
    credentials = TSC.ConnectionCredentials("reader", "secret", embed=True)
    w.source = w.server.datasources.publish(item, files / "orders.tds", "CreateNew", connection_credentials=credentials)
    equal((w.source.name, w.source.project_id), ("Orders", w.project.id))
    refused("409003", w.server.datasources.publish, item, files / "orders.tds", "CreateNew")
    again = w.server.datasources.publish(item, files / "orders.tds", "Overwrite")
    equal(again.id, w.source.id)
    job = w.server.datasources.publish(
        TSC.DatasourceItem(w.project.id, "Extract"), files / "extract.tdsx", "CreateNew", as_job=True
    )
    finished(job)
    w.extract = w.server.datasources.filter(name="Extract")[0]
    equal(w.extract.datasource_type is not None, True)
    with open(files / "extract.tdsx", "rb") as file:
        replaced = w.server.datasources.publish(TSC.DatasourceItem(w.project.id, "Extract"), file, "Overwrite")
    equal(replaced.id, w.extract.id)


@step("TSC-18 filter and sort lists")
def _():
    options = TSC.RequestOptions()
    F, O = TSC.RequestOptions.Field, TSC.RequestOptions.Operator
    options.filter.add(TSC.Filter(F.Name, O.Equals, "A, b&c"))
    options.filter.add(TSC.Filter(F.CreatedAt, O.GreaterThanOrEqual, "2020-01-01T00:00:00Z"))
    options.sort.add(TSC.Sort(F.Name, TSC.RequestOptions.Direction.Desc))
    equal(w.server.workbooks.get(options)[1].total_available, 0)
    item = w.server.workbooks.publish(TSC.WorkbookItem(w.project.id, "A, b&c"), files / "sales.twb", "CreateNew")
    equal([book.id for book in w.server.workbooks.get(options)[0]], [item.id])
    found = w.server.workbooks.filter(name__in=["Größe & Zahl", "Big"]).order_by("name")
    equal([book.name for book in found], ["Big", "Größe & Zahl"])
    equal([b.name for b in w.server.workbooks.filter(project_name=w.project.name, owner_name="admin", name="Big")], ["Big"])
    some = w.server.workbooks.filter(name="Big").only_fields("id", "name")
    equal([book.name for book in some], ["Big"])
    assert list(w.server.workbooks.fields("_all_"))
    options = TSC.RequestOptions()
    options.filter.add(TSC.Filter(F.CreatedAt, O.LessThan, datetime.datetime(2020, 1, 1).isoformat() + "Z"))
    equal(w.server.workbooks.get(options)[0], [])
    w.server.workbooks.delete(item.id)


@step("TSC-19 update a workbook")
def _():
    book = w.server.workbooks.get_by_id(w.book.id)
    book.name, book.show_tabs, book.owner_id = "Größe", False, w.ana.id
    book.tags = {"one", "two words"}
    changed = w.server.workbooks.update(book)
    equal((changed.name, changed.show_tabs, changed.owner_id), ("Größe", False, w.ana.id))
    again = w.server.workbooks.get_by_id(w.book.id)
    equal((again.tags, again.project_id, again.name), ({"one", "two words"}, w.project.id, "Größe"))
    again.owner_id, again.tags = w.admin.id, {"two words"}
    policy = TSC.DataFreshnessPolicyItem(TSC.DataFreshnessPolicyItem.Option.FreshEvery)
    policy.fresh_every_schedule = TSC.DataFreshnessPolicyItem.FreshEvery("Hours", 10)
    again.data_freshness_policy = policy
    changed = w.server.workbooks.update(again)
    equal(changed.data_freshness_policy.fresh_every_schedule.value, 10)
    policy = TSC.DataFreshnessPolicyItem(TSC.DataFreshnessPolicyItem.Option.FreshAt)
    policy.fresh_at_schedule = TSC.DataFreshnessPolicyItem.FreshAt(
        TSC.DataFreshnessPolicyItem.FreshAt.Frequency.Week, "10:00:00", "America/Los_Angeles", ["Monday", "Wednesday"]
    )
    changed.data_freshness_policy = policy
    changed = w.server.workbooks.update(changed)
    equal(changed.data_freshness_policy.fresh_at_schedule.interval_item, ["Monday", "Wednesday"])
    changed.data_acceleration_config["acceleration_enabled"] = True
    changed.data_acceleration_config["accelerate_now"] = True
    w.server.workbooks.update(changed, include_view_acceleration_status=True)
    w.server.data_acceleration_report.get()
    w.book = w.server.workbooks.get_by_id(w.book.id)


@step("TSC-20 tags")
def _():
    equal(w.server.workbooks.add_tags(w.book, ["b/c", "d?e#f %", "plain"]) >= {"b/c", "d?e#f %", "plain"}, True)
    w.server.workbooks.delete_tags(w.book, ["b/c", "d?e#f %"])
    equal(w.server.workbooks.get_by_id(w.book.id).tags, {"two words", "plain"})
    equal(w.server.views.add_tags(w.view, "seen"), {"seen"})
    equal(w.server.views.get_by_id(w.view.id).tags, {"seen"})
    w.server.views.delete_tags(w.view, "seen")
    w.server.datasources.add_tags(w.source, ["gold"])
    w.server.datasources.delete_tags(w.source, ["gold"])
    w.server.tags.batch_add(["x", "y"], [w.book, w.view, w.source])
    equal(w.server.workbooks.get_by_id(w.book.id).tags >= {"x", "y"}, True)
    w.server.tags.batch_delete(["x", "y"], [w.book, w.view, w.source])
    equal(w.server.workbooks.get_by_id(w.book.id).tags, {"two words", "plain"})
    w.book = w.server.workbooks.get_by_id(w.book.id)
    w.book.tags = {"only"}
    w.server.workbooks.update_tags(w.book)
    equal(w.server.workbooks.get_by_id(w.book.id).tags, {"only"})


@step("TSC-22 permissions")
def _():
    P = TSC.Permission
    group = w.server.groups.filter(name="All Users")[0]
    for endpoint, item, capability in [
        (w.server.workbooks, w.book, P.Capability.ExportData),
        (w.server.datasources, w.source, P.Capability.Connect),
        (w.server.views, w.view, P.Capability.ViewComments),
        (w.server.projects, w.project, P.Capability.Write),
    ]:
        rules = [
            TSC.PermissionsRule(reference(w.ana, "user"), {capability: P.Mode.Allow, P.Capability.Read: P.Mode.Deny}),
            TSC.PermissionsRule(reference(group, "group"), {P.Capability.Read: P.Mode.Allow}),
        ]
        endpoint.update_permissions(item, rules)
        endpoint.populate_permissions(item)
        mine = [r for r in item.permissions if r.grantee.id == w.ana.id]
        equal([r.capabilities for r in mine], [{capability: P.Mode.Allow, P.Capability.Read: P.Mode.Deny}])
        if endpoint is w.server.projects or endpoint is w.server.datasources:
            endpoint.delete_permission(item, mine)
        else:
            endpoint.delete_permission(item, mine[0])
        endpoint.populate_permissions(item)
        equal([r for r in item.permissions if r.grantee.id == w.ana.id], [])


@step("TSC-22 default permissions")
def _():
    P = TSC.Permission
    projects = w.server.projects
    for kind in ["workbook", "datasource", "flow", "datarole", "lens", "metric", "virtualconnection", "database", "table"]:
        if kind == "metric" and w.server.check_at_least_version("3.22"):
            continue
        try:
            new = TSC.PermissionsRule(reference(w.ana, "user"), {P.Capability.Read: P.Mode.Allow})
            getattr(projects, f"update_{kind}_default_permissions")(w.project, [new])
            getattr(projects, f"populate_{kind}_default_permissions")(w.project)
            rules = getattr(w.project, f"default_{kind}_permissions")
            mine = [r for r in rules if r.grantee.id == w.ana.id]
            equal([r.capabilities for r in mine], [{P.Capability.Read: P.Mode.Allow}])
            getattr(projects, f"delete_{kind}_default_permissions")(w.project, mine[0])
        except Exception as error:
            raise AssertionError(f"default permissions of {kind}: {error!r}") from error


@step("TSC-23 users")
def _():
    user = w.server.users.add(TSC.UserItem("björn", "Viewer"))
    equal((user.name, user.site_role), ("björn", "Viewer"))
    refused("409017", w.server.users.add, TSC.UserItem("björn", "Viewer"))
    user.fullname, user.email, user.site_role = "Björn B", "b@example.com", "Explorer"
    changed = w.server.users.update(user, password="secret")
    equal((changed.fullname, changed.email, changed.site_role), ("Björn B", "b@example.com", "Explorer"))
    same = w.server.users.get_by_id(user.id)
    equal((same.fullname, same.site_role), ("Björn B", "Explorer"))
    equal([u.id for u in w.server.users.filter(name="björn")], [user.id])
    everybody, page = w.server.users.get()
    equal(len(everybody), page.total_available)
    assert [u for u in everybody if u.id == user.id][0].fullname == "Björn B"
    w.user = user


@step("TSC-24 what belongs to a user")
def _():
    w.server.users.populate_workbooks(w.admin)
    assert w.book.id in [book.id for book in w.admin.workbooks]
    w.server.users.populate_groups(w.ana)
    equal(sorted(group.name for group in w.ana.groups), ["All Users", "Sales"])
    w.server.users.populate_favorites(w.admin)


@step("TSC-25 groups")
def _():
    group = w.server.groups.create(TSC.GroupItem("Readers"))
    equal((group.name, group.domain_name), ("Readers", "local"))
    refused("409009", w.server.groups.create, TSC.GroupItem("Readers"))
    equal(w.server.groups.add_user(group, w.user.id).id, w.user.id)
    equal({u.id for u in w.server.groups.add_users(group, [w.ana, w.admin])} >= {w.ana.id, w.admin.id}, True)
    w.server.groups.populate_users(group)
    equal({u.id for u in group.users}, {w.user.id, w.ana.id, w.admin.id})
    w.server.groups.remove_user(group, w.user.id)
    w.server.groups.remove_users(group, [w.ana, w.admin.id])
    w.server.groups.populate_users(group)
    equal(list(group.users), [])
    group.name, group.minimum_site_role = "Many readers", "Viewer"
    changed = w.server.groups.update(group)
    equal((changed.id, changed.name), (group.id, "Many readers"))
    equal([g.id for g in w.server.groups.filter(name="Many readers")], [group.id])
    imported = TSC.GroupItem("Directory", "example.com")
    imported.minimum_site_role = "Viewer"
    imported.license_mode = TSC.GroupItem.LicenseMode.onLogin
    job = w.server.groups.create_AD_group(imported, asJob=True)
    assert job.id
    finished(job)
    w.group = changed


@step("group sets")
def _():
    made = w.server.group_sets.create(TSC.GroupSetItem("Set"))
    w.server.group_sets.add_group(made, w.group)
    same = w.server.group_sets.get_by_id(made.id)
    equal([g.id for g in same.groups], [w.group.id])
    same.name = "A set"
    equal(w.server.group_sets.update(same).name, "A set")
    assert made.id in [s.id for s in w.server.group_sets.get()[0]]
    equal([s.id for s in w.server.group_sets.filter(name="A set")], [made.id])
    w.server.group_sets.get(result_level="local")
    w.server.group_sets.remove_group(same, w.group)
    w.server.group_sets.delete(same)
    refused("404", w.server.group_sets.get_by_id, made.id)


@step("TSC-26 schedules")
def _():
    S = TSC.ScheduleItem
    at = datetime.time(2, 30)
    made = {}
    for name, interval in {
        "Hours": TSC.HourlyInterval(at, datetime.time(23, 0), 2),
        "Days": TSC.DailyInterval(at),
        "Weeks": TSC.WeeklyInterval(at, "Monday", "Friday"),
        "Months": TSC.MonthlyInterval(at, 15),
    }.items():
        item = S(name, 50, S.Type.Extract, S.ExecutionOrder.Parallel, interval)
        made[name] = w.server.schedules.create(item)
        equal((made[name].name, made[name].priority), (name, 50))
    refused("409021", w.server.schedules.create, S("Days", 50, S.Type.Extract, S.ExecutionOrder.Parallel, TSC.DailyInterval(at)))
    listed = {s.name: s for s in TSC.Pager(w.server.schedules)}
    assert set(made) <= set(listed), listed
    equal(listed["Hours"].schedule_type, S.Type.Extract)
    assert listed["Days"].next_run_at, listed["Days"]
    one = w.server.schedules.get_by_id(made["Days"].id)
    equal(one.interval_item.start_time, at)
    one.name, one.state = "All days", S.State.Suspended
    equal(w.server.schedules.update(one).state, S.State.Suspended)
    equal(w.server.schedules.batch_update_state([one], S.State.Active), [one.id])
    w.server.schedules.delete(made["Months"].id)
    w.schedule = w.server.schedules.get_by_id(made["Hours"].id)
    subscription = S("Mail", 50, S.Type.Subscription, S.ExecutionOrder.Serial, TSC.WeeklyInterval(at, "Monday"))
    w.mail = w.server.schedules.create(subscription)
    flow = S("Flows", 50, S.Type.Flow, S.ExecutionOrder.Serial, TSC.DailyInterval(at))
    w.flow_schedule = w.server.schedules.create(flow)


@step("TSC-27 put content on a schedule")
def _():
    for add in (
        w.server.schedules.add_to_schedule(w.schedule.id, workbook=w.big),
        w.server.schedules.add_to_schedule(w.schedule.id, datasource=w.extract),
    ):
        for answer in add:
            assert answer.result, answer
            assert answer.task_created, answer
    found, _ = w.server.schedules.get_extract_refresh_tasks(w.schedule.id)
    equal(len(found), 2)


@step("TSC-28 tasks")
def _():
    tasks, _ = w.server.tasks.get()
    assert {task.target.id for task in tasks} == {w.big.id, w.extract.id}, tasks
    equal({task.schedule_id for task in tasks}, {w.schedule.id})
    one = w.server.tasks.get_by_id(tasks[0].id)
    equal(one.id, tasks[0].id)
    w.server.tasks.run(one)
    w.server.tasks.delete(one.id)
    equal(len(w.server.tasks.get()[0]), 1)
    w.server.tasks.get(task_type=TSC.TaskItem.Type.DataAcceleration)
    w.server.tasks.get(task_type=TSC.TaskItem.Type.RunFlow)


@step("a task of its own schedule")
def _():
    interval = TSC.DailyInterval(datetime.time(2, 30))
    schedule = TSC.ScheduleItem(None, None, None, None, interval)
    task = TSC.TaskItem(None, "FullRefresh", None, schedule_item=schedule, target=TSC.Target(w.extract.id, "datasource"))
    content = w.server.tasks.create(task)
    assert b"extractRefresh" in content, content


@step("TSC-29 refreshes and extracts")
def _():
    job = w.server.datasources.refresh(w.extract)
    assert job.id
    finished(job)
    finished(w.server.datasources.refresh(w.extract.id, incremental=True))
    finished(w.server.workbooks.refresh(w.big))
    finished(w.server.workbooks.create_extract(w.book, includeAll=True))
    finished(w.server.workbooks.delete_extract(w.book))
    finished(w.server.datasources.create_extract(w.source))
    w.server.datasources.delete_extract(w.source)


@step("TSC-30 subscriptions")
def _():
    item = TSC.SubscriptionItem("Numbers", w.mail.id, w.admin.id, TSC.Target(w.view.id, "view"))
    item.message, item.send_if_view_empty = "Here they are", True
    made = w.server.subscriptions.create(item)
    equal((made.subject, made.schedule_id, made.user_id, made.target.id), ("Numbers", w.mail.id, w.admin.id, w.view.id))
    made.subject, made.suspended = "Other numbers", True
    equal(w.server.subscriptions.update(made).subject, "Other numbers")
    equal(w.server.subscriptions.get_by_id(made.id).subject, "Other numbers")
    assert made.id in [s.id for s in TSC.Pager(w.server.subscriptions)]
    w.server.subscriptions.delete(made.id)


@step("TSC-31 favorites")
def _():
    favorites = w.server.favorites
    favorites.add_favorite_workbook(w.admin, w.book)
    favorites.add_favorite_view(w.admin, w.view)
    favorites.add_favorite_datasource(w.admin, w.source)
    favorites.add_favorite_project(w.admin, w.project)
    favorites.get(w.admin)
    got = {kind: [item.id for item in items] for kind, items in w.admin.favorites.items() if items}
    equal(got, {"workbooks": [w.book.id], "views": [w.view.id], "datasources": [w.source.id], "projects": [w.project.id]})
    favorites.delete_favorite_workbook(w.admin, w.book)
    favorites.delete_favorite_view(w.admin, w.view)
    favorites.delete_favorite_datasource(w.admin, w.source)
    favorites.delete_favorite_project(w.admin, w.project)
    favorites.get(w.admin)
    equal(any(w.admin.favorites.values()), False)


@step("TSC-32 jobs")
def _():
    jobs = list(TSC.Pager(w.server.jobs))
    assert jobs and all(job.id and job.status and job.type for job in jobs)
    assert list(w.server.jobs.filter(status="Success"))
    equal(w.server.jobs.get_by_id(jobs[0].id).id, jobs[0].id)
    job = w.server.workbooks.refresh(w.big)
    w.server.jobs.cancel(job.id)
    try:
        w.server.jobs.wait_for_job(job, timeout=60)
    except JobCancelledException:
        return
    raise AssertionError("a cancelled job succeeded")


@step("TSC-33 sites")
def _():
    made = w.server.sites.create(TSC.SiteItem("N x", "nx", admin_mode="ContentAndUsers", user_quota=15, storage_quota=1000))
    equal((made.name, made.content_url, made.user_quota), ("N x", "nx", 15))
    assert made.id in [site.id for site in TSC.Pager(w.server.sites)]
    equal(w.server.sites.get_by_name("N x").id, made.id)
    here = w.server.sites.get_by_id(w.server.site_id)
    equal(here.id, w.server.site_id)
    here.revision_history_enabled, here.revision_limit = True, 20
    here.disable_subscriptions = False
    changed = w.server.sites.update(here)
    equal((changed.revision_limit, changed.content_url), (20, ""))
    w.server.sites.list_auth_configurations()
    w.made = made


@step("TSC-34 another site")
def _():
    here = w.server.site_id
    w.server.auth.switch_site(w.made)
    equal(w.server.site_id, w.made.id)
    w.server.sites.encrypt_extracts(w.made.id)
    w.server.sites.decrypt_extracts(w.made.id)
    w.server.sites.re_encrypt_extracts(w.made.id)
    w.server.auth.switch_site(TSC.SiteItem("Default", ""))
    equal(w.server.site_id, here)
    w.server.auth.switch_site(TSC.SiteItem("Default", ""))  # again: the client takes the refusal as success
    w.server.auth.switch_site(w.made)
    w.server.sites.delete(w.made.id)
    w.server.auth.sign_in(TSC.PersonalAccessTokenAuth("admin-token", "admin-secret", site_id=""))


@step("TSC-35 update a data source")
def _():
    source = w.server.datasources.get_by_id(w.source.id)
    source.name = "All orders"
    changed = w.server.datasources.update(source)
    equal((changed.name, changed.certified), ("All orders", False))
    changed.certified, changed.certification_note, changed.owner_id = True, "Checked", w.ana.id
    changed.use_remote_query_agent = False
    changed = w.server.datasources.update(changed)
    again = w.server.datasources.get_by_id(w.source.id)
    equal((again.certified, again.certification_note, again.owner_id), (True, "Checked", w.ana.id))


@step("a data source: connections, revisions, download")
def _():
    w.server.datasources.populate_connections(w.source)
    connection = w.source.connections[0]
    connection.server_address, connection.username, connection.password = "DB3.example.com", "reader", "x"
    connection.embed_password = True
    changed = w.server.datasources.update_connection(w.source, connection)
    equal((changed.server_address, changed.username), ("db3.example.com", "reader"))
    w.server.datasources.update_connections(w.source, [connection.id], "username-password", username="me", password="x")
    w.server.datasources.populate_revisions(w.source)
    numbers = [r.revision_number for r in w.source.revisions]
    assert len(numbers) >= 2
    assert Path(w.server.datasources.download_revision(w.source.id, numbers[0], w.folder)).stat().st_size
    w.server.datasources.delete_revision(w.source.id, numbers[0])
    path = w.server.datasources.download(w.extract.id, w.folder, include_extract=True)
    equal(Path(path).read_bytes(), (files / "extract.tdsx").read_bytes())
    assert Path(w.server.datasources.download(w.extract.id, w.folder, include_extract=False)).stat().st_size
    options = TSC.RequestOptions()
    options.sort.add(TSC.Sort("name", "asc"))
    names = [s.name for s in TSC.Pager(w.server.datasources, options)]
    equal(names, sorted(names))
    assert list(w.server.datasources.fields("_all_"))


@step("data quality warnings")
def _():
    for endpoint, item in [(w.server.datasources, w.source)]:
        warning = TSC.DQWItem(TSC.DQWItem.WarningType.WARNING, "Careful", True, False)
        equal(endpoint.add_dqw(item, warning)[0].message, "Careful")
        warning.message = "More careful"
        endpoint.update_dqw(item, warning)
        endpoint.populate_dqw(item)
        equal([d.message for d in item.dqws], ["More careful"])
        endpoint.delete_dqw(item)
        endpoint.populate_dqw(item)
        equal(list(item.dqws), [])


@step("TSC-36 metadata")
def _():
    answer = w.server.metadata.query("{ workbooks { luid name } publishedDatasources { luid name } }")
    assert w.book.id in [book["luid"] for book in answer["data"]["workbooks"]], answer


@step("TSC-36 rows of an extract")
def _():
    actions = [{"action": "delete", "target-table": "Extract", "target-schema": "Extract",
                "condition": {"op": "eq", "target-col": "Region", "const": {"type": "string", "v": "Europe"}}}]
    finished(w.server.datasources.update_hyper_data(w.extract.id, request_id="r1", actions=actions))


@step("TSC-37 webhooks")
def _():
    item = TSC.WebhookItem()
    item.name, item.url, item.event = "Hook", "https://hook.example.com/x", "workbook-created"
    made = w.server.webhooks.create(item)
    equal((made.name, made.url, made.event), ("Hook", "https://hook.example.com/x", "workbook-created"))
    equal(w.server.webhooks.get_by_id(made.id).id, made.id)
    equal([h.id for h in w.server.webhooks.get()[0]], [made.id])
    w.server.webhooks.test(made.id)
    w.server.webhooks.delete(made.id)
    equal(w.server.webhooks.get()[0], [])


@step("TSC-38 users from a file")
def _():
    users = []
    for name in ["carl", "dora"]:
        user = TSC.UserItem(name, "Viewer")
        users.append(user)
    finished(w.server.users.bulk_add(users))
    found = list(w.server.users.filter(name__in=["carl", "dora"]))
    equal(len(found), 2)
    w.server.users.bulk_remove(found)
    for job in TSC.Pager(w.server.jobs):
        if "delete" in job.type.lower():
            finished(job.id)
    equal(list(w.server.users.filter(name__in=["carl", "dora"])), [])


@step("flows")
def _():
    w.flow = w.server.flows.publish(TSC.FlowItem(w.project.id, "Clean"), files / "clean.tfl", "CreateNew")
    equal((w.flow.name, w.flow.project_id), ("Clean", w.project.id))
    w.flow = w.server.flows.publish(TSC.FlowItem(w.project.id, "Clean"), files / "clean.tfl", "Overwrite")
    w.flow = w.server.flows.get_by_id(w.flow.id)
    w.server.flows.populate_connections(w.flow)
    list(w.flow.connections)
    w.flow.tags = {"flowing"}
    w.flow = w.server.flows.update(w.flow)
    assert w.flow.id in [f.id for f in TSC.Pager(w.server.flows)]
    equal([f.id for f in w.server.flows.filter(name="Clean")], [w.flow.id])
    w.server.flows.update_permissions(w.flow, [TSC.PermissionsRule(reference(w.ana, "user"), {"Read": "Allow"})])
    w.server.flows.populate_permissions(w.flow)
    mine = [r for r in w.flow.permissions if r.grantee.id == w.ana.id]
    w.server.flows.delete_permission(w.flow, mine[0])
    path = w.server.flows.download(w.flow.id, w.folder)
    equal(Path(path).read_bytes(), (files / "clean.tfl").read_bytes())
    equal(Path(path).suffix, ".tfl")
    warning = TSC.DQWItem("WARNING", "Careful")
    w.server.flows.add_dqw(w.flow, warning)
    w.server.flows.populate_dqw(w.flow)
    equal([d.message for d in w.flow.dqws], ["Careful"])
    w.server.flows.delete_dqw(w.flow)
    w.server.favorites.add_favorite_flow(w.admin, w.flow)
    w.server.favorites.delete_favorite_flow(w.admin, w.flow)
    for answer in w.server.schedules.add_to_schedule(w.flow_schedule.id, flow=w.flow):
        assert answer.result, answer


@step("flow runs")
def _():
    job = w.server.flows.refresh(w.flow)
    assert job.id
    finished(job)
    runs = w.server.flow_runs.get()
    runs = runs[0] if isinstance(runs, tuple) else runs
    assert runs, "no run"
    run = w.server.flow_runs.get_by_id(runs[0].id)
    equal(run.flow_id, w.flow.id)
    equal(w.server.flow_runs.wait_for_job(run.id, timeout=60).status, "Success")
    w.server.flows.refresh(w.flow)
    running = [r for r in w.server.flow_runs.get() if r.status != "Success"]
    for run in running:
        w.server.flow_runs.cancel(run.id)
    w.server.flows.delete(w.flow.id)


@step("custom views")
def _():
    item = TSC.CustomViewItem(name="Mine")
    item.shared = False
    item.workbook, item.owner = w.book, w.admin
    source = Path(w.folder, "custom.json")
    source.write_text('[{"isSourceView":true,"viewName":"%s","tcv":"PD94bWwgdmVyc2lvbj0iMS4wIj8+PHdvcmtib29rLz4="}]' % w.view.name)
    made = w.server.custom_views.publish(item, source)
    equal((made.name, made.workbook.id), ("Mine", w.book.id))
    assert made.id in [v.id for v in TSC.Pager(w.server.custom_views)]
    equal([v.id for v in w.server.custom_views.filter(workbook_id=w.book.id)], [made.id])
    one = w.server.custom_views.get_by_id(made.id)
    w.server.custom_views.populate_image(one, TSC.ImageRequestOptions(maxage=1))
    assert one.image.startswith(b"\x89PNG")
    w.server.custom_views.populate_pdf(one, TSC.PDFRequestOptions())
    assert one.pdf.startswith(b"%PDF")
    w.server.custom_views.populate_csv(one, TSC.CSVRequestOptions())
    assert b"".join(one.csv)
    one.name = "Ours"
    equal(w.server.custom_views.update(one).name, "Ours")
    into = Path(w.folder, "again.json")
    w.server.custom_views.download(one, into)
    assert into.stat().st_size
    w.server.custom_views.delete(made.id)


@step("data alerts")
def _():
    alerts, _ = w.server.data_alerts.get()
    for alert in alerts:
        w.server.data_alerts.get_by_id(alert.id)
        w.server.data_alerts.add_user_to_alert(alert, w.ana)
        w.server.data_alerts.delete_user_from_alert(alert, w.ana)
        alert.subject = "Changed"
        w.server.data_alerts.update(alert)
        w.server.data_alerts.delete(alert)


@step("databases and tables")
def _():
    databases = list(TSC.Pager(w.server.databases))
    assert databases, "no database"
    one = w.server.databases.get_by_id(databases[0].id)
    one.description, one.certified, one.certification_note = "A database", True, "Good"
    equal(w.server.databases.update(one).description, "A database")
    w.server.databases.populate_permissions(one)
    w.server.databases.update_permissions(one, [TSC.PermissionsRule(reference(w.ana, "user"), {"Read": "Allow"})])
    w.server.databases.populate_permissions(one)
    mine = [r for r in one.permissions if r.grantee.id == w.ana.id]
    w.server.databases.delete_permission(one, mine)
    w.server.databases.populate_table_default_permissions(one)
    w.server.databases.add_dqw(one, TSC.DQWItem("WARNING", "Careful"))
    w.server.databases.populate_dqw(one)
    equal([d.message for d in one.dqws], ["Careful"])
    w.server.databases.delete_dqw(one)
    w.server.databases.add_tags(one, ["db"])
    w.server.databases.delete_tags(one, ["db"])
    tables = list(TSC.Pager(w.server.tables))
    assert tables, "no table"
    table = w.server.tables.get_by_id(tables[0].id)
    table.description = "A table"
    w.server.tables.update(table)
    w.server.tables.populate_permissions(table)
    w.server.tables.populate_columns(table)
    columns = list(table.columns)
    if columns:
        columns[0].description = "A column"
        equal(w.server.tables.update_column(table, columns[0]).description, "A column")
    w.server.tables.add_dqw(table, TSC.DQWItem("WARNING", "Careful"))
    w.server.tables.populate_dqw(table)
    w.server.tables.delete_dqw(table)
    w.server.tables.add_tags(table, ["t"])
    w.server.tables.delete_tags(table, ["t"])


@step("extensions, linked tasks")
def _():
    settings = w.server.extensions.get_server_settings()
    w.server.extensions.update_server_settings(settings)
    site = w.server.extensions.get()
    w.server.extensions.update(site)
    equal(w.server.linked_tasks.get()[0], [])


@step("deleting")
def _():
    w.server.users.remove(w.user.id, map_assets_to=w.admin.id)
    w.server.groups.delete(w.group.id)
    w.server.workbooks.delete(w.book.id)
    refused("404006", w.server.workbooks.get_by_id, w.book.id)
    w.server.datasources.delete(w.source.id)
    w.server.projects.delete(w.project.id)
    equal(list(w.server.workbooks.filter(name="Big")), [])


@step("TSC-40 sign out")
def _():
    w.server.auth.sign_out()
    try:
        w.server.workbooks.get()
    except TSC.NotSignedInError:
        return
    raise AssertionError("still signed in")


failed = 0
for name, function in steps:
    try:
        function()
    except Exception:
        failed += 1
        print(f"FAILED {name}\n{traceback.format_exc(limit=-3)}")
    else:
        print(f"ok {name}")
sys.exit(1 if failed else 0)
