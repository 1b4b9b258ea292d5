"""Runs the sample scripts of Tableau's rest-api-samples, and feeds them what they ask for.

Usage: run_samples.py SERVER FILES SCRIPTS

SERVER is an emulator with the demonstration world, FILES a folder with extract.twbx and extract.tdsx, and SCRIPTS the
folder of the scripts in Python. A script without a terminal reads the password from its input, too.
"""

import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

address, files, scripts = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]).absolute()
failed = 0


def run(name, *answers):
    global failed
    done = subprocess.run(
        [sys.executable, scripts / name, address, "admin"], input="\n".join(answers) + "\n", text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, timeout=120, cwd=tempfile.mkdtemp(),
    )
    if done.returncode:
        failed += 1
        print(f"FAILED {name} {answers[:-1]}: exit code {done.returncode}\n{done.stdout}")
    else:
        print(f"ok {name}")


def signed_in(site=""):
    body = f'<tsRequest><credentials name="admin" password="admin-password"><site contentUrl="{site}"/></credentials></tsRequest>'
    answer = send("auth/signin", body)
    return answer.split('token="')[1].split('"')[0], answer.split('site id="')[1].split('"')[0]


def send(path, body=None, token="", kind="application/xml"):
    body = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(f"{address}/api/3.28/{path}", body, {"X-Tableau-Auth": token, "Content-Type": kind})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def expect(where, path, text):
    global failed
    token, site = signed_in(where)
    answer = send(f"sites/{site}/{path}", token=token)
    if text not in answer:
        failed += 1
        print(f"FAILED {path} of site '{where}' has no {text}:\n{answer}")


password = "admin-password"
book = str((files / "extract.twbx").absolute())
run("publish_workbook.py", book, password)  # SMP-1
expect("", "workbooks", 'name="extract"')
run("move_workbook_projects.py", "extract", "Finance", password)  # SMP-3
expect("", "workbooks?filter=projectName:eq:Finance", 'name="extract"')
run("update_permission.py", "ana", "Write", "Allow", password)  # SMP-6
run("update_permission.py", "ana", "Write", "Deny", password)
run("user_permission_audit.py", "ana", "ExportImage", "Allow", "extract", password)
run("users_by_group.py", password, "", "")  # SMP-7
run("move_workbook_sites.py", "extract", "finance", password)  # SMP-4
expect("", "workbooks", 'totalAvailable="0"')
expect("finance", "workbooks", 'name="extract"')
run("publish_workbook.py", book, password)
run("move_workbook_projects.py", "extract", "Finance", password)
run("move_workbook_server.py", "extract", address, "admin", password, password)  # from Finance to Default
expect("", "workbooks?filter=projectName:eq:Default", 'name="extract"')
expect("", "workbooks", 'totalAvailable="1"')

token, site = signed_in()
project = send(f"sites/{site}/projects?filter=name:eq:Default", token=token).split('project id="')[1].split('"')[0]
parts = [
    b'Content-Disposition: name="request_payload"\r\nContent-Type: text/xml\r\n\r\n'
    + f'<tsRequest><datasource name="Numbers"><project id="{project}"/></datasource></tsRequest>'.encode(),
    b'Content-Disposition: name="tableau_datasource"; filename="Numbers.tdsx"\r\nContent-Type: application/octet-stream\r\n\r\n'
    + (files / "extract.tdsx").read_bytes(),
]
send(f"sites/{site}/datasources", b"--b\r\n" + b"\r\n--b\r\n".join(parts) + b"\r\n--b--\r\n", token, "multipart/mixed; boundary=b")
run("move_datasource_server.py", "Numbers", "", address, "admin", "finance", password, password)  # SMP-5
expect("", "datasources", 'totalAvailable="0"')
expect("finance", "datasources", 'name="Numbers"')
sys.exit(1 if failed else 0)
