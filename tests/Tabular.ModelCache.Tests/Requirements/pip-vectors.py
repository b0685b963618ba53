#!/usr/bin/env python3
"""Writes pip-vectors.json: what pip itself makes of requirements files. Run it with the Python whose pip is to be asked:

    python3 pip-vectors.py > pip-vectors.json
"""
import json
import os
import re
import sys
import tempfile

import pip
from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements

SHA = "sha256:" + "0" * 64

# Set for the run; a variable that is empty counts as one that is not set.
VARIABLES = {"VERSION": "2.4.0", "HOST_1": "pypi.example", "EMPTY": "", "lower": "x"}
TARGET = {
    "os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64",
    "platform_python_implementation": "CPython", "implementation_name": "cpython", "python_version": "3.11",
    "python_full_version": "3.11.4", "implementation_version": "3.11.4", "extra": "",
}

CASES = {
    "comments": "# one\n  # two\ntorch # three\n\ntorch==1\t# five\nx @ https://h/x-1-py3-none-any.whl#sha256=ab # six\n",
    "hash sign within a word": "torch#four\n",
    "hash sign within a URL": "https://h/p.zip#egg=Some_Name\nname @ https://h/p.zip#subdirectory=a\n",
    "continuation": "torch \\\n  ==2.4.0 \\\n  --hash=%s \\\n  --hash=%s\nnumpy\n" % (SHA, SHA),
    "continuation within a word": "tor\\\nch==\\\n2.4.0\n",
    "continuation that meets a comment": "torch \\\n# comment \\\n==2.4.0\nnumpy\n",
    "continuation behind a comment": "torch # comment \\\n==2.4.0\nnumpy\n",
    "continuation with a blank line": "torch\\\n\n==2.4.0\n",
    "continuation at the end of the file": "numpy\ntorch \\\n",
    "backslashes at both ends": "\\torch==2.4.0\\\\\n,<3\n",
    "space behind a backslash": "torch \\ \nnumpy\n",
    "carriage returns": "torch==2.4.0 \\\r\n  --hash=%s\r\nnumpy\r\n" % SHA,
    "old carriage returns": "torch\rnumpy\r",
    "other ends of lines": "torch\fnumpy\vscipy\u2028pandas\x85pip\x1cwheel\n",
    "variables": "torch==${VERSION}\n--extra-index-url https://${HOST_1}/simple\n",
    "variables that stay": "--find-links ${EMPTY}/a\n--find-links ${UNKNOWN}/b\n--find-links $VERSION/c\n--find-links ${lower}/d\n--find-links ${}/e\n",
    "long options": "--index-url https://a/simple\n--extra-index-url=https://b/simple\n--find-links 'a folder'\n--trusted-host a --pre --prefer-binary\n",
    "short options": "-i https://a/simple\n-ihttps://b/simple\n-f links\n-flinks2\n",
    "shortened options": "--index https://a/simple\n--extra https://b/simple\n--find=links\n",
    "older name": "--pypi-url https://a/simple\n",
    "ambiguous option": "--no https://a\n",
    "unknown option": "--frobnicate\n",
    "unknown short option": "-x\n",
    "value missing": "--index-url\n",
    "value of a switch": "--pre=1\n",
    "quote left open": "--find-links 'a\n",
    "escape left open": "--find-links a\\ \n",
    "escapes": "--find-links \"a\\\"b\\c\"\n--find-links a\\'b\n--find-links ''x\n",
    "index replaces": "--extra-index-url https://a/\n--index-url https://b/\n--extra-index-url https://c/\n--extra-index-url https://d/\n",
    "index on one line": "--index-url https://a/ --index-url https://b/ --extra-index-url https://c/ --extra-index-url https://d/\n",
    "no index": "--extra-index-url https://a/\n--no-index\n--index-url https://b/\n--find-links links\n",
    "several links on one line": "--find-links a --find-links b\n",
    "options on the line of a requirement": "torch --index-url https://a/\ntorch==1 --hash=%s --pre\n" % SHA,
    "requirement behind an option": "--pre torch\n",
    "hyphen within a word": "torch-vision --hash=%s\ntorch\t--pre\n" % SHA,
    "tab before an option": "torch==1\t--hash=%s\n" % SHA,
    "weak hash": "torch==1 --hash=md5:00\n",
    "hash without algorithm": "torch==1 --hash=00\n",
    "settings": "torch==1 --config-settings=a=b --config-settings c=d --global-option=x\n-C e=f\n",
    "bad settings": "torch==1 --config-settings=a\n",
    "editable repository": "-e git+https://h/r.git@main#egg=Some_Name[a]&subdirectory=x\n--editable=git+ssh://git@h/r.git#egg=other\n",
    "editable behind a requirement": "torch -e git+https://h/r.git#egg=other\n",
    "names": "Flask_SQLAlchemy\nruamel.yaml\nA--B__c..d\n",
    "extras": "torch[a]\ntorch[ a , B_c ] >= 1\ntorch[]\n",
    "versions": "a==1\nb>=1,<2\nc ~= 1.4 , != 1.5\nd (>=1,<2)\ne===1+cpu\nf==1.*\ng==2.4.0+cpu\nh<=1.0.post1\ni == 1!2\n",
    "single equals": "torch=1\n",
    "two words": "torch 2\n",
    "name that ends with a hyphen": "torch-==1\n",
    "extras not closed": "torch[a==1\n",
    "wheel": "https://h/whl/cpu/torch-2.4.0%2Bcpu-cp311-cp311-linux_x86_64.whl\n./w/Some_name-1.0-py3-none-any.whl\nplain-1.0-1-py3-none-any.whl\n",
    "archive": "https://h/a.tar.gz#egg=name\nname@https://h/a.tgz\nname[x] @ https://h/a.zip ; python_version < '3'\n",
    "URL and marker": "https://h/a-1-py3-none-any.whl; sys_platform == 'linux'\nhttps://h/b-1-py3-none-any.whl;x\n",
    "repository": "name @ git+https://h/r.git@v1\ngit+https://h/r.git#egg=other\n",
    "no URL": "name @ somewhere\n",
    "nested": {"main": "-r sub/a.txt\nlast\n", "sub/a.txt": "-r b.txt\n-c ../c.txt\na\n", "sub/b.txt": "b\n", "c.txt": "c==1\n-r d.txt\n", "d.txt": "d\n"},
    "nested twice": {"main": "-r a.txt\n-r a.txt\n", "a.txt": "a\n"},
    "nested with more on the line": {"main": "-r a.txt --index-url https://a/ -r b.txt\n-c a.txt -r b.txt\n", "a.txt": "a\n", "b.txt": "b\n"},
    "nested in quotes": {"main": "-r 'a b.txt'\n--requirement=c.txt\n-rd.txt\n", "a b.txt": "a\n", "c.txt": "c\n", "d.txt": "d\n"},
    "nested behind a requirement": {"main": "torch -r a.txt\n", "a.txt": "a\n"},
    "nested options": {"main": "torch\n-r a.txt\n", "a.txt": "--index-url https://a/\n"},
}
MARKERS = [
    "sys_platform == 'linux'", 'sys_platform != "linux"', "sys_platform=='win32' or os_name=='posix'", "sys_platform=='win32' and os_name=='posix' or extra == ''",
    "sys_platform=='win32' and (os_name=='posix' or extra == '')", "'linux' in sys_platform", "sys_platform in 'linux darwin'",
    "platform_machine not in 'arm64 aarch64'", "platform_machine == 'aarch64'", "python_version >= '3.9'", "python_version < '3.11'",
    "python_version < '3.9' or python_version >= '3.10'", "python_version == '3.*'", "python_version == '3.11.*'", "python_version != '3.11.*'",
    "python_version ~= '3.8'", "python_version ~= '3.12'", "'3.8' <= python_version", "python_version in '3.10, 3.11'", "python_version > '3.9.7'",
    "python_full_version < '3.11.0a6'", "python_full_version >= '3.11.3'", "python_full_version == '3.11.4'", "python_version === '3.11'",
    "platform_python_implementation == 'CPython'", "implementation_name != 'pypy'", "platform_system == \"Darwin\"", "extra == 'gpu'",
    "os.name == 'posix'", "sys.platform == 'linux2'", "python_implementation == 'CPython'", "python_version == 'x'",
    "unknown == 'x'", "sys_platform = 'linux'", "sys_platform == linux", "(sys_platform == 'linux'", "sys_platform == 'linux' and",
    "sys_platform not 'linux'", "sys_platform == 'linux",
]


def describe(parsed):
    requirement = install_req_from_parsed_requirement(parsed)
    marker = None if requirement.markers is None else requirement.markers.evaluate(TARGET)
    req = requirement.req
    file, line = re.fullmatch(r"-[rc] (.*) \(line (\d+)\)", parsed.comes_from).groups()
    return {
        "file": file,
        "line": int(line),
        "constraint": parsed.constraint,
        "editable": parsed.is_editable,
        "name": req and req.name,
        "extras": sorted(requirement.extras),
        "versions": sorted(str(s) for s in req.specifier) if req and not requirement.link else [],
        "direct": requirement.link is not None,
        "hashes": sum(len(h) for h in (parsed.options or {}).get("hashes", {}).values()),
        "counts": marker,
    }


def ask(files):
    session = PipSession()
    finder = PackageFinder.create(
        link_collector=LinkCollector(session, SearchScope.create(find_links=[], index_urls=["https://pypi.org/simple"], no_index=False)),
        selection_prefs=SelectionPreferences(allow_yanked=True),
    )
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, text in files.items():
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            with open(name, "wb") as stream:
                stream.write(text.encode("utf-8"))
        try:
            lines = [describe(p) for p in parse_requirements("main", session, finder)]
        except Exception:
            return {"refused": True}
    for line in lines:
        line["file"] = os.path.normpath(line["file"])
    return {"lines": lines, "indexes": finder.index_urls, "links": finder.find_links}


for variable in list(os.environ):
    if variable.startswith("PIP_") or variable in ("UNKNOWN",):
        del os.environ[variable]
os.environ.update(VARIABLES)
os.environ["PYTHONUTF8"] = "1"
cases = {name: files if isinstance(files, dict) else {"main": files} for name, files in CASES.items()}
cases.update({"marker %s" % m: {"main": "name; %s\n" % m} for m in MARKERS})
json.dump(
    {"pip": pip.__version__, "variables": VARIABLES, "cases": [{"name": n, "files": f, "expected": ask(f)} for n, f in cases.items()]},
    sys.stdout, indent=1, ensure_ascii=True)
print()
