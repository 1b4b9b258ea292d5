"""Runs the commands of tabcmd 2, each in a process of its own as people do, and checks their exit codes.

Usage: run_tabcmd.py SERVER FILES

SERVER is an emulator with the demonstration world. FILES is a folder with sales.twb, orders.tds, extract.twbx and
extract.tdsx.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

address, files = sys.argv[1], Path(sys.argv[2]).absolute()
os.chdir(tempfile.mkdtemp())
failed = 0


def tabcmd(*arguments, code=0, begins=None):
    """Runs a command; what it writes to the file after -f must begin with begins."""
    global failed
    session = ["-s", address, "-u", "admin", "-p", "admin-password", "--no-certcheck", "--no-prompt"]
    done = subprocess.run(
        [sys.executable, "-m", "tabcmd", *arguments, *session],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=120,
    )
    line = " ".join(map(str, arguments))
    if done.returncode != code:
        failed += 1
        print(f"FAILED {line}: exit code {done.returncode}, want {code}\n{done.stdout}")
    elif begins and not Path(arguments[-1]).read_bytes().startswith(begins):
        failed += 1
        print(f"FAILED {line}: it wrote {Path(arguments[-1]).read_bytes()[:100]!r}")
    else:
        print(f"ok {line}")


Path("group.csv").write_text("ana\neve\n")
Path("add.csv").write_text("nina,pw,Nina N,viewer,none,no,\n")
Path("remove.csv").write_text("nina\n")

tabcmd("login")
tabcmd("listsites")
for kind in ["workbooks", "projects", "datasources", "flows"]:
    tabcmd("list", kind)
tabcmd("createproject", "-n", "New", "-d", "desc")
tabcmd("createproject", "-n", "New", "-d", "desc", code=1)
tabcmd("createproject", "-n", "New", "-d", "desc", "--continue-if-exists")
tabcmd("createproject", "-n", "Sub", "--parent-project-path", "Finance/North")
tabcmd("publishsamples", "-n", "Default")
tabcmd("publish", files / "extract.twbx", "-n", "Sample", "-r", "New", "--overwrite", "--tabbed", "--skip-connection-check")
tabcmd("publish", files / "sales.twb", "-n", "Live", "-r", "New", "--overwrite")
embedded = ["--db-username", "u", "--db-password", "p", "--save-db-password"]
tabcmd("publish", files / "extract.tdsx", "-n", "X", "-r", "New", "--overwrite", *embedded)
tabcmd("publish", files / "orders.tds", "-n", "Y", "-r", "New", "--overwrite")
tabcmd("publish", files / "extract.tdsx", "-n", "X", "-r", "New", "--replace")
tabcmd("get", "/workbooks/Sample.twbx", "-f", "got.twbx", begins=(files / "extract.twbx").read_bytes())
tabcmd("get", "/datasources/X.tdsx", "-f", "got.tdsx", begins=(files / "extract.tdsx").read_bytes())
tabcmd("get", "/views/Live/Map.png?Region=East&:refresh=yes", "-f", "got.png", begins=b"\x89PNG")
tabcmd("get", "/views/Live/Map.pdf", "-f", "got.pdf", begins=b"%PDF")
tabcmd("get", "/views/Live/Map.csv", "-f", "got.csv")
tabcmd("export", "Live/Map", "--png", "-f", "made.png", begins=b"\x89PNG")
tabcmd("export", "Live/Map", "--csv", "--filter", "Region=West", "-f", "made.csv")
tabcmd("export", "Live/Map", "--pdf", "--pagelayout", "landscape", "-f", "made.pdf", begins=b"%PDF")
tabcmd("export", "Live/Map", "--fullpdf", "-f", "full.pdf", begins=b"%PDF")
tabcmd("refreshextracts", "--workbook", "Sample", "--project", "New", "--synchronous")
tabcmd("refreshextracts", "--datasource", "X", "--project", "New", "--incremental")
tabcmd("deleteextracts", "--workbook", "Sample", "--include-all", "--project", "New")
tabcmd("createextracts", "--workbook", "Live", "--include-all", "--project", "New")
tabcmd("creategroup", "G")
tabcmd("addusers", "G", "--users", "group.csv")
tabcmd("removeusers", "G", "--users", "group.csv")
tabcmd("deletegroup", "G")
tabcmd("createsiteusers", "add.csv", "--role", "Viewer")
tabcmd("deletesiteusers", "remove.csv")
tabcmd("delete", "Live", "--workbook", "--project", "New")
tabcmd("delete", "Y", "--datasource", "--project", "New")
tabcmd("deleteproject", "New")
tabcmd("createsite", "N")
tabcmd("editsite", "N", "--storage-quota", "20")  # it signs in to the site that it edits
for command in ["encryptextracts", "decryptextracts", "reencryptextracts"]:
    tabcmd(command, "Default", code=2)  # the client fails on the answer, which has no body
tabcmd("deletesite", "N", "-t", "n")
tabcmd("logout")
sys.exit(1 if failed else 0)
